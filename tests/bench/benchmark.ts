import type { Stack } from '../../infra/local/stack.ts';
import type { Services } from './services.ts';

/** One line of the table. Figures come as text with their unit. */
export type Row = {
  what: string;
  goal: string;
  median: string;
  p95: string;
  ratio?: string;
  /** `noted`: measured for the reader, without a goal. */
  verdict: 'met' | 'missed' | 'noted' | 'failed';
  note: string;
};

export type Options = {
  /** Fewer rounds. */
  quick: boolean;
  say: (line: string) => void;
  /** What is left for all of the benchmarks together. */
  secondsLeft: () => number;
};

/** `services`: PostgreSQL and the queues alone. `stack`: the whole local stack with the simulated outside world. */
export type Benchmark = { name: string; says: string } & (
  | { needs: 'services'; run(services: Services, options: Options): Promise<Row[]> }
  | { needs: 'stack'; run(stack: Stack, options: Options): Promise<Row[]> }
);

export function verdict(met: boolean): 'met' | 'missed' {
  return met ? 'met' : 'missed';
}
