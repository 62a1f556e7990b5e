import { readdirSync } from 'node:fs';
import path from 'node:path';

// npm run size
// What is in each function's entry file and why it is as large as it is: a cold start reads all of it.
import { build, type Metafile } from 'esbuild';

import { budgetOf } from './entry-budgets.ts';
import plugins from './esbuild-plugins.ts';

const names = readdirSync('functions');
const rows = await Promise.all(
  names.map(async (name) => {
    const { metafile } = await build({
      entryPoints: [`functions/${name}/handler.ts`],
      outdir: path.join('.local/size', name),
      write: false,
      metafile: true,
      bundle: true,
      minify: true,
      platform: 'node',
      target: 'node24',
      format: 'cjs',
      mainFields: ['module', 'main'],
      logLevel: 'error',
      plugins,
    });
    return { name, ...weigh(metafile) };
  }),
);

console.log('function'.padEnd(22), 'KB'.padStart(6), ' largest parts, KB');
for (const { name, bytes, parts } of rows.toSorted((a, b) => b.bytes - a.bytes)) {
  const largest = parts.slice(0, 5).map(([part, size]) => `${part} ${toKb(size)}`);
  console.log(name.padEnd(22), toKb(bytes).padStart(6), '', largest.join(', '));
}

const tooLarge = rows.filter(({ name, bytes }) => bytes > budgetOf(name));
const total = rows.reduce((sum, { bytes }) => sum + bytes, 0);
console.log(
  `\n${rows.length} functions, ${toKb(total)} KB; each within its budget but ${tooLarge.length}.`,
);
for (const { name, bytes } of tooLarge) {
  console.error(`❌ ${name} has ${toKb(bytes)} KB, ${toKb(budgetOf(name))} are its budget.`);
}
process.exitCode = tooLarge.length > 0 ? 1 : 0;

/** How many bytes of the output came from which package, or from our own folders. */
function weigh({ outputs }: Metafile): { bytes: number; parts: [string, number][] } {
  const [output] = Object.values(outputs);
  const parts = new Map<string, number>();
  for (const [file, { bytesInOutput }] of Object.entries(output?.inputs ?? {})) {
    const found = /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1];
    const part = found ?? (file.endsWith('.json') ? file : 'our own code');
    parts.set(part, (parts.get(part) ?? 0) + bytesInOutput);
  }
  return { bytes: output?.bytes ?? 0, parts: [...parts].toSorted(([, a], [, b]) => b - a) };
}

function toKb(bytes: number): string {
  return String(Math.round(bytes / 1000));
}
