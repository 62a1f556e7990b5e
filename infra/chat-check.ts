// npm run chat:check
// Walks a chat once through the running service, as a visitor would: hand-over, notice to a manager, message, closing.
import { setTimeout as sleep } from 'node:timers/promises';

import * as z from 'zod';

import { connect, type Pool } from '../shared/db.ts';
import { readEnv } from '../shared/env.ts';
import { readArguments, runCommand } from './arguments.ts';
import { joinLocalStack } from './local/join-stack.ts';

const WAIT_MS = 20_000;
const Session = z.object({ session_id: z.string(), token: z.string() });
const HandedOver = z.union([
  z.object({ success: z.literal(true), chat_id: z.string() }),
  z.object({ success: z.literal(false), error: z.string() }),
]);

const HELP = `Usage: npm run chat:check -- [--dry-run]

Walks a chat once through the running service at PUBLIC_URL, as a visitor would: hand-over, notice to a manager, message,
closing. The managers on shift see it. Needs DATABASE_URL; without it: the local stack of this folder.

  --dry-run  says whether the service answers and who would be told, begins no chat

Exit code: 0 all is well, 1 something is not, 2 wrong usage.`;

let token = '';
let publicUrl = '';
await runCommand(run);

async function run(): Promise<number> {
  const given = readArguments(HELP, {
    options: { 'dry-run': { type: 'boolean', default: false } },
  });
  if (typeof given === 'number') return given;
  joinLocalStack();
  const env = readEnv(['DATABASE_URL', 'PUBLIC_URL']);
  publicUrl = env.PUBLIC_URL;
  const db = connect(env.DATABASE_URL);
  try {
    const isWell = given.values['dry-run'] ? await look(db) : await check(db);
    return isWell ? 0 : 1;
  } finally {
    await db.end();
  }
}

async function look(pool: Pool): Promise<boolean> {
  const { ok, status } = await fetch(`${publicUrl}/health`);
  say(ok, 'service', `${publicUrl} answers`, `${publicUrl} answers ${status}`);
  const [row] = await pool`
    select count(*)::int as total
    from managers
    where status = 'online'
      and removed_at is null`;
  const { total } = z.object({ total: z.number() }).parse(row);
  say(
    total > 0,
    'managers',
    `${total} on shift would be told`,
    'nobody is on shift: /online in the bot',
  );
  return ok && total > 0;
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
  const response = await fetch(`${publicUrl}/api/chat/${path}`, {
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
