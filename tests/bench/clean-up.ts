import type { Db } from '../../shared/db.ts';
import { createCleanup } from '../../shared/recordings/cleanup.ts';
import { type Benchmark, type Row, verdict } from './benchmark.ts';
import { median, ms } from './figures.ts';
import { inOwnDatabase } from './own-database.ts';

const EXPIRED = 10_000;
const SIZES = [
  { name: '20 k', kept: 10_000 },
  { name: '1 M', kept: 990_000 },
];
/** Grows with what is deleted: with 50 times as many kept it may take no longer than this times as long. */
const MOST = 1.5;
const ROUNDS = 5;
const NUMBER = '9001';

/** Everything but the store's own time: a request of a thousand keys answers at once. */
const store = { deleteMany: async () => [] };

export const cleanUp: Benchmark = {
  name: 'clean-up',
  says: `${EXPIRED} recordings past their time, among few and among many`,
  needs: 'services',
  async run({ postgresPort }, { quick, say }) {
    const took: { name: string; took: number }[] = [];
    for (const { name, kept } of SIZES) {
      const recordings = quick ? Math.min(kept, 100_000) : kept;
      say(`${EXPIRED} of ${EXPIRED + recordings}`);
      took.push({ name, took: await measure(postgresPort, recordings) });
    }
    const [few, many] = took;
    const ratio = few && many ? many.took / few.took : Number.NaN;
    const row: Row = {
      what: `clean-up of 10 k recordings among 1 M${quick ? ' (quick: 110 k)' : ''}`,
      goal: `grows with the 10 k: ≤ ${MOST} × the time among 20 k`,
      median: ms(many?.took ?? Number.NaN),
      p95: '',
      ratio: ratio.toFixed(2),
      verdict: verdict(ratio <= MOST),
      note: `among 20 k: ${ms(few?.took ?? Number.NaN)}, each the median of ${ROUNDS} rounds; rows, journal and marks, without the store's own time`,
    };
    return [row];
  },
};

/** Milliseconds, the median of the rounds. */
const measure = (port: number, kept: number): Promise<number> =>
  inOwnDatabase(port, async (db, unhurried) => {
    await unhurried`
      insert into enterprises (number, name, token, secret)
      values (${NUMBER}, 'bench', 'bench-token', 'bench-secret')`;
    await fill(unhurried, kept, 'kept', 1);
    const clean = createCleanup({ db, store });
    const took: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      await fill(unhurried, EXPIRED, `old-${round}-`, 200);
      await unhurried`vacuum analyze recordings`;
      const began = performance.now();
      const { deleted } = await clean({ enterprises: [NUMBER] });
      took.push(performance.now() - began);
      if (deleted !== EXPIRED) throw new Error(`${deleted} were deleted`);
    }
    return median(took);
  });

async function fill(db: Db, count: number, kind: string, daysAgo: number) {
  await db`
    insert into recordings (id, enterprise_number, unique_id, source, state, file, key, content_type, size, started_at,
      stored_at)
    select gen_random_uuid(), ${NUMBER}, 'u' || n, 'upload', 'stored', ${kind} || n || '.wav',
      'call-recordings/' || ${kind} || '/' || n || '.wav', 'audio/wav', 1000,
      now() - make_interval(days => ${daysAgo}) - make_interval(secs => n), now()
    from generate_series(1, ${count}::int) as n`;
}
