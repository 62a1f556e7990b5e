import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import { promisify } from 'node:util';

import {
  CloudFormationClient,
  DescribeStackResourcesCommand,
} from '@aws-sdk/client-cloudformation';
import {
  DeleteObjectsCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  S3Client,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { build } from '../bench/build.ts';
import { LOCAL_KEYS } from '../support/services.ts';
import { emptyDatabase } from './empty-database.ts';
import { forEmulator } from './emulated-template.ts';
import { startEmulator } from './emulator.ts';
import { invoke, OWN_CLIENT } from './lambda-runtime.ts';

const emulator = await startEmulator();
if (typeof emulator === 'string') {
  process.stderr.write(`\nSKIPPED: npm run deploy is not run here, because ${emulator}\n\n`);
}

const STAGE = 'trial';
const STATEFUL = ['AWS::SQS::Queue', 'AWS::S3::Bucket', 'AWS::Logs::LogGroup', 'AWS::SNS::Topic'];
const TEMPLATE = /\/compiled-cloudformation-template\.json(\?|$)/;

describe.skipIf(typeof emulator === 'string')('npm run deploy', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'trunkline-deploy-'));
  const servers: Server[] = [];
  let database: Awaited<ReturnType<typeof emptyDatabase>>;
  let environment: Record<string, string> = {};
  let cloudFormation: CloudFormationClient;
  let s3: S3Client;

  async function listen(server: Server): Promise<string> {
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  /** In place of the HTTP API, which the emulator does not know: the built function answers. */
  const createStage = () =>
    createServer((asked, answer) => {
      const event = { version: '2.0', rawPath: asked.url, rawQueryString: '', headers: {} };
      const routeKey = `GET ${asked.url}`;
      const requestContext = {
        http: { method: 'GET', path: asked.url, sourceIp: '198.51.100.7' },
        requestId: 'r',
        routeKey,
      };
      const status = {
        ...LOCAL_KEYS,
        DATABASE_URL: database.url,
        CALLS_QUEUE_URL: `${environment['AWS_ENDPOINT_URL']}/123456789012/trunkline-${STAGE}-calls.fifo`,
        POWERTOOLS_METRICS_NAMESPACE: 'trunkline-trial',
      };
      invoke(folder, 'status', { ...event, routeKey, requestContext }, status, OWN_CLIENT).then(
        (invoked) => {
          const { statusCode, body } = invoked.answer as { statusCode: number; body: string };
          answer.writeHead(statusCode).end(body);
        },
        (error: unknown) => answer.writeHead(502).end(String(error)),
      );
    });

  /** In front of the emulator: takes out of the template what it does not know. */
  const createFront = (url: string, outputs: () => Record<string, string>) =>
    createServer((asked, answer) => {
      forward(asked).catch((error: unknown) => answer.writeHead(500).end(String(error)));

      async function forward(incoming: IncomingMessage): Promise<void> {
        let body = await buffer(incoming);
        const headers = { ...incoming.headers };
        if (incoming.method === 'PUT' && TEMPLATE.test(incoming.url ?? '')) {
          const { template } = forEmulator(JSON.parse(withoutChunks(body)), outputs());
          body = Buffer.from(JSON.stringify(template));
          for (const name of Object.keys(headers)) {
            if (
              /^(content-encoding|content-md5|x-amz-(checksum|trailer|sdk|decoded|content-sha))/.test(
                name,
              )
            )
              delete headers[name];
          }
        }
        headers['content-length'] = String(body.length);
        delete headers['transfer-encoding'];
        const passed = request(
          new URL(incoming.url ?? '/', url),
          { method: incoming.method, headers },
          (back) => {
            answer.writeHead(back.statusCode ?? 502, back.headers);
            back.pipe(answer);
          },
        );
        passed.once('error', (error) => answer.writeHead(502).end(String(error)));
        passed.end(body);
      }
    });

  /** A body that was sent with a checksum behind it comes in pieces, each after its length. */
  function withoutChunks(body: Buffer): string {
    const text = body.toString('utf8');
    if (text.startsWith('{')) return text;
    return text.slice(text.indexOf('{'), text.lastIndexOf('}') + 1);
  }

  const run = async (...args: string[]) => {
    const options = { env: environment, maxBuffer: 64 * 1024 * 1024 };
    return promisify(execFile)(process.execPath, args, options).then(
      ({ stdout, stderr }) => ({ code: 0, said: stdout + stderr }),
      ({ code, stdout, stderr }: { code: number; stdout: string; stderr: string }) => ({
        code,
        said: stdout + stderr,
      }),
    );
  };
  const deploy = (...args: string[]) =>
    run('infra/deploy.ts', '--stage', STAGE, '--skip-check', ...args);

  async function idsOf(types: string[]): Promise<Record<string, string>> {
    const { StackResources = [] } = await cloudFormation.send(
      new DescribeStackResourcesCommand({ StackName: `trunkline-${STAGE}` }),
    );
    return Object.fromEntries(
      StackResources.filter(({ ResourceType = '' }) => types.includes(ResourceType)).map(
        ({ LogicalResourceId = '', PhysicalResourceId = '' }) => [
          LogicalResourceId,
          PhysicalResourceId,
        ],
      ),
    );
  }

  beforeAll(async () => {
    database = await emptyDatabase();
    await build('functions/status/handler.ts', folder);
    const stage = await listen(createStage());
    const url = typeof emulator === 'string' ? '' : emulator.url;
    const front = await listen(createFront(url, () => ({ HttpApiUrl: stage })));
    environment = {
      PATH: process.env['PATH'] ?? '',
      HOME: folder,
      AWS_ENDPOINT_URL: front,
      ...LOCAL_KEYS,
      DATABASE_URL: database.url,
      TRUNKLINE_BUILD_FOLDER: path.relative(process.cwd(), path.join(folder, 'build')),
      SLS_SCHEMA_CACHE_BASE_DIR: folder,
    };
    const settings = {
      endpoint: url,
      region: 'eu-central-1',
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    };
    cloudFormation = new CloudFormationClient(settings);
    s3 = new S3Client({ ...settings, forcePathStyle: true });
  }, 120_000);
  afterAll(async () => {
    for (const server of servers) {
      server.close();
      server.closeAllConnections();
    }
    await database?.drop();
    rmSync(folder, { recursive: true, force: true });
    if (typeof emulator !== 'string') emulator.stop();
  });

  test('brings an empty account and an empty database to a stage that answers', async () => {
    const { code, said } = await deploy();
    expect(said).toContain('Ran 0001_enterprises');
    expect(said).toMatch(/files of web\/admin to s3:\/\//);
    expect(said).toContain('/health: 200');
    expect(said).toContain('/api/status: 200');
    expect(said).toContain('trial is up to date.');
    expect(code).toBe(0);

    const { WebsiteBucket: bucket = '' } = await idsOf(['AWS::S3::Bucket']);
    const page = await s3.send(new HeadObjectCommand({ Bucket: bucket, Key: 'ui/index.html' }));
    expect(page).toMatchObject({
      ContentType: 'text/html; charset=utf-8',
      CacheControl: 'no-cache',
    });
    await s3.send(new HeadObjectCommand({ Bucket: bucket, Key: 'widget.js' }));
  }, 300_000);

  test('again, with a choice changed: nothing that holds something is made anew', async () => {
    const before = await idsOf(STATEFUL);
    expect(Object.keys(before).length).toBeGreaterThan(40);
    environment['XRAY'] = '1';
    const { code, said } = await deploy();
    expect(said).toContain('Nothing to do.');
    expect(code).toBe(0);
    expect(await idsOf(STATEFUL)).toEqual(before);
  }, 300_000);

  test('a step that fails ends it, and says why', async () => {
    environment['DATABASE_URL'] = 'postgresql://trunkline:wrong@127.0.0.1:1/trunkline';
    const { code, said } = await deploy();
    environment['DATABASE_URL'] = database.url;
    expect(code).toBe(1);
    expect(said).toContain('ECONNREFUSED');
    expect(said).not.toContain('functions\n');
    expect(said).not.toContain('wrong');
  }, 60_000);

  test('is taken away again', async () => {
    const { WebsiteBucket: Bucket = '' } = await idsOf(['AWS::S3::Bucket']);
    const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket }));
    const Objects = Contents.map(({ Key }) => ({ Key }));
    await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }));
    const { code, said } = await run(
      'node_modules/serverless/bin/serverless.js',
      'remove',
      '--stage',
      STAGE,
    );
    expect(said).not.toMatch(/error/i);
    expect(code).toBe(0);
    await expect(idsOf(STATEFUL)).rejects.toThrow(/does not exist/);
  }, 120_000);
});
