import { useOpenTab } from './openTab';
import type { StageView } from './run';
import { STAGES, useRun } from './run';
import { FEEDBACK, WATCH } from './tabs';

const MARKS: Record<string, string> = {
  COMPLETED: '✓',
  RUNNING: '●',
  FAILED: '✕',
  SKIPPED: '–',
  CANCELLED: '✕',
};

/** The run that was last started or watched: its stages, and the way to the next step. */
export function RunSection() {
  const { id, status, error, warnings, stages } = useRun();
  const openTab = useOpenTab();
  if (!id) {
    return (
      <section aria-labelledby="run-title">
        <h2 id="run-title">Run</h2>
        <p className="muted">
          Press the pink button in one of the Start tabs. The seven stages of the run tick by here.
        </p>
      </section>
    );
  }
  const feedback = FEEDBACK.variables as { input: object };
  return (
    <section aria-labelledby="run-title">
      <h2 id="run-title">
        Run{' '}
        <span className="status" role="status" data-testid="run-status" data-status={status ?? ''}>
          {status?.toLowerCase() ?? 'started'}
        </span>
      </h2>
      <code className="id" data-testid="run-id">
        {id}
      </code>
      <p className="actions">
        <button type="button" data-testid="watch-run" onClick={() => openTab(WATCH, { id }, true)}>
          Watch this run
        </button>
        <button
          type="button"
          className="quiet"
          data-testid="give-feedback"
          onClick={() => openTab(FEEDBACK, { input: { ...feedback.input, generationId: id } }, false)}
        >
          Give feedback
        </button>
      </p>
      {error && <p role="alert">{error}</p>}
      {warnings.length > 0 && (
        <ul className="warnings" aria-label="Warnings">
          {warnings.map((warning) => (
            <li key={warning}>{warning}</li>
          ))}
        </ul>
      )}
      <ol className="stages">
        {STAGES.map((name) => (
          <StageRow key={name} name={name} stage={stages[name]} />
        ))}
      </ol>
    </section>
  );
}

function StageRow({ name, stage }: { name: string; stage: StageView | undefined }) {
  const status = stage?.status ?? 'PENDING';
  return (
    <li data-testid={`stage-${name}`} data-status={status}>
      <span className="mark" role="img" aria-label={status.toLowerCase()}>
        {MARKS[status] ?? '○'}
      </span>
      <span>{name[0] + name.slice(1).toLowerCase()}</span>
      <span className="muted">{stage?.summary ?? status.toLowerCase()}</span>
    </li>
  );
}
