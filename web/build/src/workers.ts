const WORKERS: Record<string, string> = { json: 'json.worker.js', graphql: 'graphql.worker.js' };

// Monaco looks for this name.
Object.assign(globalThis, {
  MonacoEnvironment: {
    getWorker: (_id: string, label: string) =>
      new Worker(new URL(WORKERS[label] ?? 'editor.worker.js', import.meta.url)),
  },
});
