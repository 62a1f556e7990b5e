import { queryOptions, useQuery } from '@tanstack/react-query';

import { getExtensions, getLines } from '../../../../shared/directory/directory.schema.ts';
import { ask } from '../api/api-client.ts';
import { formatPhone } from '../format/format.ts';
import { useEnterprise } from '../session/enterprise.ts';

type Names = ReadonlyMap<string, string>;

const FRESH_MS = 5 * 60_000;

/** Names of the employees, by extension. */
const extensionNamesQuery = (number: string) =>
  queryOptions({
    queryKey: ['extensions', number, 'names'],
    queryFn: async ({ signal }): Promise<Names> => {
      const { items } = await ask(getExtensions, { params: { number }, signal });
      return new Map(items.flatMap(({ extension, name }) => (name ? [[extension, name]] : [])));
    },
    staleTime: FRESH_MS,
  });

const lineNamesQuery = (number: string) =>
  queryOptions({
    queryKey: ['lines', number, 'names'],
    queryFn: async ({ signal }): Promise<Names> => {
      const { items } = await ask(getLines, { params: { number }, signal });
      return new Map(items.map(({ line, name }) => [line, name]));
    },
    staleTime: FRESH_MS,
  });

/** `150 Анна`; a number without a name stays a number. */
export function useExtensionName(): (extension: string) => string {
  const { number } = useEnterprise();
  const { data: names } = useQuery(extensionNamesQuery(number));
  return (extension) => {
    const name = names?.get(extension);
    return name ? `${extension} ${name}` : formatPhone(extension);
  };
}

/** `Склад`; a line without a name stays a number. */
export function useLineName(): (line: string) => string {
  const { number } = useEnterprise();
  const { data: names } = useQuery(lineNamesQuery(number));
  return (line) => names?.get(line) ?? line;
}
