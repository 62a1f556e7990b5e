import type { Pool } from '../db.ts';
import type { Counts } from '../lambda/schedule.ts';
import { dayOf, dayPrefix } from './names.ts';
import { listDayRows, nextOldDay, saveDay } from './orphans.sql.ts';
import type { Store } from './store.ts';

const DAY_MS = 86_400_000;
const ZONE = 'Europe/Minsk';
/** At night, like the rest of the housekeeping. */
const HOUR = 3;

/**
 * Compares a day's objects with the rows: yesterday and one older day a night. What has no twin is shown, never deleted:
 * a mistake in a comparison must not cost a recording.
 */
export function createOrphanSearch({
  db,
  store,
  clock = () => new Date(),
}: {
  db: Pool;
  store: Pick<Store, 'list'>;
  clock?: () => Date;
}) {
  async function compare(day: string): Promise<Counts> {
    const rows = await listDayRows(db, dayPrefix(day));
    const orphans: { key: string; kind: string; size: number }[] = [];
    let objects = 0;
    let bytes = 0;
    for await (const page of store.list(dayPrefix(day))) {
      for (const { key, size } of page) {
        objects += 1;
        bytes += size;
        const expected = rows.get(key);
        rows.delete(key);
        if (expected === undefined) orphans.push({ key, kind: 'object without row', size });
        else if (expected !== size) orphans.push({ key, kind: 'size differs', size });
      }
    }
    for (const [key, size] of rows) orphans.push({ key, kind: 'row without object', size });
    await saveDay(db, { day, prefix: dayPrefix(day), objects, bytes, orphans });
    return { objects, orphans: orphans.length };
  }

  return {
    compare,
    /** Does nothing but at night. */
    async nightly(): Promise<Counts> {
      const now = clock();
      const hour = new Intl.DateTimeFormat('en', {
        hour: '2-digit',
        hourCycle: 'h23',
        timeZone: ZONE,
      });
      if (Number(hour.format(now)) !== HOUR) return {};
      const yesterday = dayOf(new Date(+now - DAY_MS), ZONE);
      const counts = await compare(yesterday);
      const older = await nextOldDay(db, yesterday);
      if (!older) return counts;
      const more = await compare(older);
      return {
        objects: (counts['objects'] ?? 0) + (more['objects'] ?? 0),
        orphans: (counts['orphans'] ?? 0) + (more['orphans'] ?? 0),
      };
    },
  };
}
