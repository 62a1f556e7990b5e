import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { type Address, addressesOf, type OwnParts } from './addresses.ts';
import { buildPages } from './build-pages.ts';
import { checkPorts, type NeededPort } from './check-ports.ts';
import { createCrew, type Interruption } from './crew.ts';
import { prepareDatabase } from './database.ts';
import { BUCKET, childEnvironment, keptEncryptionKey, stackEnvironment } from './environment.ts';
import { checkout, dataFolderFor, prepareFolder, shown } from './folders.ts';
import { follow } from './follow.ts';
import { type Ports, portsFor } from './ports.ts';
import { placePostgres } from './postgres-files.ts';
import {
  createCluster,
  createDatabase,
  postgresArguments,
  serverOf,
  stopLeftover,
} from './postgres.ts';
import { registerDemoCrms, registerManagersBot } from './seed.ts';
import { endLeftovers, refuseWhileRunning } from './stack-record.ts';
import { answersOk, until } from './until.ts';
import { startWeb } from './web.ts';

export type StackOptions = {
  portOffset: number;
  dataFolder?: string;
  /** Neither progress nor the output of the functions is shown. */
  quiet?: boolean;
  /** No demo data and no simulated outside world. */
  empty?: boolean;
  /** Stops the stack, also while it is still starting. */
  signal?: AbortSignal;
};

export type Stack = {
  ports: Ports;
  environment: Record<string, string>;
  /** What is where, for people. */
  addresses: Address[];
  /** Resolves, after the rest was stopped, when a part has ended by itself. */
  died: Promise<Error>;
  /** A fault: takes one part away for a while. Resolves when it answers again. */
  interrupt(part: 'postgres' | 'fauxqs' | 'functions', fault: Interruption): Promise<void>;
  stop(): Promise<void>;
};

const STARTUP_TIMEOUT_MS = 120_000;
const STOP_WITH_PARENT = [
  '--import',
  fileURLToPath(new URL('stop-with-parent.mjs', import.meta.url)),
];

