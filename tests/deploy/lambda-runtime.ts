import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';

const FOLDER = path.resolve('.local/ric');
const CLIENT = path.join(FOLDER, 'node_modules/aws-lambda-ric/index.mjs');
/** Needs no compiler; does what the real one does, once. */
export const OWN_CLIENT = path.resolve('tests/bench/runtime-client.cjs');
const PACKAGE = {
  private: true,
  dependencies: { 'aws-lambda-ric': '4.0.2' },
  allowScripts: { 'aws-lambda-ric': true },
};
const run = promisify(execFile);

/** AWS's own runtime client, compiled in a folder of its own (a minute or more). Returns why it cannot be had instead. */
export async function prepareClient(): Promise<string | undefined> {
  if (existsSync(path.join(path.dirname(CLIENT), 'rapid-client.node'))) return undefined;
  for (const tool of ['cmake', 'make', 'g++']) {
    const found = await run('sh', ['-c', `command -v ${tool}`]).catch(() => undefined);
    if (!found) return `${tool} is not installed`;
  }
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(path.join(FOLDER, 'package.json'), JSON.stringify(PACKAGE));
  try {
    const args = ['install', '--no-audit', '--no-fund'];
    await run('npm', args, { cwd: FOLDER, maxBuffer: 64 * 1024 * 1024 });
    return undefined;
  } catch (error) {
    const { stderr = '' } = error as { stderr?: string };
    return `aws-lambda-ric cannot be compiled: ${stderr.trim().split('\n').at(-1) ?? ''}`;
  }
}

export type Invoked = {
  answer: unknown;
  /** Milliseconds from the start of the process until it asked for an event. */
  initMs: number;
};

/**
 * Starts the artefact as Lambda does, through the real runtime client, and hands it one event.
 * @throws Error what the client posted to the error paths of the Runtime API
 */
export async function invoke(
  folder: string,
  name: string,
  event: unknown,
  environment: Record<string, string>,
  client = CLIENT,
): Promise<Invoked> {
  const { promise, resolve, reject } = Promise.withResolvers<Invoked>();
  let initMs = Number.NaN;
  const began = performance.now();
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (request.url?.endsWith('/invocation/next')) {
      initMs = Math.round(performance.now() - began);
      const arn = `arn:aws:lambda:eu-central-1:111122223333:function:trunkline-prod-${name}`;
      response
        .writeHead(200, {
          'content-type': 'application/json',
          'lambda-runtime-aws-request-id': 'b7c1c2d3-0001-4a5b-8c6d-000000000001',
          'lambda-runtime-deadline-ms': String(Date.now() + 30_000),
          'lambda-runtime-invoked-function-arn': arn,
          'lambda-runtime-trace-id': 'Root=1-68c97b74-0c1d2e3f405162738495a6b7;Sampled=0',
        })
        .end(JSON.stringify(event));
      return;
    }
    const body = await text(request);
    response.writeHead(202, { 'content-type': 'application/json' }).end('{"status":"OK"}');
    if (request.url?.endsWith('/response')) resolve({ answer: JSON.parse(body), initMs });
    else reject(new Error(`${request.url}: ${body}`));
  };
  const server = createServer((request, response) => {
    serve(request, response).catch(reject);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;

  const handler = `functions/${name}/handler.handler`;
  const child = spawn(process.execPath, [client, handler], {
    cwd: folder,
    env: {
      ...environment,
      AWS_LAMBDA_RUNTIME_API: `127.0.0.1:${port}`,
      AWS_LAMBDA_FUNCTION_NAME: `trunkline-prod-${name}`,
      AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '512',
      AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/trunkline-prod-${name}`,
      AWS_LAMBDA_LOG_STREAM_NAME: 'test',
      LAMBDA_TASK_ROOT: folder,
      _HANDLER: handler,
    },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const complaints = text(child.stderr);
  child.once('exit', () => {
    void complaints.then((said) => reject(new Error(`${name} ended: ${said.slice(-500)}`)));
  });
  const late = setTimeout(() => reject(new Error(`${name} does not answer`)), 30_000);
  try {
    return await promise;
  } finally {
    clearTimeout(late);
    child.kill('SIGKILL');
    server.close();
    server.closeAllConnections();
  }
}
