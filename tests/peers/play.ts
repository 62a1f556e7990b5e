import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';

import type { Behaviours, Rule } from './behaviour.ts';
import { parseBody, readable } from './body.ts';
import type { Journal, Received } from './journal.ts';
import type { Answer, Peer } from './peer.ts';

export type Arrival = {
  request: IncomingMessage;
  response: ServerResponse;
  method: string;
  path: string;
  query: URLSearchParams;
  raw: Buffer;
};

type Stage = { journal: Journal; behaviours: Behaviours; stopping: AbortSignal };

const MAINTENANCE: Answer = {
  status: 200,
  body: '<!DOCTYPE html>\n<html><head><title>Технические работы</title></head><body><h1>Технические работы</h1></body></html>\n',
};
const NOTHING: Answer = { status: 0, body: null };

/** Records a request, lets the peer answer it well or badly, records how that went. */
export async function play(
  peer: Peer,
  { request, response, method, path, query, raw }: Arrival,
  { journal, behaviours, stopping }: Stage,
): Promise<Received> {
  const started = performance.now();
  const headers = Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [name, value?.toString()]),
  );
  const body = await parseBody(raw, headers['content-type']);
  const location = peer.locate(path, { body, query });
  const entry = journal.arrive({
    peer: peer.name,
    ...location,
    method,
    query: Object.fromEntries(query),
    body: readable(body),
  });
  const rule = behaviours.take({ peer: peer.name, ...location, method });
  entry.behaviour = rule?.mode;

  const answer = await perform(rule, {
    apply() {
      const { sequence } = entry;
      const asked = { ...location, sequence, fullPath: path, method, query, headers, body };
      const applied = peer.answer(asked);
      journal.judge(entry, applied, { applied: true });
      return applied;
    },
    instead(other) {
      const refused = `misbehaviour: ${rule?.mode ?? ''}`;
      journal.judge(entry, { ...other, refused }, { applied: false });
      return other;
    },
    hold: (held) => behaviours.hold(held, AbortSignal.any([clientLeft(response), stopping])),
    peer,
  });
  const seen = answer && !response.destroyed ? answer : undefined;
  if (seen?.stream) await sendPieces(response, seen.stream(clientLeft(response)), seen);
  else if (seen) send(response, seen);
  else request.socket.destroy();
  journal.close(entry, { answer: seen, ms: Math.round(performance.now() - started) });
  return entry;
}

type Script = {
  /** The peer does its work; this is its own answer. */
  apply: () => Answer;
  /** The peer does nothing; the client gets this. */
  instead: (answer: Answer) => Answer;
  hold: (rule: Rule) => Promise<'released' | 'left'>;
  peer: Peer;
};

/** What the client is to see; undefined when its connection is to be cut. */
async function perform(
  rule: Rule | undefined,
  { apply, instead, hold, peer }: Script,
): Promise<Answer | undefined> {
  switch (rule?.mode) {
    case undefined:
      return apply();
    case 'slow':
      await delay(rule.delay_ms);
      return apply();
    case 'hang':
      if ((await hold(rule)) === 'released') return apply();
      instead(NOTHING);
      return undefined;
    case 'applied_then_hang': {
      const answer = apply();
      return (await hold(rule)) === 'released' ? answer : undefined;
    }
    case 'error500':
      return instead(peer.broken());
    case 'error429':
      return instead(peer.overloaded(rule.retry_after));
    case 'html':
      return instead(MAINTENANCE);
    case 'cut':
      apply();
      return undefined;
    case 'cut_before':
      instead(NOTHING);
      return undefined;
  }
}

function clientLeft(response: ServerResponse): AbortSignal {
  const left = new AbortController();
  if (response.destroyed) left.abort();
  response.once('close', () => left.abort());
  return left.signal;
}

async function sendPieces(
  response: ServerResponse,
  pieces: AsyncGenerator<string | undefined>,
  { status, headers }: Answer,
): Promise<void> {
  response.writeHead(status, { 'cache-control': 'no-store', ...headers });
  for await (const piece of pieces) {
    if (piece === undefined) return void response.destroy();
    response.write(piece);
  }
  response.end();
}

export function send(response: ServerResponse, { status, body, headers = {} }: Answer): void {
  if (response.headersSent || response.destroyed) return;
  const html = typeof body === 'string';
  response
    .writeHead(status, {
      'content-type': html ? 'text/html; charset=utf-8' : 'application/json; charset=utf-8',
      'cache-control': 'no-store',
      ...headers,
    })
    .end(html ? body : JSON.stringify(body));
}
