import { setTimeout as sleep } from 'node:timers/promises';

import * as z from 'zod';

import type { Stack } from '../../infra/local/stack.ts';
import { type Benchmark, verdict } from './benchmark.ts';
import { median, ms, p95 } from './figures.ts';
import { becomes, control, position } from './simulated-crm.ts';

const MESSAGE_MOST_MS = 500;
const PRESS_MOST_MS = 1_000;
const GIVEN_UP_MS = 20_000;
const BOT = 700_000_002;
/** Each has two chats, so that neither Telegram's limit nor the visitors' is met. */
const MANAGERS = [700_401, 700_402] as const;
const VISITORS = 4;
/** A manager's chat takes a message a second; the two take turns. */
const PAUSE_MS = 650;
const WARM_UP = 4;

type Talk = { manager: number; sessionId: string; token: string };
const Received = z.object({
  received: z.array(z.object({ time: z.iso.datetime(), path: z.string(), body: z.unknown() })),
});
const Phone = z.object({
  messages: z.array(
    z.object({
      message_id: z.number(),
      keyboard: z.array(z.array(z.object({ text: z.string(), callback_data: z.string() }))),
    }),
  ),
});

export const chat: Benchmark = {
  name: 'chat',
  says: "from a visitor's message to the manager's Telegram, and from a button to its answer, on the stack's own HTTP",
  needs: 'stack',
  async run(stack, { quick, say }) {
    const talks = await beginTalks(stack);
    const delays: number[] = [];
    for (let n = 0; n < (quick ? 8 : 32) + WARM_UP; n += 1) {
      const talk = talks[n % talks.length];
      if (talk) delays.push(await timeMessage(stack, talk, `bench message ${n}.`));
      await sleep(PAUSE_MS);
    }
    const messages = delays.slice(WARM_UP);
    say(`${messages.length} messages, median ${ms(median(messages))}`);
    const presses: number[] = [];
    for (let n = 0; n < (quick ? 4 : 16); n += 1) {
      presses.push(await timePress(stack, MANAGERS[n % 2] ?? MANAGERS[0]));
      await sleep(PAUSE_MS);
    }
    say(`${presses.length} presses, median ${ms(median(presses))}`);
    return [
      {
        what: "chat: visitor's message → manager's Telegram (local stack)",
        goal: `p95 ≤ ${MESSAGE_MOST_MS} ms`,
        median: ms(median(messages)),
        p95: ms(p95(messages)),
        verdict: verdict(p95(messages) <= MESSAGE_MOST_MS),
        note: `${messages.length} messages in ${VISITORS} chats; slowest ${ms(Math.max(...messages))}; the first ever ${ms(delays[0] ?? Number.NaN)}`,
      },
      {
        what: "chat: manager's button → its answer (local stack)",
        goal: `p95 ≤ ${PRESS_MOST_MS} ms`,
        median: ms(median(presses)),
        p95: ms(p95(presses)),
        verdict: verdict(p95(presses) <= PRESS_MOST_MS),
        note: `${presses.length} presses; slowest ${ms(Math.max(...presses))}`,
      },
    ];
  },
};

/** Both managers are on shift with two accepted chats each. */
async function beginTalks(stack: Stack): Promise<Talk[]> {
  for (const manager of MANAGERS)
    for (const text of ['/start', '/online'])
      await control(stack, 'telegram/say', { chat_id: manager, bot: BOT, text });
  await sleep(3_000);
  const talks: Talk[] = [];
  for (let n = 0; n < VISITORS; n += 1) {
    const session = z
      .object({ session_id: z.string(), token: z.string() })
      .parse(await ask(stack, 'sessions', { page: 'bench' }));
    const { session_id: sessionId, token } = session;
    await ask(stack, 'transfer-to-manager', { session_id: sessionId }, token);
    // The least loaded is asked: whoever it is has the newest button to accept.
    const press = await firstButton(stack, 'Принять чат');
    await control(stack, 'telegram/press', press);
    await sleep(1_500);
    talks.push({ manager: press.chat_id, sessionId, token });
  }
  return talks
    .toSorted((a, b) => a.manager - b.manager)
    .map((talk, n, all) => all[(n % 2) * 2 + Math.floor(n / 2)] ?? talk);
}

async function firstButton(stack: Stack, label: string, managers: readonly number[] = MANAGERS) {
  let found: { chat_id: number; message_id: number; data: string } | undefined;
  await becomes(async () => {
    for (const manager of managers) {
      const phone = Phone.parse(await control(stack, `telegram/phone/${manager}?bot=${BOT}`));
      for (const { message_id, keyboard } of phone.messages.toReversed()) {
        const button = keyboard.flat().find(({ text }) => text.includes(label));
        if (button) found ??= { chat_id: manager, message_id, data: button.callback_data };
      }
    }
    return found !== undefined;
  }, GIVEN_UP_MS);
  if (!found) throw new Error(`nobody has a button "${label}"`);
  return found;
}

async function timeMessage(stack: Stack, { sessionId, token }: Talk, text: string) {
  const since = await position(stack);
  const sent = performance.timeOrigin + performance.now();
  await ask(stack, 'send-message', { session_id: sessionId, message_text: text }, token);
  return (await arrival(stack, since, 'sendMessage', text)) - sent;
}

async function timePress(stack: Stack, manager: number) {
  const press = await firstButton(stack, 'Ответить', [manager]);
  const since = await position(stack);
  const pressed = performance.timeOrigin + performance.now();
  await control(stack, 'telegram/press', press);
  return (await arrival(stack, since, 'answerCallbackQuery', '')) - pressed;
}

/** When Telegram was asked this, by its own clock. */
async function arrival(stack: Stack, since: number, method: string, words: string) {
  let at = Number.POSITIVE_INFINITY;
  await becomes(async () => {
    const path = `received?peer=telegram&since=${since}&limit=1000`;
    const { received } = Received.parse(await control(stack, path));
    const found = received.find(
      (each) => each.path.endsWith(method) && JSON.stringify(each.body).includes(words),
    );
    if (found) at = Date.parse(found.time);
    return found !== undefined;
  }, GIVEN_UP_MS);
  return at;
}

async function ask(stack: Stack, path: string, body: object, token?: string): Promise<unknown> {
  const response = await fetch(`http://127.0.0.1:${stack.ports.http}/api/chat/${path}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return response.json();
}
