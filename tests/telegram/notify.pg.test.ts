import { v7 as newUuid } from 'uuid';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { ComeBackLater } from '../../shared/errors.ts';
import { createBot } from '../../shared/telegram/bot.ts';
import { createNotifier } from '../../shared/telegram/notify.ts';
import { createTelegramReconnect } from '../../shared/telegram/reconnect.ts';
import { type Peers, startPeers } from '../peers/server.ts';
import { insertEnterprise, NUMBER, secrets, useDatabase } from '../support/database.ts';

const { db } = useDatabase();
const CHAT = -1_000_000_000_367;
const OPERATOR = 700_367;
let peers: Peers;
let alerts: string[] = [];
let notify = createNotify();

beforeAll(async () => {
  peers = await startPeers({ port: 0 });
});
afterAll(() => peers.close());
beforeEach(async () => {
  alerts = [];
  notify = createNotify();
  await insertEnterprise(db);
  await db`insert into extensions (enterprise_number, extension, name) values (${NUMBER}, '151', 'Борис <Б>')`;
  await db`insert into lines (enterprise_number, line, name) values (${NUMBER}, '0001363', 'Отдел продаж')`;
});
afterEach(async () => {
  await db`truncate enterprises, rate_buckets cascade`;
  await control('reset', {});
  await control('telegram/chats', {
    id: CHAT,
    type: 'supergroup',
    state: 'member',
    migrate_to_chat_id: null,
  });
});

function createNotify() {
  return createNotifier({
    publicUrl: 'https://calls.example.com',
    db,
    secrets,
    bot: (token) => createBot(token, `${peers.url}/telegram`),
    operatorToken: '700000001:demo-telegram-token-0367',
    alert: async (_key, text) => void alerts.push(text),
  });
}

async function control(path: string, body: object): Promise<void> {
  await fetch(`${peers.url}/control/${path}`, { method: 'POST', body: JSON.stringify(body) });
}
const messages = () => peers.telegram.chat(CHAT).messages.filter(({ deleted }) => !deleted);

async function insertCall(): Promise<string> {
  const id = newUuid();
  await db`
    insert into calls (id, enterprise_number, main_unique_id, direction, status, phone, line, ringing, rang, started_at,
      last_event_at)
    values (${id}, ${NUMBER}, ${id}, 'in', 'ringing', '375291110001', '0001363', '{150,151}', '{150,151}',
      '2026-01-31 09:05:00Z', now())`;
  return id;
}

async function answer(callId: string): Promise<void> {
  await db`
    update calls
    set status = 'answered', ringing = '{}', talk_seconds = 65, wait_seconds = 5, ended_at = now(), version = version + 1
    where id = ${callId}`;
  await db`
    insert into call_talkers (call_id, position, extension, from_at, to_at)
    values (${callId}, 0, '151', now() - interval '65 seconds', now())`;
}

describe('the message of a call', () => {
  test('is sent once and then edited as the call moves', async () => {
    const callId = await insertCall();
    await notify({ kind: 'call', callId });
    expect(messages()[0]?.text).toBe(
      [
        '📞 Входящий звонок',
        '💰 +375 (29) 111-00-01 ➡️',
        '☎️ 150',
        '☎️ Борис <Б> (151)',
        '📡 Отдел продаж',
      ].join('\n'),
    );
    await answer(callId);
    await notify({ kind: 'call', callId });
    expect(messages()).toHaveLength(1);
    expect(messages()[0]).toMatchObject({
      edits: 1,
      text: [
        '✅ Успешный входящий звонок',
        '💰 +375 (29) 111-00-01',
        '☎️ Борис <Б> (151)',
        '📡 Отдел продаж',
        '⏰ Начало звонка 12:05',
        '⌛ Длительность: 01:05',
      ].join('\n'),
    });
    expect(await db`select version - telegram_version as behind from calls`).toEqual([
      { behind: 0 },
    ]);
  });

  test('five changes that waited are one edit: what is shown is the present', async () => {
    const callId = await insertCall();
    await notify({ kind: 'call', callId });
    await answer(callId);
    for (const _ of [1, 2, 3, 4, 5]) await notify({ kind: 'call', callId });
    expect(messages()[0]).toMatchObject({ edits: 1 });
  });

  test('deleted by hand is sent anew', async () => {
    const callId = await insertCall();
    await notify({ kind: 'call', callId });
    const [message] = messages();
    if (message) message.deleted = true;
    await answer(callId);
    await expect(notify({ kind: 'call', callId })).rejects.toBeInstanceOf(ComeBackLater);
    await notify({ kind: 'call', callId });
    expect(messages()).toHaveLength(1);
  });

  test('is not sent while it rings when the enterprise does not want that', async () => {
    await db`update enterprises set parameter_option_1 = false`;
    const callId = await insertCall();
    await notify({ kind: 'call', callId });
    expect(messages()).toHaveLength(0);
    await answer(callId);
    await notify({ kind: 'call', callId });
    expect(messages()).toHaveLength(1);
  });

  test('of a call that was merged into another one is taken away', async () => {
    const callId = await insertCall();
    await notify({ kind: 'call', callId });
    await db`update calls set merged_into = ${await insertCall()}, version = version + 1 where id = ${callId}`;
    await notify({ kind: 'call', callId });
    expect(messages()).toHaveLength(0);
  });
});