/** Starts the whole stack and resolves when a request can be answered. */
export async function startStack(options: StackOptions): Promise<Stack> {
  const { portOffset, quiet = false, empty = false } = options;
  const dataFolder = path.resolve(options.dataFolder ?? dataFolderFor(portOffset));
  const logFolder = path.join(dataFolder, 'logs');
  const say = quiet ? () => {} : (line: string) => console.log(line);
  const ready = progress(say);
  const ports = portsFor(portOffset);

  prepareFolder(dataFolder);
  prepareFolder(logFolder);
  refuseWhileRunning(dataFolder, 'Stop it there, or start another one: PORT_OFFSET=100 npm start');
  const encryptionKey = keptEncryptionKey(dataFolder);
  const environment = stackEnvironment(ports, { encryptionKey });
  const own = ownParts(empty);
  const postgres = own.postgres ? await placePostgres(dataFolder) : undefined;

  if (await endLeftovers(dataFolder))
    say('The last stack of this folder was killed; what it left is cleared.');
  if (postgres) await stopLeftover(postgres.cluster);
  await checkPorts(neededPorts(ports, own));

  const crew = createCrew({ dataFolder, logFolder });
  options.signal?.addEventListener('abort', () => void crew.stop(), { once: true });
  const start = (name: string, args: string[], extra: Record<string, string> = {}) =>
    crew.start({
      name,
      args,
      cwd: checkout,
      environment: { ...childEnvironment(environment), ...extra },
    });
  const answering = async (what: string, log: string, url: string): Promise<void> => {
    const late = `${what}: no answer from ${url} within ${STARTUP_TIMEOUT_MS / 1000} s. Its log: ${shown(log)}`;
    await until(() => answersOk(url), { over: crew.over, timeoutMs: STARTUP_TIMEOUT_MS, late });
    ready(what);
  };

  const startDatabase = async (): Promise<void> => {
    if (postgres) {
      await createCluster(postgres);
      start('postgres', postgresArguments(postgres, ports.postgres));
      await createDatabase(ports.postgres, crew.over);
    }
    const databaseUrl = environment['DATABASE_URL'] ?? '';
    await prepareDatabase({ databaseUrl, encryptionKey, ports, empty, say });
    ready('PostgreSQL');
  };
  const startEmulators = async (): Promise<void> => {
    if (!own.aws) return;
    const { log } = start('fauxqs', fauxqsArguments(ports, dataFolder));
    await answering('SQS and S3', log, `http://127.0.0.1:${ports.aws}/health`);
  };
  const buildWeb = async (): Promise<void> => {
    if (await buildPages('admin')) ready('admin pages, built');
    if (await buildPages('widget')) ready('chat widget, built');
  };
  const startPeers = async (): Promise<void> => {
    if (!own.peers) return;
    const { log } = start('peers', [
      ...STOP_WITH_PARENT,
      'tests/peers/server.ts',
      '--port',
      String(ports.peers),
      '--asterisk-port',
      String(ports.asterisk),
      '--event-url',
      `http://127.0.0.1:${ports.http}`,
      '--host-key',
      path.join(dataFolder, 'asterisk-host-key'),
    ]);
    await answering(
      'outside world (simulated)',
      log,
      `http://127.0.0.1:${ports.peers}/control/health`,
    );
  };
  const startFunctions = async (): Promise<string> => {
    const { log } = start(
      'functions',
      ['--enable-source-maps', ...STOP_WITH_PARENT, ...offlineArguments(ports)],
      {
        TRUNKLINE_BUILD_FOLDER: path.relative(checkout, path.join(dataFolder, 'build')),
        // Nobody watches a quiet stack (tests), and a rebuild in the middle would cut off what runs.
        ...(quiet ? { TRUNKLINE_WATCH: 'nothing' } : {}),
        SLS_SCHEMA_CACHE_BASE_DIR: path.join(dataFolder, 'build'), // the home folder may not be there
        TZ: 'UTC', // as in Lambda
      },
    );
    await answering('functions', log, `http://127.0.0.1:${ports.http}/health`);
    return log;
  };

  try {
    options.signal?.throwIfAborted();
    await Promise.all([startDatabase(), startEmulators(), startPeers(), buildWeb()]);
    if (own.peers) {
      const webhookSecret = environment['TELEGRAM_WEBHOOK_SECRET'] ?? '';
      await registerDemoCrms(environment['DATABASE_URL'] ?? '', {
        ports,
        encryptionKey,
        webhookSecret,
      });
      await registerManagersBot(environment);
    }
    const functionsLog = await startFunctions();
    const addresses = addressesOf({ ports, own, environment });
    const web = await startWeb(ports);
    const unfollow = quiet ? () => {} : follow(functionsLog, (text) => process.stdout.write(text));
    return {
      ports,
      environment,
      addresses,
      died: crew.died,
      async interrupt(part, fault) {
        const { log } = await crew.interrupt(part, {
          ...fault,
          ...(part === 'postgres' && postgres && { pid: serverOf(postgres.cluster) }),
        });
        if (part === 'postgres') return createDatabase(ports.postgres, crew.over);
        const url =
          part === 'fauxqs'
            ? `http://127.0.0.1:${ports.aws}/health`
            : `http://127.0.0.1:${ports.http}/health`;
        return answering(part, log, url);
      },
      async stop() {
        web.close();
        web.closeAllConnections();
        await crew.stop();
        unfollow();
      },
    };
  } catch (error) {
    const cause: unknown = crew.over.aborted ? crew.over.reason : error;
    await crew.stop();
    throw cause;
  }
}

/** A part whose address the caller has set is somewhere else and not started here. */
function ownParts(empty: boolean): OwnParts {
  const isSet = (name: string): boolean => Boolean(process.env[name]);
  return {
    postgres: !isSet('DATABASE_URL'),
    aws: !(isSet('SQS_ENDPOINT') && isSet('S3_ENDPOINT')),
    peers: !empty,
  };
}

function neededPorts(ports: Ports, own: OwnParts): NeededPort[] {
  return [
    { part: 'the web pages', port: ports.web },
    { part: 'the HTTP API', port: ports.http },
    { part: 'the WebSocket API', port: ports.websocket },
    { part: 'invoking functions', port: ports.lambda },
    ...(own.postgres ? [{ part: 'PostgreSQL', port: ports.postgres }] : []),
    ...(own.aws ? [{ part: 'SQS and S3', port: ports.aws }] : []),
    ...(own.peers
      ? [
          { part: 'the simulated outside world', port: ports.peers },
          { part: 'the simulated Asterisk', port: ports.asterisk },
        ]
      : []),
  ];
}

function fauxqsArguments(ports: Ports, dataFolder: string): string[] {
  const script = fileURLToPath(new URL('fauxqs.ts', import.meta.url));
  return [script, String(ports.aws), path.join(dataFolder, 'fauxqs'), BUCKET];
}

function offlineArguments(ports: Ports): string[] {
  return [
    path.join(checkout, 'node_modules/serverless/bin/serverless.js'),
    'offline',
    'start',
    '--noSponsor',
    '--host=127.0.0.1',
    `--httpPort=${ports.http}`,
    `--websocketPort=${ports.websocket}`,
    `--lambdaPort=${ports.lambda}`,
  ];
}

function progress(say: (line: string) => void): (what: string) => void {
  const start = performance.now();
  return (what) =>
    say(`  ${((performance.now() - start) / 1000).toFixed(1).padStart(5)} s  ${what}`);
}
