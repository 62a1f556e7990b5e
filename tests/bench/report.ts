import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, totalmem } from 'node:os';
import path from 'node:path';

import { checkout } from '../../infra/local/folders.ts';
import type { Row } from './benchmark.ts';

export const FILE = path.join(checkout, 'docs', 'benchmarks.md');
const MARKS: Record<Row['verdict'], string> = {
  met: '✅ met',
  missed: '❌ missed',
  noted: '',
  failed: '⚠️ failed',
};

/** Taken before anything runs: afterwards the load would be our own. */
export function describeMachine(): string[] {
  const [cpu] = cpus();
  const gigabytes = (totalmem() / 1024 ** 3).toFixed(0);
  const load = loadavg()[0]?.toFixed(2);
  return [
    `Machine: ${cpuModel() ?? cpu?.model ?? 'unknown'}, ${cpus().length} cores, ${gigabytes} GB; load of others at the start ${load}`,
    `Date: ${new Date().toISOString().slice(0, 16).replace('T', ' ')} UTC`,
    `Commit: ${commit()}`,
    `Node ${process.version}, ${process.platform} ${process.arch}`,
  ];
}

export function table(rows: Row[]): string {
  const cells = rows.map(({ what, goal, median, p95, ratio = '', verdict, note }) =>
    [what, goal, median, p95, ratio, MARKS[verdict], note].map((cell) =>
      cell.trim().replaceAll(/\s+/g, ' ').replaceAll('|', '\\|'),
    ),
  );
  const lines = [
    ['what', 'goal', 'median', 'p95', 'ratio', '', 'note'],
    Array.from({ length: 7 }, () => '---'),
    ...cells,
  ];
  return lines.map((line) => `| ${line.join(' | ')} |`).join('\n');
}

export function writeReport(machine: string[], rows: Row[], seconds: number): void {
  const text = `# Benchmarks

Written by \`npm run bench\`. Absolute times are those of the machine; ratios are what counts, and both sides of a ratio
are measured in turn in the same run.

${machine.map((line) => `- ${line}`).join('\n')}
- Took ${seconds.toFixed(0)} s

${table(rows)}
`;
  writeFileSync(FILE, text);
}

function cpuModel(): string | undefined {
  try {
    return /model name\s*:\s*(.+)/.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1]?.trim();
  } catch {
    return undefined;
  }
}

function commit(): string {
  const git = (...args: string[]): string =>
    execFileSync('git', args, {
      cwd: checkout,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  try {
    const isDirty = git('status', '--porcelain') !== '';
    return `${headOf(git)}${isDirty ? ' + uncommitted changes' : ''}`;
  } catch {
    return 'unknown';
  }
}

function headOf(git: (...args: string[]) => string): string {
  try {
    return git('rev-parse', '--short=12', 'HEAD');
  } catch {
    return 'none yet';
  }
}
