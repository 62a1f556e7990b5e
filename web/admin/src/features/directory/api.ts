import { queryOptions } from '@tanstack/react-query';

import {
  getExtensions,
  getLines,
  putExtensions,
  putLines,
} from '../../../../../shared/directory/directory.schema.ts';
import { ask } from '../../api/api-client.ts';
import { type Entry, fromExtension, fromLine, type Kind, toExtension, toLine } from './entries.ts';

async function loadEntries(number: string, kind: Kind, signal?: AbortSignal): Promise<Entry[]> {
  const question = { params: { number }, ...(signal && { signal }) };
  return kind === 'extensions'
    ? (await ask(getExtensions, question)).items.map(fromExtension)
    : (await ask(getLines, question)).items.map(fromLine);
}

/** The employees or the lines of an enterprise, by number. */
export const directoryQuery = (number: string, kind: Kind) =>
  queryOptions({
    queryKey: [kind, number, 'all'],
    queryFn: ({ signal }) => loadEntries(number, kind, signal),
  });

/** Lays a change over the list as it is stored by now: somebody else may have changed it meanwhile. */
export async function changeDirectory(
  number: string,
  kind: Kind,
  change: (entries: Entry[]) => Entry[],
): Promise<void> {
  const entries = change(await loadEntries(number, kind));
  const params = { number };
  if (kind === 'extensions')
    await ask(putExtensions, { params, body: { items: entries.map(toExtension) } });
  else await ask(putLines, { params, body: { items: entries.map(toLine) } });
}
