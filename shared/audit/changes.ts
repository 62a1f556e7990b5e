import { isDeepStrictEqual } from 'node:util';

/** What a field was and what it is now; undefined becomes null. */
export type Change = { field: string; before: unknown; after: unknown };

type Fields = Record<string, unknown>;

type Options = {
  /** Fields of which only that they changed is written down. */
  secret?: readonly string[];
  /** How a value of a secret field is written; by default nothing of it is. */
  mask?: (value: unknown) => unknown;
};

const MASK = '••••';

/** The fields that differ, secrets masked. */
export function changesBetween(
  before: Fields,
  after: Fields,
  { secret = [], mask = () => MASK }: Options = {},
): Change[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names].flatMap((field) => {
    const [was, is] = [before[field] ?? null, after[field] ?? null];
    if (isDeepStrictEqual(was, is)) return [];
    const shown = (value: unknown) =>
      value !== null && secret.includes(field) ? mask(value) : value;
    return [{ field, before: shown(was), after: shown(is) }];
  });
}
