import { statSync } from 'node:fs';

import { connect } from '../../shared/db.ts';
import { type Benchmark, type Row, verdict } from './benchmark.ts';
import { newCall } from './box-events.ts';
import { build } from './build.ts';
import { insertEnterprises } from './enterprises.ts';
import { median, ms, p95, times } from './figures.ts';
import { gatewayEvent } from './gateway-event.ts';
import { type Start, startRuntimeApi } from './runtime-api.ts';

const MOST = 3;
const MOST_KILOBYTES = 500;

export const coldStart: Benchmark = {
  name: 'cold-start',
  says: 'processes that load the built call-events and serve one event, beside a trivial handler',
  needs: 'services',
  async run(services, { quick, say }) {
    const artefact = await build('functions/call-events/handler.ts', services.folder);
    const trivial = await build('tests/bench/trivial-handler.ts', services.folder);
    const db = connect(services.databaseUrl);
    const [enterprise] = await insertEnterprises(db, 1);
    await db.end();

    const own: Start[] = [];
    const plain: Start[] = [];
    const rounds = quick ? 11 : 31;
    const runtime = await startRuntimeApi();
    try {
      for (let round = -1; round < rounds; round += 1) {
        const [event] = newCall('in-group-answered', enterprise?.token ?? '');
        if (!event) throw new Error('the fixture is empty');
        const request = gatewayEvent(event);
        const mine = await runtime.start(artefact, request, services.environment);
        const theirs = await runtime.start(trivial, request, services.environment);
        if (round < 0) continue; // fills the file cache
        own.push(mine);
        plain.push(theirs);
      }
    } finally {
      runtime.close();
    }
    say(`${rounds} starts each`);
    return [
      compare('loaded', own, plain, runtime.client),
      compare('served', own, plain, runtime.client),
      sizeOf(artefact),
    ];
  },
};

const WHAT = {
  loaded: {
    what: 'cold start of call-events: process, bundle load, init',
    goal: `≤ ${MOST} × a trivial handler`,
    note: 'NODE_OPTIONS as deployed',
  },
  served: {
    what: 'cold start of call-events: up to its first answer',
    goal: '',
    note: 'includes connecting to PostgreSQL and the queue and storing the event, which the trivial one does not',
  },
} as const;

function compare(moment: keyof Start, own: Start[], plain: Start[], client: string): Row {
  const mine = own.map((each) => each[moment]);
  const theirs = plain.map((each) => each[moment]);
  const ratio = median(mine) / median(theirs);
  const { what, goal, note } = WHAT[moment];
  return {
    what,
    goal,
    median: ms(median(mine)),
    p95: ms(p95(mine)),
    ratio: times(ratio),
    verdict: goal ? verdict(ratio <= MOST) : 'noted',
    note:
      `${own.length} starts each, in turn, by ${client}; trivial: ${ms(median(theirs))}, p95 ${ms(p95(theirs))}; ` +
      note,
  };
}

function sizeOf(artefact: string): Row {
  const kilobytes = statSync(artefact).size / 1000;
  return {
    what: 'entry file of call-events, minified',
    goal: `≤ ${MOST_KILOBYTES} KB`,
    median: `${kilobytes.toFixed(0)} KB`,
    p95: '',
    verdict: verdict(kilobytes <= MOST_KILOBYTES),
    note: 'built with the esbuild options of serverless.yml',
  };
}
