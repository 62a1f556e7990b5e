import { readdirSync, statSync } from 'node:fs';

import { stackEnvironment } from '../../infra/local/environment.ts';
import { portsFor } from '../../infra/local/ports.ts';
import type { Benchmark } from './benchmark.ts';
import { build } from './build.ts';
import { median, ms, p95, times } from './figures.ts';
import { startRuntimeApi } from './runtime-api.ts';

/** Whatever a function reads must be there; nothing is connected to before an event comes. */
const ENVIRONMENT = {
  ...stackEnvironment(portsFor(0), {
    encryptionKey: `v1:${Buffer.alloc(32, 1).toString('base64')}`,
    caller: {},
  }),
  FUNCTIONS_PREFIX: 'trunkline-bench-',
  POWERTOOLS_METRICS_NAMESPACE: 'trunkline-bench',
};

export const init: Benchmark = {
  name: 'init',
  says: 'processes that load each built function until it asks for its first event',
  needs: 'services',
  async run(services, { quick, say }) {
    const rounds = quick ? 3 : 7;
    const trivial = await build('tests/bench/trivial-handler.ts', services.folder);
    const loads = new Map<string, { artefact: string; took: number[] }>();
    for (const name of readdirSync('functions')) {
      const artefact = await build(`functions/${name}/handler.ts`, services.folder);
      loads.set(name, { artefact, took: [] });
    }
    const plain: number[] = [];
    const runtime = await startRuntimeApi();
    try {
      // In turn, so that whatever else the machine does meets all of them alike; the first round fills the file cache.
      for (let round = -1; round < rounds; round += 1) {
        for (const { artefact, took } of loads.values()) {
          const time = await runtime.load(artefact, ENVIRONMENT);
          if (round >= 0) took.push(time);
        }
        const time = await runtime.load(trivial, ENVIRONMENT);
        if (round >= 0) plain.push(time);
      }
    } finally {
      runtime.close();
    }
    const slowest = [...loads]
      .map(([name, { artefact, took }]) => ({
        took: median(took),
        text: `${name} ${ms(median(took))} (${Math.round(statSync(artefact).size / 1000)} KB)`,
      }))
      .toSorted((a, b) => b.took - a.took);
    for (const { text } of slowest) say(text);
    const all = slowest.map(({ took }) => took);
    const named = slowest.map(({ text }) => text);
    return [
      {
        what: `init of all ${slowest.length} functions: process, bundle load, init`,
        goal: '',
        median: ms(median(all)),
        p95: ms(p95(all)),
        ratio: times(median(all) / median(plain)),
        verdict: 'noted',
        note:
          `median of ${rounds} starts each, in turn, by ${runtime.client}; trivial: ${ms(median(plain))}; ` +
          `slowest: ${named.slice(0, 6).join(', ')}; fastest: ${named.at(-1) ?? ''}`,
      },
    ];
  },
};
