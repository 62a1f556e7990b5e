import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { parseArgs } from 'node:util';

import type { SFTPWrapper } from 'ssh2';

import { type AiPeer, createAi } from './ai.ts';
import { type AmocrmPeer, createAmocrm } from './amocrm.ts';
import { serveSftp } from './asterisk-sftp.ts';
import { newHostKey } from './asterisk-ssh.ts';
import { type AsteriskPeer, createAsterisk } from './asterisk.ts';
import { createBehaviours } from './behaviour.ts';
import { type Bitrix24Peer, createBitrix24 } from './bitrix24.ts';
import { createControl } from './control.ts';
import { putDemoFiles } from './demo-files.ts';
import { createJournal, type Received } from './journal.ts';
import { renderPage } from './page.ts';
import { type Clock, ControlError, type Peer } from './peer.ts';
import { play, send } from './play.ts';
import { createRetailcrm, type RetailcrmPeer } from './retailcrm.ts';
import { type BoxFiles, createBoxFiles } from './sftp-files.ts';
import { PHONE_PAGE } from './telegram-phone.ts';
import { createTelegram, type TelegramPeer } from './telegram.ts';
import { createTimeweb, type TimewebPeer } from './timeweb.ts';

const HOST = '127.0.0.1';
const LARGEST_BODY = 60 * 1024 * 1024;

export type Peers = {
  url: string;
  retailcrm: RetailcrmPeer;
  bitrix24: Bitrix24Peer;
  amocrm: AmocrmPeer;
  telegram: TelegramPeer;
  ai: AiPeer;
  asterisk: AsteriskPeer;
  /** The files of a demo box. */
  filesOf: (number: string) => BoxFiles;
  timeweb: TimewebPeer;
  close: () => Promise<void>;
};

type PeersOptions = {
  port: number;
  log?: (line: string) => void;
  now?: Clock;
  /** Where the boxes listen and where they send their events; without it nobody listens. */
  asterisk?: { port: number; eventUrl?: string | undefined; hostKey?: string | undefined };
};

/** The simulated outside world. Port 0 takes a free one, so that tests can run side by side. */
export async function startPeers(options: PeersOptions): Promise<Peers> {
  const { port, log, now = Date.now } = options;
  const retailcrm = createRetailcrm({ now });
  const bitrix24 = createBitrix24({ now });
  const amocrm = createAmocrm({ now });
  const telegram = createTelegram({ now });
  const ai = createAi({ now });
  const timeweb = createTimeweb({ now });
  const boxFiles = new Map<string, BoxFiles>();
  const filesOf = (number: string): BoxFiles => {
    const known = boxFiles.get(number) ?? createBoxFiles({ now });
    boxFiles.set(number, known);
    return known;
  };
  const asterisk: AsteriskPeer = createAsterisk({
    now,
    ...options.asterisk,
    filesOf,
    sftp: (accept, box) => {
      const cut = () => asterisk.ssh.cutAll();
      serveSftp(accept() as SFTPWrapper, filesOf(box.number), cut);
    },
  });
  const peers: Peer[] = [retailcrm, bitrix24, amocrm, telegram, timeweb, asterisk, ai];

  const behaviours = createBehaviours();
  const journal = createJournal({ now, secrets: () => peers.flatMap((peer) => peer.secrets()) });
  const control = createControl({ peers, journal, behaviours });
  const stopping = new AbortController();
  const stage = { journal, behaviours, stopping: stopping.signal };

  const server = createServer((request, response) => {
    serve(request, response).catch((error: unknown) => {
      const message = error instanceof Error ? error.message : String(error);
      const status = error instanceof ControlError ? error.status : 500;
      if (status === 500) log?.(`peers: ${message}`);
      send(response, { status, body: { error: message } });
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, HOST, resolve);
  });
  if (options.asterisk) await asterisk.listen(journal, options.asterisk.port);
  const address = server.address();
  const url = `http://${HOST}:${typeof address === 'object' && address ? address.port : port}`;

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams: query } = new URL(request.url ?? '/', url);
    const method = request.method ?? 'GET';
    const [first = '', ...rest] = pathname.slice(1).split('/');
    const raw = await readBody(request);

    if (pathname === '/favicon.ico') return void response.writeHead(204).end();
    if (pathname === '/') {
      const body = renderPage({ peers, journal, behaviours, query });
      return send(response, { status: 200, body });
    }
    if (pathname === '/telegram/phone') return send(response, { status: 200, body: PHONE_PAGE });
    if (first === 'control') {
      const body = await control({ method, segments: rest, query, raw });
      return send(response, { status: 200, body });
    }
    const peer = peers.find((candidate) => candidate.name === first);
    if (!peer) throw new ControlError(404, `no peer "${first}"; see /control/health`);
    const path = `/${rest.join('/')}`;
    const entry = await play(peer, { request, response, method, path, query, raw }, stage);
    log?.(line(entry));
  }

  return {
    url,
    retailcrm,
    bitrix24,
    amocrm,
    telegram,
    ai,
    asterisk,
    filesOf,
    timeweb,
    async close() {
      stopping.abort();
      if (options.asterisk) await asterisk.close();
      const closed = new Promise<void>((resolve) => void server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > LARGEST_BODY) throw new ControlError(413, 'body too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function line(entry: Received): string {
  const { peer, account, method, path, verdict, reason, status, behaviour } = entry;
  const why = [behaviour, reason].filter(Boolean).join(', ');
  return `${peer}/${account} ${method} ${path} → ${status ?? 'no answer'} ${verdict}${why && ` (${why})`}`;
}

/** The same after every start: the hub remembers the key of a box. */
function keptHostKey(file: string): string {
  if (!existsSync(file)) writeFileSync(file, newHostKey(), { mode: 0o600, flag: 'wx' });
  return readFileSync(file, 'utf8');
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      port: { type: 'string', default: '3900' },
      'asterisk-port': { type: 'string', default: '5059' },
      'event-url': { type: 'string', default: 'http://127.0.0.1:3000' },
      'host-key': { type: 'string' },
    },
  });
  // A parent that was killed cannot stop its children; the closed channel tells them.
  process.once('disconnect', () => process.exit(0));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(0));
  const { url, filesOf } = await startPeers({
    port: Number(values.port),
    log: (text) => console.log(text),
    asterisk: {
      port: Number(values['asterisk-port']),
      eventUrl: values['event-url'],
      hostKey: values['host-key'] && keptHostKey(values['host-key']),
    },
  });
  putDemoFiles(filesOf('0367'));
  console.log(`peers: ${url}`);
  process.send?.({ ready: true, url });
}
