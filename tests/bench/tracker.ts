import postgres from 'postgres';

import { databaseUrlFor } from '../../infra/local/postgres.ts';
import { migrate } from '../../infra/migrate.ts';
import { createTracker } from '../../shared/calls/tracker.ts';
import { connect } from '../../shared/db.ts';
import { type Benchmark, type Options, type Row, verdict } from './benchmark.ts';
import { startCountingProxy } from './counting-proxy.ts';
import { type Enterprise, insertEnterprises } from './enterprises.ts';
import { median, ms, percentile, p95, times } from './figures.ts';
import type { Services } from './services.ts';
import { storeCalls } from './stored-calls.ts';
import { storeLoad } from './tracker-load.ts';

const LEAST = 500;
const FLAT = 0.1;
const ENTERPRISES = 10;
/** One function instance: see functions/call-tracker. */
const CONNECTIONS = 2;
const AS_DEPLOYED = { plansOnce: true, lockTimeoutMs: 4_000 };
const BATCHES_PER_SLICE = 10;
/** Storing a million calls is worth it only when this much is left for the rest. */
const KEPT_SECONDS = 150;

type Size = { name: string; calls: number };
const SIZES: Size[] = [
  { name: '1 k', calls: 1_000 },
  { name: '100 k', calls: 100_000 },
  { name: '1 M', calls: 1_000_000 },
];

type Track = (message: { eventId: string }) => Promise<void>;
type Subject = Size & {
  url: string;
  enterprises: Enterprise[];
  sql: postgres.Sql;
  batches: string[][];
  track: Track;
  close(): Promise<void>;
  /** Events per second in each slice, and milliseconds of each event. */
  rates: number[];
  latencies: number[];
};

export const tracker: Benchmark = {
  name: 'tracker',
  says: 'createTracker with the connections of one instance, at several numbers of stored calls',
  needs: 'services',
  async run(services, options) {
    const slices = options.quick ? 6 : 20;
    const subjects: Subject[] = [];
    try {
      let secondsPerCall = 0;
      for (const size of SIZES) {
        const isLarge = size.calls > 100_000;
        if (isLarge && options.quick) continue;
        if (isLarge && secondsPerCall * size.calls > options.secondsLeft() - KEPT_SECONDS) {
          options.say(`${size.name} stored calls would take too long on this machine: left out`);
          continue;
        }
        const began = performance.now();
        subjects.push(await prepare(services, size, slices + 2));
        const seconds = (performance.now() - began) / 1000;
        secondsPerCall = seconds / size.calls;
        options.say(`${size.name} stored calls, made in ${seconds.toFixed(1)} s`);
      }
      await runSlices(subjects, slices);
      for (const subject of subjects) await assertAllDone(subject);
      return await report(subjects, services, options);
    } finally {
      for (const subject of subjects) await subject.close();
    }
  },
};

async function prepare(services: Services, size: Size, slices: number): Promise<Subject> {
  const database = `bench_${size.calls}`;
  const admin = postgres(services.databaseUrl, { max: 1 });
  await admin`create database ${admin(database)}`;
  await admin.end();
  const url = databaseUrlFor(services.postgresPort, database);
  await migrate(url);
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  const db = connect(url, { ...AS_DEPLOYED, max: CONNECTIONS });
  const enterprises = await insertEnterprises(db, ENTERPRISES);
  await storeCalls(sql, size.calls, enterprises);
  return {
    ...size,
    url,
    enterprises,
    sql,
    batches: await storeLoad(sql, enterprises, slices * BATCHES_PER_SLICE),
    track: trackerOn(db),
    rates: [],
    latencies: [],
    async close() {
      await db.end();
      await sql.end();
    },
  };
}

/** The queues take everything at once: what is measured is the tracker and its database. */
function trackerOn(db: ReturnType<typeof connect>): Track {
  const queue = { sendAll: async () => [] };
  const tracker = createTracker({ db, crm: queue, telegram: queue, live: queue });
  return (message) => tracker.track(message);
}

/** All sizes take turns, so that whatever else this machine does hits them alike. */
async function runSlices(subjects: Subject[], slices: number): Promise<void> {
  for (let slice = -2; slice < slices; slice += 1) {
    for (const { track, batches, rates, latencies } of subjects) {
      const mine = batches.splice(0, BATCHES_PER_SLICE);
      const took: number[] = [];
      const began = performance.now();
      for (const batch of mine) await workBatch(batch, track, took);
      const seconds = (performance.now() - began) / 1000;
      if (slice < 0) continue; // warms up
      rates.push(mine.flat().length / seconds);
      latencies.push(...took);
    }
  }
}

/** The groups of a batch side by side, as the queue wrapper does. */
async function workBatch(batch: string[], track: Track, took: number[]): Promise<void> {
  await Promise.all(
    batch.map(async (eventId) => {
      const began = performance.now();
      await track({ eventId });
      took.push(performance.now() - began);
    }),
  );
}

async function assertAllDone({ sql, name }: Subject): Promise<void> {
  const [left] =
    await sql`select count(*)::int as count from call_events where processed_at is null`;
  if (left?.['count'] !== 0)
    throw new Error(`${name}: ${left?.['count']} events were not worked in`);
}

async function report(subjects: Subject[], services: Services, { say }: Options): Promise<Row[]> {
  const [smallest] = subjects;
  if (!smallest) return [];
  const trips = await countTrips(smallest, services);
  say(`${trips.toFixed(1)} round trips per event`);
  const base = median(smallest.rates);
  return subjects.map((subject) => {
    const { name, rates, latencies } = subject;
    const rate = median(rates);
    const ratio = rate / base;
    const isFlat = ratio >= 1 - FLAT;
    return {
      what: `tracker, ${name} stored calls`,
      goal: `≥ ${LEAST} events/s${subject === smallest ? '' : `, flat (± ${FLAT * 100} % of ${smallest.name})`}`,
      median: `${rate.toFixed(0)} events/s`,
      p95: `${percentile(rates, 0.05).toFixed(0)} events/s`,
      ...(subject !== smallest && { ratio: times(ratio) }),
      verdict: verdict(rate >= LEAST && isFlat),
      note:
        `${rates.length} slices of ${BATCHES_PER_SLICE * ENTERPRISES} events, sizes in turn; batches of ${ENTERPRISES}, ` +
        `${CONNECTIONS} connections, p95 = slowest slices; an event in its batch ${ms(median(latencies))}, p95 ` +
        `${ms(p95(latencies))}; ${trips.toFixed(1)} round trips per event; the queues answer at once`,
    };
  });
}

async function countTrips({ url, sql, enterprises }: Subject, services: Services): Promise<number> {
  const batches = await storeLoad(sql, enterprises, 30);
  const proxy = await startCountingProxy(services.postgresPort);
  const db = connect(url.replace(`:${services.postgresPort}/`, `:${proxy.port}/`), {
    ...AS_DEPLOYED,
    max: 1,
  });
  try {
    const track = trackerOn(db);
    const [warmUp, counted] = [batches.slice(0, 15), batches.slice(15)];
    for (const batch of warmUp) await workBatch(batch, track, []);
    const before = proxy.roundTrips();
    for (const batch of counted) await workBatch(batch, track, []);
    return (proxy.roundTrips() - before) / counted.flat().length;
  } finally {
    await db.end();
    proxy.close();
  }
}
