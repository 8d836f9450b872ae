import { create } from 'zustand';

export interface BoundFile {
  key: string;
  file: File;
  /** Where it goes among the variables, such as "image" or "input.images.0"; "" is nowhere. */
  path: string;
  /** An object URL of the picture, null for what no browser shows. */
  preview: string | null;
}

export const useFiles = create<{ files: BoundFile[] }>(() => ({ files: [] }));

/** Adds files, each bound to the first of `paths` that is still free. */
export function addFiles(added: Iterable<File>, paths: string[]): void {
  useFiles.setState(({ files }) => {
    const taken = new Set(files.map((bound) => bound.path));
    const all = [...files];
    for (const file of added) {
      const path = paths.find((candidate) => !taken.has(candidate)) ?? '';
      taken.add(path);
      all.push({ key: crypto.randomUUID(), file, path, preview: previewOf(file) });
    }
    return { files: all };
  });
}

export function bindFile(key: string, path: string): void {
  useFiles.setState(({ files }) => ({
    files: files.map((bound) => (bound.key === key ? { ...bound, path } : bound)),
  }));
}

export function removeFile(key: string): void {
  useFiles.setState(({ files }) => {
    const gone = files.find((bound) => bound.key === key);
    if (gone?.preview) URL.revokeObjectURL(gone.preview);
    return { files: files.filter((bound) => bound !== gone) };
  });
}

function previewOf(file: File): string | null {
  return file.type.startsWith('image/') ? URL.createObjectURL(file) : null;
}
