import { v7 as newUuid } from 'uuid';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { ComeBackLater } from '../../shared/errors.ts';
import { createBot } from '../../shared/telegram/bot.ts';
import { createNotifier } from '../../shared/telegram/notify.ts';
import { type Peers, startPeers } from '../peers/server.ts';
import { insertEnterprise, NUMBER, secrets, useDatabase } from '../support/database.ts';

const { db } = useDatabase();
const CHAT = -1_000_000_000_367;
const START = Date.UTC(2026, 0, 31, 9);
const CALLS = 60;
const WORK_MS = 30;

/** Virtual time: of the simulated Telegram's limits and of our budgets alike. */
let now = START;
let peers: Peers;
beforeAll(async () => {
  peers = await startPeers({ port: 0, now: () => now });
  await insertEnterprise(db);
});
afterAll(() => peers.close());

type Change = { at: number; callId: string; status: string };

/** Each call rings, is talked, is passed on, is talked again and ends: 300 changes within ten seconds. */
function planBurst(): Change[] {
  return Array.from({ length: CALLS }, (_, index) => {
    const callId = newUuid();
    const begin = START + index * 100;
    const end = index % 3 === 0 ? 'missed' : 'answered';
    return ['greeting', 'ringing', 'talking', 'transferring', end].map((status, step) => ({
      at: begin + step * 900,
      callId,
      status,
    }));
  })
    .flat()
    .toSorted((a, b) => a.at - b.at);
}

async function apply({ at, callId, status }: Change, phone: string): Promise<void> {
  const ended = status === 'missed' || status === 'answered' ? new Date(at) : null;
  await db`
    insert into calls (id, enterprise_number, main_unique_id, direction, status, phone, ringing, rang, started_at,
      ended_at, wait_seconds, talk_seconds, last_event_at)
    values (${callId}, ${NUMBER}, ${callId}, 'in', ${status}, ${phone}, '{150}', '{150}', ${new Date(at)}, ${ended}, 1,
      1, ${new Date(at)})
    on conflict (id) do update
    set status = excluded.status, ended_at = excluded.ended_at, version = calls.version + 1`;
  if (status === 'talking') {
    await db`insert into call_talkers (call_id, position, extension, from_at) values (${callId}, 0, '150', now())`;
  }
}

test('300 changes in 10 s stay inside the limits of a group and end with the right text everywhere', async () => {
  const changes = planBurst();
  const phones = new Map(
    [...new Set(changes.map(({ callId }) => callId))].map((id, index) => [
      id,
      `3752911110${10 + index}`,
    ]),
  );
  const notify = createNotifier({
    publicUrl: 'https://calls.example.com',
    db,
    secrets,
    bot: (token) => createBot(token, `${peers.url}/telegram`),
    operatorToken: undefined,
    alert: () => Promise.reject(new Error('nothing is wrong here')),
    clock: () => new Date(now),
  });

  // The queue of the chat: one message per change, in order; what comes back blocks the rest until then.
  const waiting: string[] = [];
  let next = 0;
  while (next < changes.length || waiting.length > 0) {
    for (let change = changes[next]; change && change.at <= now; change = changes[next]) {
      await apply(change, phones.get(change.callId) ?? '');
      waiting.push(change.callId);
      next += 1;
    }
    const [callId] = waiting;
    if (callId === undefined) {
      now = changes[next]?.at ?? now;
      continue;
    }
    try {
      await notify({ kind: 'call', callId });
      waiting.shift();
      now += WORK_MS;
    } catch (error) {
      if (!(error instanceof ComeBackLater)) throw error;
      now += error.afterSeconds * 1000;
    }
  }

  const received = await (await fetch(`${peers.url}/control/received?peer=telegram`)).json();
  const statuses = (received as { received: { status: number }[] }).received.map(
    ({ status }) => status,
  );
  expect(new Set(statuses)).toEqual(new Set([200]));

  const [behind] =
    await db`select count(*)::int as calls from calls where telegram_version < version`;
  expect(behind?.['calls']).toBe(0);
  const texts = peers.telegram.chat(CHAT).messages.map(({ text }) => text);
  for (const text of texts) expect(text).toMatch(/^(✅|❌)/u);
  for (const phone of phones.values()) {
    const shown = `111-10-${phone.slice(-2)}`;
    expect(
      texts.filter((text) => text.includes(shown)),
      shown,
    ).toHaveLength(1);
  }
  expect(texts.length).toBeLessThanOrEqual(CALLS);
  expect((now - START) / 60_000).toBeLessThan(15);
}, 60_000);
