type Counted = { at: string; total: number; answered: number; missed: number };
export type Hour = { hour: string; total: number; answered: number; missed: number; other: number };

/** The working day is always shown, so that the picture does not begin with a single fat bar. */
const FIRST = 8;
const LAST = 19;

/** From the first hour with calls to the last, at least the working day; hours without calls are there with zeros. */
export function hoursOf(counted: Counted[], label: (iso: string) => string): Hour[] {
  const hourOf = (iso: string): number => Number(label(iso).slice(0, 2));
  const known = new Map(counted.map((each) => [hourOf(each.at), each]));
  const first = Math.min(FIRST, ...known.keys());
  const last = Math.max(LAST, ...known.keys());
  return Array.from({ length: last - first + 1 }, (_hour, index) => {
    const hour = first + index;
    const { total = 0, answered = 0, missed = 0 } = known.get(hour) ?? {};
    const shown = `${String(hour).padStart(2, '0')}:00`;
    return { hour: shown, total, answered, missed, other: Math.max(0, total - answered - missed) };
  });
}
