import * as z from 'zod';

import { connect } from '../../shared/db.ts';
import { type Benchmark, type Row, verdict } from './benchmark.ts';
import { newCall } from './box-events.ts';
import { build } from './build.ts';
import { startCountingProxy } from './counting-proxy.ts';
import { type Enterprise, insertEnterprises } from './enterprises.ts';
import { median, ms, p95, times } from './figures.ts';
import { gatewayEvent } from './gateway-event.ts';
import type { Services } from './services.ts';
import type { Work } from './take-call-event.worker.ts';
import { startWorker } from './worker.ts';

const WORKER = './take-call-event.worker.ts';
const MOST = 1.5;
const COUNTED = 60;
const Timings = z.object({
  handler: z.array(z.number()),
  insert: z.array(z.number()),
  send: z.array(z.number()),
});

type Built = Pick<Work, 'handler' | 'bare'>;

export const takeCallEvent: Benchmark = {
  name: 'take-call-event',
  says: 'the built call-events handler, warm, beside a bare insert and a bare queue send',
  needs: 'services',
  async run(services, { quick, say }) {
    const built: Built = {
      handler: await build('functions/call-events/handler.ts', services.folder),
      bare: await build('tests/bench/bare-handler.ts', services.folder),
    };
    const db = connect(services.databaseUrl);
    const enterprises = await insertEnterprises(db, 3);
    await db.end();

    const time = await measureTime(services, built, { enterprises, rounds: quick ? 300 : 1200 });
    say(`handler ${time.median}, ratio ${time.ratio}`);
    return [time, await countTrips(services, built, enterprises)];
  },
};

async function measureTime(
  services: Services,
  built: Built,
  { enterprises, rounds }: { enterprises: Enterprise[]; rounds: number },
): Promise<Row> {
  const worker = startWorker(WORKER, services.environment);
  try {
    const warmUp = { ...built, rounds: makeRounds(enterprises, 200) } satisfies Work;
    await worker.ask(warmUp, Timings);
    const work = { ...built, rounds: makeRounds(enterprises, rounds) } satisfies Work;
    const { handler, insert, send } = await worker.ask(work, Timings);
    const bare = insert.map((value, index) => value + (send[index] ?? Number.NaN));
    const ratio = median(handler) / median(bare);
    return {
      what: 'take a call event (built handler, warm)',
      goal: `≤ ${MOST} × bare insert + bare send`,
      median: ms(median(handler)),
      p95: ms(p95(handler)),
      ratio: times(ratio),
      verdict: verdict(ratio <= MOST),
      note:
        `${rounds} rounds, alternating in one process; bare: ${ms(median(bare))} ` +
        `(insert ${ms(median(insert))}, send ${ms(median(send))}), p95 ${ms(p95(bare))}`,
    };
  } finally {
    await worker.stop();
  }
}

/** Through a proxy, in a process of its own: the counting must not be part of the times. */
async function countTrips(
  services: Services,
  built: Built,
  enterprises: Enterprise[],
): Promise<Row> {
  const sql = await startCountingProxy(services.postgresPort);
  const queue = await startCountingProxy(services.sqsPort);
  const worker = startWorker(WORKER, {
    ...services.environment,
    DATABASE_URL: services.databaseUrl.replace(`:${services.postgresPort}/`, `:${sql.port}/`),
    SQS_ENDPOINT: `http://127.0.0.1:${queue.port}`,
  });
  try {
    const rounds = (count: number) =>
      makeRounds(enterprises, count).map(({ event }) => ({ event }));
    await worker.ask({ ...built, rounds: rounds(20) } satisfies Work, Timings);
    const before = { sql: sql.roundTrips(), queue: queue.roundTrips() };
    await worker.ask({ ...built, rounds: rounds(COUNTED) } satisfies Work, Timings);
    const perEvent = {
      sql: (sql.roundTrips() - before.sql) / COUNTED,
      queue: (queue.roundTrips() - before.queue) / COUNTED,
    };
    return {
      what: 'take a call event: what it asks of others',
      goal: '1 SQL round trip + 1 queue send',
      median: `${perEvent.sql} + ${perEvent.queue}`,
      p95: '',
      verdict: verdict(perEvent.sql === 1 && perEvent.queue === 1),
      note: `${COUNTED} events of all kinds through a counting proxy, warm`,
    };
  } finally {
    await worker.stop();
    sql.close();
    queue.close();
  }
}

function makeRounds(enterprises: Enterprise[], count: number) {
  const rounds: Required<Work['rounds'][number]>[] = [];
  for (let call = 0; rounds.length < count; call += 1) {
    const { number, token } = enterprises[call % enterprises.length] ?? { number: '', token: '' };
    for (const event of newCall('in-group-answered', token)) {
      const uniqueId = event.body['UniqueId'];
      rounds.push({
        event: gatewayEvent(event),
        row: {
          enterpriseNumber: number,
          kind: event.kind,
          uniqueId: typeof uniqueId === 'string' ? uniqueId : null,
          payload: JSON.parse(JSON.stringify(event.body)),
          raw: JSON.stringify(event.body),
        },
      });
    }
  }
  return rounds.slice(0, count);
}
