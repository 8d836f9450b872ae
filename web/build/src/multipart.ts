import type { FetcherParams } from '@graphiql/toolkit';
import type { BoundFile } from './files';

/** The form of a graphql-multipart-request: the operation with null for each file, the map, the files. */
export function multipartForm(params: FetcherParams, files: BoundFile[]): FormData {
  const form = new FormData();
  const variables = files.reduce<unknown>((all, { path }) => withNull(all, path.split('.')), params.variables);
  form.append('operations', JSON.stringify({ ...params, variables }));
  form.append('map', JSON.stringify(Object.fromEntries(files.map(({ path }, i) => [i, [`variables.${path}`]]))));
  files.forEach(({ file }, i) => form.append(`${i}`, file, file.name));
  return form;
}

function withNull(value: unknown, [head, ...rest]: string[]): unknown {
  if (head === undefined) return null;
  if (/^\d+$/.test(head)) {
    const items: unknown[] = Array.isArray(value) ? [...value] : [];
    while (items.length <= Number(head)) items.push(null);
    items[Number(head)] = withNull(items[Number(head)], rest);
    return items;
  }
  const fields = typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  return { ...fields, [head]: withNull(fields[head], rest) };
}