describe('when Telegram does not want', () => {
  test('429: comes back after the time it names, and nobody else of the chat tries before', async () => {
    await control('behave', { peer: 'telegram', mode: 'error429', retry_after: 7, times: 1 });
    const callId = await insertCall();
    await answer(callId);
    await expect(notify({ kind: 'call', callId })).rejects.toMatchObject({ afterSeconds: 7 });
    const other = await insertCall();
    await answer(other);
    await expect(notify({ kind: 'call', callId: other })).rejects.toMatchObject({
      afterSeconds: expect.any(Number),
    });
    expect(messages()).toHaveLength(0);
  });

  test('the budget of a group is never overrun; ends come first and living calls wait', async () => {
    const ended: string[] = [];
    for (let index = 0; index < 8; index += 1) {
      const callId = await insertCall();
      await notify({ kind: 'call', callId });
      ended.push(callId);
    }
    const shownWhileRinging = messages().length;
    expect(shownWhileRinging).toBeLessThan(8);
    const results = [];
    for (const callId of ended) {
      await answer(callId);
      results.push(await notify({ kind: 'call', callId }).catch((error: unknown) => error));
    }
    expect(results.filter((result) => result instanceof ComeBackLater).length).toBeGreaterThan(0);
    expect(alerts).toEqual([]);
  });

  test('a bot that was thrown out: paused with the reason, the operator hears once', async () => {
    await control('telegram/chats', { id: CHAT, type: 'supergroup', state: 'kicked' });
    await notify({ kind: 'call', callId: await insertCall() });
    await notify({ kind: 'call', callId: await insertCall() });
    expect(alerts).toHaveLength(1);
    const [enterprise] = await db`select telegram_paused_reason from enterprises`;
    expect(enterprise?.['telegramPausedReason']).toContain('kicked');
  });

  describe('a paused chat', () => {
    const reconnect = createTelegramReconnect({
      db,
      secrets,
      bot: (token) => createBot(token, `${peers.url}/telegram`),
    });
    const isPaused = async () => {
      const [row] = await db`select telegram_paused_reason is not null as paused from enterprises`;
      return row?.['paused'];
    };
    beforeEach(async () => {
      await control('telegram/chats', { id: CHAT, type: 'supergroup', state: 'kicked' });
      await notify({ kind: 'call', callId: await insertCall() });
      expect(await isPaused()).toBe(true);
    });

    test('stays paused while the bot is not let in, and goes on when it is', async () => {
      expect(await reconnect(NUMBER)).toEqual({
        problem: expect.stringContaining('kicked'),
        resumed: false,
      });
      expect(await isPaused()).toBe(true);
      await control('telegram/chats', { id: CHAT, type: 'supergroup', state: 'member' });
      expect(await reconnect(NUMBER)).toEqual({ problem: null, resumed: true });
      expect(await reconnect(NUMBER)).toEqual({ problem: null, resumed: false });
      await notify({ kind: 'call', callId: await insertCall() });
      expect(messages()).toHaveLength(1);
    });

    test('goes on when another bot or chat is saved, not when something else is', async () => {
      await db`update enterprises set name = 'other', chat_id = chat_id`;
      expect(await isPaused()).toBe(true);
      await db`update enterprises set chat_id = '-1000000000999'`;
      expect(await isPaused()).toBe(false);
    });

    test('of an enterprise without a bot cannot be tried', async () => {
      await db`update enterprises set bot_token = null`;
      await expect(reconnect(NUMBER)).rejects.toMatchObject({ code: 'unprocessable' });
      await expect(reconnect('9999')).rejects.toMatchObject({ code: 'not_found' });
    });
  });

  test('a group that became a supergroup: the new id is taken over', async () => {
    await control('telegram/chats', { id: CHAT, migrate_to_chat_id: -1_000_000_000_999 });
    await control('telegram/chats', { id: -1_000_000_000_999, type: 'supergroup' });
    const callId = await insertCall();
    await expect(notify({ kind: 'call', callId })).rejects.toBeInstanceOf(ComeBackLater);
    await notify({ kind: 'call', callId });
    expect(peers.telegram.chat(-1_000_000_000_999).messages).toHaveLength(1);
  });

  test('down: the call stays behind, for the sweeper', async () => {
    await control('behave', { peer: 'telegram', mode: 'error500', times: 1 });
    const callId = await insertCall();
    await notify({ kind: 'call', callId });
    expect(await db`select telegram_version < version as behind from calls`).toEqual([
      { behind: true },
    ]);
  });
});

test('an alert reaches the operator', async () => {
  await notify({ kind: 'text', chatId: String(OPERATOR), text: '⛔ 0367 <остановлена>' });
  expect(peers.telegram.chat(OPERATOR).messages.at(-1)?.text).toBe('⛔ 0367 <остановлена>');
});
