// npm run chat:check
// Walks a chat once through the running service, as a visitor would: hand-over, notice to a manager, message, closing.
import { setTimeout as sleep } from 'node:timers/promises';

import * as z from 'zod';

import { connect, type Pool } from '../shared/db.ts';
import { readEnv } from '../shared/env.ts';
import { joinLocalStack } from './local/join-stack.ts';
import { reason } from './local/plain-error.ts';

const WAIT_MS = 20_000;
const Session = z.object({ session_id: z.string(), token: z.string() });
const HandedOver = z.union([
  z.object({ success: z.literal(true), chat_id: z.string() }),
  z.object({ success: z.literal(false), error: z.string() }),
]);

joinLocalStack();
const env = readEnv(['DATABASE_URL', 'PUBLIC_URL']);
const db = connect(env.DATABASE_URL);
let token = '';
try {
  process.exitCode = (await check(db)) ? 0 : 1;
} catch (error) {
  console.error(`❌ ${reason(error)}`);
  process.exitCode = 1;
} finally {
  await db.end();
}

async function check(pool: Pool): Promise<boolean> {
  const session = Session.parse(await ask('sessions', { page: 'chat:check' }));
  const { session_id } = session;
  token = session.token;
  const result = HandedOver.parse(
    await ask('transfer-to-manager', { session_id, client_name: 'Проверка чата' }),
  );
  if (!result.success) {
    console.error(`❌ hand-over: ${result.error} (nobody is on shift: /online in the bot)`);
    return false;
  }
  const { chat_id: chatId } = result;
  console.log(`✅ hand-over: chat ${chatId}`);

  const isTold = await until(async () => {
    const [row] = await pool`
      select 1
      from support_chat_offers
      where chat_id = ${chatId} and message_id is not null`;
    return row !== undefined;
  });
  say(isTold, 'notice', 'a manager has the offer in Telegram', 'no manager was told');

  const text = `Проверка ${new Date().toISOString()}`;
  await ask('send-message', { session_id, message_text: text, client_id: 'chat-check' });
  const isStored = await until(async () => {
    const [row] = await pool`
      select 1
      from chat_messages
      where chat_id = ${chatId} and sender = 'user' and text = ${text}`;
    return row !== undefined;
  });
  say(isStored, 'message', 'stored in the chat, for whoever accepts it', 'was not stored');

  await ask('close', { session_id });
  const isOver = await until(async () => {
    const rows = await pool`
      select 1
      from support_chat_offers
      where chat_id = ${chatId} and message_id is not null and is_behind`;
    return rows.length === 0;
  });
  say(isOver, 'closing', 'the buttons are gone', 'the buttons are still there');
  return isTold && isStored && isOver;
}

function say(isGood: boolean, what: string, good: string, bad: string): void {
  console[isGood ? 'log' : 'error'](`${isGood ? '✅' : '❌'} ${what}: ${isGood ? good : bad}`);
}

async function ask(path: string, body: object): Promise<unknown> {
  const response = await fetch(`${env.PUBLIC_URL}/api/chat/${path}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(token && { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return response.json();
}

async function until(isTrue: () => Promise<boolean>): Promise<boolean> {
  const end = Date.now() + WAIT_MS;
  while (Date.now() < end) {
    if (await isTrue()) return true;
    await sleep(250);
  }
  return false;
}
