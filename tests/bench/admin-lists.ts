import { selectCalls } from '../../shared/calls/call-list.sql.ts';
import type { Pool } from '../../shared/db.ts';
import {
  type DeliveryFilters,
  selectDeliveries,
} from '../../shared/integrations/deliveries.sql.ts';
import { type LogFilters, selectLogs } from '../../shared/integrations/logs.sql.ts';
import { EVERY_FILTER, LARGE, MIDDLE, storeManyCalls } from '../support/many-calls.ts';
import { DELIVERIES_PER_CALL, storeManyDeliveries } from '../support/many-deliveries.ts';
import { explain, type Query, readWhole } from '../support/plan.ts';
import { type Benchmark, type Row, verdict } from './benchmark.ts';
import { median, ms, p95 } from './figures.ts';
import { inOwnDatabase } from './own-database.ts';

const MOST_MS = 50;
const CALLS_WITH_DELIVERIES = 300_000;
/** One more than a page shows: the last one says whether there is a next page. */
const LIMIT = 51;
const ROUNDS = 3;

export const adminLists: Benchmark = {
  name: 'admin-lists',
  says: 'the queries of calls, deliveries and the log of an enterprise with 100 k calls among 1 M, as PostgreSQL times them',
  needs: 'services',
  async run({ postgresPort }, { say }) {
    return inOwnDatabase(postgresPort, async (db, unhurried) => {
      await storeManyCalls(unhurried);
      await unhurried.begin((tx) => storeManyDeliveries(tx, CALLS_WITH_DELIVERIES));
      await unhurried`vacuum analyze`;
      say('1 M calls with their deliveries are stored');
      const rows = `${(CALLS_WITH_DELIVERIES * DELIVERIES_PER_CALL) / 1000} k`;
      return [
        await measure(
          db,
          'calls, 1 M',
          queries((page) => selectCalls(db, page), EVERY_FILTER, MIDDLE),
        ),
        await measure(
          db,
          `deliveries, ${rows}`,
          queries((page) => selectDeliveries(db, page), OF_DELIVERIES, MIDDLE_ID),
        ),
        await measure(
          db,
          `log of integrations, ${rows}`,
          queries((page) => selectLogs(db, page), OF_LOGS, MIDDLE_ID),
        ),
      ];
    });
  },
};

const PERIOD = { from: new Date('2026-09-20T00:00:00Z'), to: new Date('2026-09-21T00:00:00Z') };
const MIDDLE_ID = String((CALLS_WITH_DELIVERIES * DELIVERIES_PER_CALL) / 2);

const OF_DELIVERIES: DeliveryFilters[] = [
  {},
  PERIOD,
  { state: 'failed' },
  { state: 'parked' },
  { state: 'delivered' },
  { state: 'failed', ...PERIOD },
  { integration: 'retailcrm' },
  { integration: 'webhook' },
  { step: 'hangup' },
  { call: 'u17' },
];
const OF_LOGS: LogFilters[] = [
  {},
  PERIOD,
  { type: 'webhook' },
  { type: 'amocrm' },
  { status: 'error' },
  { type: 'webhook', status: 'error' },
  { event: 'hangup' },
  { call: 'u17' },
];

type Page<F, P> = { enterpriseNumber: string; filters: F; after: P | undefined; limit: number };

/** Each choice of filters on the first page and on the one after `middle`. */
function queries<F, P>(select: (page: Page<F, P>) => Query, choices: F[], middle: P): Query[] {
  return [undefined, middle].flatMap((after) =>
    choices.map((filters) => select({ enterpriseNumber: LARGE, filters, after, limit: LIMIT })),
  );
}

/** A query's time is the median of its rounds; the slowest query is what counts. */
async function measure(db: Pool, what: string, queries: Query[]): Promise<Row> {
  const took: number[] = [];
  const whole = new Set<string | undefined>();
  for (const query of queries) {
    await explain(db, query); // warms up
    const rounds: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const { scans, ms } = await explain(db, query);
      for (const table of readWhole(scans)) whole.add(table);
      rounds.push(ms);
    }
    took.push(median(rounds));
  }
  const slowest = Math.max(...took);
  return {
    what: `admin list: ${what}`,
    goal: `≤ ${MOST_MS} ms at the database, by index`,
    median: ms(median(took)),
    p95: ms(p95(took)),
    verdict: verdict(slowest <= MOST_MS && whole.size === 0),
    note:
      `${queries.length} queries (filters alone and together, the first page and one in the middle), the median of ${ROUNDS} ` +
      `rounds each; slowest ${ms(slowest)}; read from end to end: ${[...whole].join(', ') || 'no table'}`,
  };
}
