import type { Counts } from '../lambda/schedule.ts';
import type { Store } from '../recordings/store.ts';

/** Under it the files lie by day, so that a day can go as a whole. */
const EXPORTS = 'exports/';
const DAY = new RegExp(`^${EXPORTS}(\\d{4}-\\d{2}-\\d{2})/`);
const DAY_MS = 86_400_000;
/** How long a table may be fetched. */
export const KEPT_MS = 7 * DAY_MS;

export const exportKey = ({ id, createdAt }: { id: string; createdAt: Date }): string =>
  `${EXPORTS}${dayOf(createdAt)}/${id}.csv`;

/** Deletes the tables that nobody may fetch any more. */
export async function clearExports(
  store: Pick<Store, 'list' | 'deleteMany'>,
  now = new Date(),
): Promise<Counts> {
  // The whole day has to be over its time.
  const before = dayOf(new Date(now.getTime() - KEPT_MS - DAY_MS));
  let exports = 0;
  for await (const page of store.list(EXPORTS)) {
    const old = page.map(({ key }) => key).filter((key) => (DAY.exec(key)?.[1] ?? '9') < before);
    const left = await store.deleteMany(old);
    exports += old.length - left.length;
  }
  return { exports };
}

const dayOf = (moment: Date): string => moment.toISOString().slice(0, 10);
