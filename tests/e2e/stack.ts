import { setTimeout as sleep } from 'node:timers/promises';

import postgres from 'postgres';
import { afterAll, inject } from 'vitest';
import * as z from 'zod';

export const ports = inject('ports');
export const environment = inject('environment');
export const db = postgres(environment['DATABASE_URL'] ?? '', { max: 2 });
afterAll(() => db.end());

const peers = `http://127.0.0.1:${ports.peers}`;
const CHAT = '-1000000000367';

/** The control API of the simulated outside world: GET without a body, POST with one. */
export async function control(path: string, body?: object): Promise<unknown> {
  const init = body ? { method: 'POST', body: JSON.stringify(body) } : {};
  return (await fetch(`${peers}/control/${path}`, init)).json();
}

/** Nothing of an earlier test: what the peers were told and saw, and how much of the chat's minute we have used. */
export async function freshStart(): Promise<void> {
  await control('reset', {});
  await db`delete from rate_buckets`;
}

const Crm = z.object({
  popups: z.array(z.looseObject({ type: z.string(), repeats: z.number() })),
  journal: z.array(z.looseObject({ externalId: z.string(), uploads: z.array(z.unknown()) })),
});
/** What the demo's RetailCRM shows its managers. */
export const crm = async () => Crm.parse(await control('retailcrm/demo'));

const Chat = z.object({
  messages: z.array(
    z.looseObject({ message_id: z.number(), text: z.string(), deleted: z.boolean() }),
  ),
});
/** The messages of the demo's Telegram chat as they stand. */
export const chat = async () => Chat.parse(await control(`telegram/chats/${CHAT}`)).messages;

/** Asks until it is so, or the time is up; what was last seen is what the test then judges. */
export async function eventually<T>(
  look: () => Promise<T>,
  isSo: (value: T) => boolean,
  forMs = 30_000,
): Promise<T> {
  const until = Date.now() + forMs;
  for (;;) {
    const value = await look();
    if (isSo(value) || Date.now() > until) return value;
    await sleep(50);
  }
}

/** Posts as a box's curl does: JSON under curl's default content type. */
export async function post(
  path: string,
  body: object | string,
  headers: Record<string, string> = {},
) {
  const response = await fetch(`http://127.0.0.1:${ports.http}${path}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      'user-agent': 'curl/7.88.1',
      ...headers,
    },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  return { status: response.status, text: await response.text() };
}

/** Runs a scheduled function now. */
export async function invoke(name: string): Promise<unknown> {
  const url = `http://127.0.0.1:${ports.lambda}/2015-03-31/functions/trunkline-dev-${name}/invocations`;
  return (await fetch(url, { method: 'POST', body: '{}' })).json();
}

/** As a member of the chat would, by hand. */
export async function deleteMessage(messageId: number): Promise<void> {
  const url = `${peers}/telegram/bot700000001:demo-telegram-token-0367/deleteMessage`;
  const body = JSON.stringify({ chat_id: CHAT, message_id: messageId });
  await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
}
