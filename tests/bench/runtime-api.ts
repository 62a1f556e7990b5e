import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { functionEnvironment } from './worker.ts';

const OWN_CLIENT = fileURLToPath(new URL('./runtime-client.cjs', import.meta.url));
const GIVEN_UP_MS = 15_000;

/** Milliseconds after the process was asked for: it asks for an event; it has answered. */
export type Start = { loaded: number; served: number };

export type Runtime = {
  /** Starts a process that loads this artefact and serves this event. */
  start(artefact: string, event: object, environment: Record<string, string>): Promise<Start>;
  /** Milliseconds until a process that loads this artefact asks for its first event. */
  load(artefact: string, environment: Record<string, string>): Promise<number>;
  /** Which runtime client is used. */
  client: string;
  close(): void;
};

/**
 * Lambda's Runtime API, for one process at a time. The client in the process is a small one of our own; LAMBDA_RIC may
 * name the index.mjs of an installed aws-lambda-ric, which has to be compiled and is therefore no dependency.
 */
export async function startRuntimeApi(): Promise<Runtime> {
  const ric = process.env['LAMBDA_RIC'];
  let serve: (request: IncomingMessage, response: ServerResponse) => void = () => {};
  const server = createServer((request, response) => serve(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;

  function launch(artefact: string, environment: Record<string, string>): ChildProcess {
    const folder = path.dirname(artefact);
    const handler = `${path.basename(artefact, '.cjs')}.handler`;
    const name = path.basename(folder);
    const env = functionEnvironment({
      ...environment,
      AWS_LAMBDA_RUNTIME_API: `127.0.0.1:${port}`,
      AWS_LAMBDA_FUNCTION_NAME: name,
      AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '512',
      AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${name}`,
      AWS_LAMBDA_LOG_STREAM_NAME: 'bench',
      LAMBDA_TASK_ROOT: folder,
      _HANDLER: handler,
    });
    return spawn(process.execPath, [ric ?? OWN_CLIENT, handler], {
      cwd: folder,
      env,
      stdio: ['ignore', 'ignore', 'inherit'],
    });
  }

  /** Until the promise is settled, or the process gives up. */
  async function watch<T>(
    child: ChildProcess,
    artefact: string,
    { promise, reject }: Pick<PromiseWithResolvers<T>, 'promise' | 'reject'>,
  ): Promise<T> {
    const late = setTimeout(() => reject(new Error(`${artefact}: no answer`)), GIVEN_UP_MS);
    child.once('exit', (code) => reject(new Error(`${artefact} ended with code ${code}`)));
    try {
      return await promise;
    } finally {
      clearTimeout(late);
      await end(child);
    }
  }

  return {
    client: ric ? 'aws-lambda-ric' : 'a small runtime client of our own',
    async start(artefact, event, environment) {
      const answered = Promise.withResolvers<Start>();
      let loaded = Number.NaN;
      let began = Number.NaN;
      serve = (request, response) => {
        const now = performance.now() - began;
        if (request.url?.endsWith('/next')) {
          loaded = now;
          response.writeHead(200, invocationHeaders()).end(JSON.stringify(event));
        } else if (request.url?.endsWith('/response')) {
          void readAll(request).then((answer) =>
            isOk(answer)
              ? answered.resolve({ loaded, served: now })
              : answered.reject(new Error(answer)),
          );
        } else {
          void readAll(request).then((text) =>
            answered.reject(new Error(`${request.url}: ${text}`)),
          );
        }
      };
      began = performance.now();
      return watch(launch(artefact, environment), artefact, answered);
    },
    async load(artefact, environment) {
      const asked = Promise.withResolvers<number>();
      let began = Number.NaN;
      serve = (request) => {
        if (request.url?.endsWith('/next')) asked.resolve(performance.now() - began);
        else asked.reject(new Error(`${artefact}: ${request.url}`));
      };
      began = performance.now();
      return watch(launch(artefact, environment), artefact, asked);
    },
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

function invocationHeaders(): Record<string, string> {
  return {
    'content-type': 'application/json',
    'lambda-runtime-aws-request-id': 'bench',
    'lambda-runtime-deadline-ms': String(Date.now() + 10_000),
    'lambda-runtime-invoked-function-arn':
      'arn:aws:lambda:eu-central-1:000000000000:function:bench',
    'lambda-runtime-trace-id': 'Root=1-68c97b74-0c1d2e3f405162738495a6b7;Sampled=0',
  };
}

function isOk(answer: string): boolean {
  return /"statusCode":200\b/.test(answer);
}

async function readAll(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
}
