import { create } from 'zustand';

export const STAGES = [
  'ANALYSIS',
  'ENHANCEMENT',
  'PERSONA',
  'ROUTING',
  'OPTIMIZATION',
  'GENERATION',
  'DELIVERY',
] as const;

export interface StageView {
  status: string;
  summary: string | null;
}

export interface Picture {
  url: string;
  label: string;
}

export interface RunView {
  id: string | null;
  status: string | null;
  error: string | null;
  warnings: string[];
  stages: Record<string, StageView>;
  pictures: Picture[];
}

type Json = Record<string, unknown>;

const NOTHING: RunView = {
  id: null,
  status: null,
  error: null,
  warnings: [],
  stages: {},
  pictures: [],
};

/** What the responses so far have told about the run that was last started or watched. */
export const useRun = create<RunView>(() => NOTHING);

/** Takes in the data of one response; returns the cursor of the event in it, if there is one. */
export function observe(data: unknown): string | null {
  if (!isObject(data)) return null;
  let cursor: string | null = null;
  for (const [field, value] of Object.entries(data)) {
    if (!isObject(value)) continue;
    if (/^(generate|refine|retry)/.test(field) && typeof value.id === 'string') follow(value.id);
    if (field === 'generationEvents' && typeof value.generationId === 'string') {
      follow(value.generationId);
      takeEvent(value);
      cursor = typeof value.cursor === 'string' ? value.cursor : cursor;
    }
    if (value.id === useRun.getState().id) takeSnapshot(value);
  }
  addPictures(picturesIn(data));
  return cursor;
}

/** Returns the run that came to its end with this response, if one did. */
export function ended(data: unknown): string | null {
  const event = isObject(data) && isObject(data.generationEvents) ? data.generationEvents : {};
  const over = ['COMPLETED', 'FAILED', 'CANCELLED'].includes(String(event.status));
  return over ? textOf(event.generationId) : null;
}

function follow(id: string): void {
  if (useRun.getState().id !== id) useRun.setState({ ...NOTHING, id });
}

function takeEvent(event: Json): void {
  if (isObject(event.stage)) takeStage(event.stage);
  if (typeof event.name === 'string') {
    takeStage({ name: event.name, status: 'RUNNING', summary: event.message });
  }
  takeSnapshot(event);
}

function takeSnapshot(value: Json): void {
  if (typeof value.status === 'string') {
    const error = isObject(value.error) ? textOf(value.error.message) : null;
    useRun.setState({ status: value.status, error });
  }
  if (Array.isArray(value.warnings)) useRun.setState({ warnings: value.warnings.map(String) });
  if (Array.isArray(value.stages)) value.stages.filter(isObject).forEach(takeStage);
}

function takeStage({ name, status, summary }: Json): void {
  if (typeof name !== 'string' || typeof status !== 'string') return;
  useRun.setState(({ stages }) => ({
    stages: { ...stages, [name]: { status, summary: textOf(summary) } },
  }));
}

function addPictures(found: Picture[]): void {
  if (!found.length) return;
  useRun.setState(({ pictures }) => {
    const byUrl = new Map([...pictures, ...found].map((picture) => [picture.url, picture]));
    return { pictures: [...byUrl.values()] };
  });
}

function picturesIn(value: unknown): Picture[] {
  if (Array.isArray(value)) return value.flatMap(picturesIn);
  if (!isObject(value)) return [];
  const inside = Object.values(value).flatMap(picturesIn);
  const { url, kind, width, height } = value;
  if (typeof url !== 'string' || !isNear(url)) return inside;
  const size = width && height ? `${width} × ${height}` : '';
  return [{ url, label: [kind === 'SOURCE' ? 'your photo' : '', size].filter(Boolean).join(', ') }, ...inside];
}

/** Is it on this host? Nothing else is fetched without the designer asking. */
function isNear(url: string): boolean {
  if (!URL.canParse(url, location.href)) return false;
  const { protocol, origin, hostname } = new URL(url, location.href);
  const loopback = ['localhost', '127.0.0.1', '[::1]'].includes(hostname);
  return /^https?:$/.test(protocol) && (origin === location.origin || loopback);
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
