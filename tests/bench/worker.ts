import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

import type * as z from 'zod';

import { nodeOptions } from './build.ts';

export type Worker = {
  /** Hands a piece of work to the process and waits for what comes of it. */
  ask<Schema extends z.ZodType>(work: object, answer: Schema): Promise<z.output<Schema>>;
  stop(): Promise<void>;
};

/** A fresh process with nothing in its environment but what a function finds in Lambda. */
export function startWorker(file: string, environment: Record<string, string>): Worker {
  const child = fork(fileURLToPath(new URL(file, import.meta.url)), [], {
    env: functionEnvironment(environment),
    execArgv: [],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const ended = once(child, 'exit');
  return {
    async ask(work, answer) {
      child.send(work);
      const [result] = await Promise.race([
        once(child, 'message'),
        ended.then(([code]) => Promise.reject(new Error(`${file} ended with code ${code}`))),
      ]);
      return answer.parse(result);
    },
    async stop() {
      child.kill();
      await ended;
    },
  };
}

export function functionEnvironment(own: Record<string, string>): Record<string, string> {
  return { PATH: process.env['PATH'] ?? '', NODE_OPTIONS: nodeOptions(), ...own };
}
