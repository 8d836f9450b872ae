import type { Fetcher, FetcherParams, Observable } from '@graphiql/toolkit';
import type { ExecutionResult, OperationDefinitionNode } from 'graphql';
import { getOperationAST, parse } from 'graphql';
import { createClient } from 'graphql-ws';
import { useFiles } from './files';
import { multipartForm } from './multipart';
import { ended, observe } from './run';

const ACCEPT = 'application/graphql-response+json, application/json;q=0.9';

// Events don't carry them, and most are known only once the run is over.
const WARNINGS = 'query Warnings($id: ID!) { generation(id: $id) { id warnings } }';

type Headers = Record<string, string>;

interface Observer {
  next(result: ExecutionResult): void;
  error(cause: unknown): void;
  complete(): void;
}

/** Queries and mutations over HTTP, with the bound files; subscriptions over graphql-transport-ws. */
export function createFetcher(endpoint: URL): Fetcher {
  const socket = new URL(endpoint);
  socket.protocol = endpoint.protocol === 'https:' ? 'wss:' : 'ws:';
  let headers: Headers = {};
  const client = createClient({
    url: socket.href,
    lazy: true,
    retryAttempts: 12,
    retryWait: (retries) => pause(Math.min(200 * 2 ** retries, 8000) * (0.5 + Math.random())),
    // A browser can't set a socket's headers, so a bearer key travels in the first message.
    connectionParams: () => headers,
  });

  function subscribe(params: FetcherParams, resumable: boolean): Observable<ExecutionResult> {
    const payload = { ...params, variables: params.variables as Record<string, unknown> };
    const start = (observer: Observer) => {
      const unsubscribe = client.subscribe(payload, {
        next(result) {
          const cursor = observe(result.data);
          // The client sends this same payload again after a reconnect: then from here on.
          if (resumable && cursor) payload.variables = { ...payload.variables, after: cursor };
          const run = ended(result.data);
          if (run) askWarnings(run);
          observer.next(result as ExecutionResult);
        },
        error: (cause) => observer.error(legible(cause)),
        complete: () => observer.complete(),
      });
      return { unsubscribe };
    };
    return { subscribe: start } as Observable<ExecutionResult>;
  }

  function askWarnings(id: string): void {
    const params = { query: WARNINGS, operationName: 'Warnings', variables: { id } };
    // Without an answer the run is shown as it was; the query can be sent by hand.
    post(endpoint, params, headers, undefined).catch(() => undefined);
  }

  return (params, options) => {
    headers = (options?.headers as Headers | undefined) ?? {};
    const operation = operationOf(params);
    // Just after a change of tab GraphiQL still knows the last tab's operation.
    const named = { ...params, operationName: operation?.name?.value };
    if (operation?.operation !== 'subscription') return post(endpoint, named, headers, operation);
    return subscribe(named, declares(operation, 'after'));
  };
}

async function post(
  endpoint: URL,
  params: FetcherParams,
  extra: Headers,
  operation: OperationDefinitionNode | undefined,
): Promise<ExecutionResult> {
  const files = useFiles
    .getState()
    .files.filter(({ path }) => path && operation && declares(operation, path.split('.')[0]!));
  const [body, headers] = files.length
    ? [multipartForm(params, files), { 'GraphQL-Require-Preflight': '1' }]
    : [JSON.stringify(params), { 'Content-Type': 'application/json' }];
  const response = await fetch(endpoint, {
    method: 'POST',
    headers: { Accept: ACCEPT, ...headers, ...extra },
    body,
  });
  const result = await parsed(response);
  if (operation?.name?.value !== 'IntrospectionQuery') observe(result.data);
  return result;
}

async function parsed(response: Response): Promise<ExecutionResult> {
  const text = await response.text();
  try {
    return JSON.parse(text) as ExecutionResult;
  } catch {
    throw new Error(`The server answered ${response.status}: ${text.slice(0, 300)}`);
  }
}

function operationOf({ query, operationName }: FetcherParams): OperationDefinitionNode | undefined {
  try {
    const document = parse(query);
    return getOperationAST(document, operationName) ?? getOperationAST(document) ?? undefined;
  } catch {
    return undefined; // the server says best what is wrong with it
  }
}

function declares(operation: OperationDefinitionNode, variable: string): boolean {
  return (operation.variableDefinitions ?? []).some((each) => each.variable.name.value === variable);
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

function legible(cause: unknown): unknown {
  return cause instanceof CloseEvent
    ? new Error(`The live connection was closed: ${cause.code} ${cause.reason}`.trim())
    : cause;
}
