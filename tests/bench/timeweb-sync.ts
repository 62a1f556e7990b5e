import postgres from 'postgres';

import { databaseUrlFor } from '../../infra/local/postgres.ts';
import { migrate } from '../../infra/migrate.ts';
import { connect } from '../../shared/db.ts';
import { createSync } from '../../shared/hosting/sync.ts';
import { connectTimeweb } from '../../shared/timeweb/client.ts';
import { startPeers } from '../peers/server.ts';
import { TIMEWEB_TOKEN } from '../peers/timeweb.ts';
import { type Benchmark, type Row, verdict } from './benchmark.ts';
import { median, ms, p95 } from './figures.ts';
import type { Services } from './services.ts';

const SIZES = [23, 100, 500];
const PAGE = 100;
/** The presets and what services cost. */
const FIXED = 2;

type Figures = { size: number; calls: number; pages: number; times: number[] };

export const timewebSync: Benchmark = {
  name: 'timeweb-sync',
  says: 'a sync of all servers with the simulated Timeweb, at several numbers of servers',
  needs: 'services',
  async run(services, { quick, say }) {
    const figures = await measure(services, quick ? 3 : 15);
    for (const { size, calls, times } of figures) {
      say(`${size} servers: ${calls} requests, ${ms(median(times))}`);
    }
    return figures.map(toRow);
  },
};

async function measure(services: Services, rounds: number): Promise<Figures[]> {
  const database = 'bench_timeweb_sync';
  const admin = postgres(services.databaseUrl, { max: 1 });
  await admin`create database ${admin(database)}`;
  await admin.end();
  const url = databaseUrlFor(services.postgresPort, database);
  await migrate(url);
  const db = connect(url, { max: 2 });
  const peers = await startPeers({ port: 0 });
  const env = { TIMEWEB_API_URL: `${peers.url}/timeweb`, TIMEWEB_API_TOKEN: TIMEWEB_TOKEN };
  const timeweb = connectTimeweb(env);
  if (!timeweb) throw new Error('no token');
  const { syncAll } = createSync({ db, timeweb, tellChanges: async () => {} });
  try {
    const found: Figures[] = [];
    for (const size of SIZES) {
      await peers.timeweb.control({
        method: 'POST',
        segments: [],
        query: new URLSearchParams(),
        body: { count: size },
      });
      await syncAll({ kind: 'admin', autoOnly: false }); // makes the rows
      const times: number[] = [];
      const before = peers.timeweb.requests();
      for (let round = 0; round < rounds; round += 1) {
        const began = performance.now();
        const { synced } = await syncAll({ kind: 'admin', autoOnly: false });
        if (synced !== size) throw new Error(`${synced} of ${size} servers were synced`);
        times.push(performance.now() - began);
      }
      const calls = (peers.timeweb.requests() - before) / rounds;
      found.push({ size, calls, pages: Math.ceil(size / PAGE), times });
    }
    return found;
  } finally {
    await peers.close();
    await db.end();
  }
}

function toRow({ size, calls, pages, times }: Figures): Row {
  return {
    what: `Timeweb sync of ${size} servers: requests`,
    goal: `pages + ${FIXED}, whatever the number of servers`,
    median: `${calls} = ${pages} + ${calls - pages}`,
    p95: '',
    verdict: verdict(calls === pages + FIXED),
    note: `${times.length} runs, counted by the simulated Timeweb; pages of ${PAGE}; a run takes ${ms(median(times))}, p95 ${ms(p95(times))}`,
  };
}
