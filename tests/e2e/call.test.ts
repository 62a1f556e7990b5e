import { beforeEach, describe, expect, test } from 'vitest';

import { chat, control, crm, db, deleteMessage, eventually, freshStart, post } from './stack.ts';

const TOKEN = '375290000001';
let counter = 0;

beforeEach(freshStart);

/** What the CRM shows of this call; the sweeper may bring one of another test at any time. */
async function crmOf({ uniqueId }: { uniqueId: string }) {
  const { popups, journal } = await crm();
  return {
    popups: popups.filter((popup) => popup['callExternalId'] === uniqueId),
    journal: journal.filter(({ externalId }) => externalId === uniqueId),
  };
}

/** The messages of this call in the chat, those that somebody deleted left out. */
async function chatOf({ phone }: { phone: string }) {
  const shown = `111-${phone.slice(-4, -2)}-${phone.slice(-2)}`;
  return (await chat()).filter(({ text, deleted }) => !deleted && text.includes(shown));
}

function newCall() {
  counter += 1;
  const uniqueId = `${Math.floor(Date.now() / 1000)}.${counter}`;
  const phone = `37529111${String(1000 + counter)}`;
  const common = { Token: TOKEN, UniqueId: uniqueId, Phone: phone, Trunk: '0001363', CallType: 0 };
  return {
    uniqueId,
    phone,
    start: common,
    dial: { ...common, ExtTrunk: '', ExtPhone: phone, Extensions: ['150', '151'] },
    hangup: {
      ...common,
      CallStatus: '2',
      Extensions: ['151'],
      StartTime: '2026-01-31 12:05:23',
      DateReceived: '2026-01-31 12:05:33',
      EndTime: '2026-01-31 12:06:03',
    },
  };
}

describe('an incoming call', () => {
  test('posted as a box posts it reaches the CRM and Telegram, in order and once', async () => {
    const call = newCall();
    await post('/start', call.start);
    await post('/api/callevent/dial', call.dial);
    await eventually(
      () => crmOf(call),
      ({ popups }) => popups.length === 1,
    );
    await post('/hangup', Buffer.from(JSON.stringify(call.hangup)).toString('base64'));

    const { popups, journal } = await eventually(
      () => crmOf(call),
      (seen) => seen.journal.length === 1,
    );
    expect(popups.map(({ type, repeats }) => [type, repeats])).toEqual([
      ['in', 0],
      ['hangup', 0],
    ]);
    expect(journal).toMatchObject([
      { externalId: call.uniqueId, phone: call.phone, code: '151', result: 'answered' },
    ]);
    const messages = await eventually(
      () => chatOf(call),
      ([message]) => message?.text.startsWith('✅') ?? false,
    );
    expect(messages).toHaveLength(1);
    expect(messages[0]?.text).toContain('✅ Успешный входящий звонок');
    expect(messages[0]?.text).toContain('Борис (151)');
  });

  test('whose message somebody deleted gets a new one, and the chat goes on', async () => {
    const call = newCall();
    await post('/start', call.start);
    const [message] = await eventually(
      () => chatOf(call),
      (messages) => messages.length === 1,
    );
    await deleteMessage(message?.message_id ?? 0);
    await post('/dial', call.dial);
    await post('/hangup', call.hangup);
    const messages = await eventually(
      () => chatOf(call),
      (seen) => seen.some(({ text }) => text.startsWith('✅')),
    );
    expect(messages).toHaveLength(1);
  });

  test('sent four times at once, each event, is one row each and one effect', async () => {
    const call = newCall();
    for (const [kind, body] of [
      ['start', call.start],
      ['dial', call.dial],
      ['hangup', call.hangup],
    ] as const) {
      const replies = await Promise.all([1, 2, 3, 4].map(() => post(`/${kind}`, body)));
      expect(replies.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    }
    const { journal } = await eventually(
      () => crmOf(call),
      (seen) => seen.journal.length > 0,
    );
    // Whatever a repeat could cause is done when nothing is left to do.
    await eventually(
      () => db`select id from deliveries where state in ('pending', 'sending', 'retrying')`,
      ({ length }) => length === 0,
    );
    expect(journal).toMatchObject([{ externalId: call.uniqueId }]);
    expect((await crmOf(call)).journal[0]?.uploads).toHaveLength(1);
    const [row] =
      await db`select count(*)::int as events from call_events where payload ->> 'UniqueId' = ${call.uniqueId}`;
    expect(row?.['events']).toBe(3);
  });

  test('is in Telegram although the CRM hangs, and in the CRM when it comes back', async () => {
    await control('behave', { peer: 'retailcrm', account: 'demo', mode: 'hang' });
    const call = newCall();
    await post('/start', call.start);
    await post('/dial', call.dial);
    await post('/hangup', call.hangup);
    const messages = await eventually(
      () => chatOf(call),
      ([message]) => message?.text.startsWith('✅') ?? false,
    );
    expect(messages).toHaveLength(1);

    await control('behave', { peer: 'retailcrm', account: 'demo', mode: 'ok' });
    const { journal } = await eventually(
      () => crmOf(call),
      (seen) => seen.journal.length > 0,
      40_000,
    );
    expect(journal).toMatchObject([{ externalId: call.uniqueId }]);
  });
});

describe('the answers to a box', () => {
  test.each([
    [
      'an unknown token',
      '/start',
      { UniqueId: '1.1', Token: 'nobody' },
      403,
      { detail: 'Invalid token' },
    ],
    ['not JSON', '/start', 'hello', 400, { detail: 'The body is not JSON' }],
    [
      'an unknown event',
      '/api/callevent/restart',
      { Token: TOKEN },
      404,
      { detail: expect.any(String) },
    ],
    ['a missing field', '/dial', { Token: TOKEN }, 422, { errors: [{ path: 'UniqueId' }] }],
  ])('%s', async (_what, path, body, status, answer) => {
    const reply = await post(path, body);
    expect(reply.status).toBe(status);
    expect(JSON.parse(reply.text)).toMatchObject(answer);
  });

  test('plain OK when asked for', async () => {
    const { start } = newCall();
    expect(await post('/start', start, { accept: 'text/plain' })).toEqual({
      status: 200,
      text: 'OK',
    });
  });
});
