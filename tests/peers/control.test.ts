import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { fileURLToPath } from 'node:url';

import { describe, expect } from 'vitest';

import { ask, BOT_TOKEN, GROUP, PRIVATE, test, type World } from './fixture.ts';

const KEY = 'demo-key-0367';

async function registerCallback({ crm }: World, makeCallUrl: string): Promise<void> {
  await crm('/api/v5/integration-modules/trunkline/edit', {
    integrationModule: {
      code: 'trunkline',
      name: 'Trunkline',
      baseUrl: 'https://hub.example',
      clientId: 'opaque-client-id',
      integrations: { telephony: { makeCallUrl, additionalCodes: [{ userId: 17, code: '151' }] } },
    },
  });
}

/** A hub that remembers what the peers asked of it. */
async function withHub<Result>(
  work: (hub: { url: string; requests: string[] }) => Promise<Result>,
) {
  const requests: string[] = [];
  const hub = createServer((request, response) => {
    void read(request).then((body) => {
      const secret = request.headers['x-telegram-bot-api-secret-token'] ?? '';
      requests.push(`${request.method} ${request.url} ${String(secret)} ${body}`.trim());
      response.end();
    });
  });
  await new Promise<void>((resolve) => void hub.listen(0, '127.0.0.1', resolve));
  const address = hub.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  try {
    return await work({ url: `http://127.0.0.1:${port}`, requests });
  } finally {
    hub.closeAllConnections();
    hub.close();
  }
}

async function read(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return text;
}

describe('the record', () => {
  test('holds every request in order, with its verdict', async ({ world }) => {
    await world.crmGet('/api/v5/users?limit=20');
    await world.telegram('sendMessage', { chat_id: GROUP, text: '' });
    await world.crmGet('/api/v5/nothing');

    expect((await world.control('health')).body).toEqual({
      ok: true,
      peers: ['retailcrm', 'bitrix24', 'amocrm', 'telegram', 'timeweb', 'asterisk', 'ai'],
      last: 3,
      revision: expect.any(Number),
    });
    const { body } = await world.control('received');
    expect(body).toMatchObject({
      last: 3,
      received: [
        {
          sequence: 1,
          time: '2026-01-31T12:00:00.000Z',
          peer: 'retailcrm',
          account: 'demo',
          method: 'GET',
          path: '/api/v5/users',
          query: { limit: '20' },
          verdict: 'accepted',
          applied: true,
          status: 200,
        },
        {
          peer: 'telegram',
          account: '700000001',
          chat: String(GROUP),
          method: 'POST',
          path: '/sendMessage',
          body: { chat_id: GROUP, text: '' },
          verdict: 'refused',
          reason: 'Bad Request: message text is empty',
          applied: false,
          status: 400,
        },
        { verdict: 'refused', reason: 'API method not found', status: 404 },
      ],
    });
  });

  test.for([
    { query: '?peer=telegram', sequences: [2] },
    { query: '?since=1', sequences: [2, 3] },
    { query: '?limit=1', sequences: [1] },
    { query: '?since=3', sequences: [] },
  ])('can be read in part: $query', async ({ query, sequences }, { world }) => {
    await world.crmGet('/api/v5/users');
    await world.telegram('getMe', {});
    await world.crmGet('/api/v5/users');
    const { body } = await world.control(`received${query}`);
    const { received } = body as { received: { sequence: number }[] };
    expect(received.map(({ sequence }) => sequence)).toEqual(sequences);
  });

  test('opens JSON inside form fields and hides secrets wherever they stand', async ({ world }) => {
    await registerCallback(world, 'https://hub.example/call');
    await ask(`${world.peers.url}/retailcrm/demo/api/credentials?apiKey=${KEY}`);
    await ask(`${world.peers.url}/retailcrm/demo/api/credentials?apiKey=typo-key-9999`);
    await world.telegram('sendMessage', {
      chat_id: GROUP,
      text: `ключ ${KEY}, токен ${BOT_TOKEN}`,
    });
    const { body } = await world.control('received');
    expect(body).toMatchObject({
      received: [
        { body: { integrationModule: { code: 'trunkline', clientId: '••••t-id' } } },
        { query: { apiKey: '••••0367' } },
        { query: { apiKey: '••••9999' } },
        { body: { text: 'ключ ••••0367, токен ••••0367' } },
      ],
    });
    const pages = JSON.stringify([body, (await world.control('telegram/bots')).body]);
    for (const secret of [KEY, BOT_TOKEN, 'typo-key', 'opaque-client']) {
      expect(pages).not.toContain(secret);
    }
  });
});

describe('reset', () => {
  test('forgets records, effects, limits and misbehaviour; accounts stay', async ({ world }) => {
    await world.control('retailcrm/demo', { telephony: true });
    await world.control('retailcrm/third', { key: 'third-key-0001' });
    for (let count = 0; count < 4; count += 1) {
      await world.telegram('sendMessage', { chat_id: PRIVATE, text: 'раз' });
    }
    await world.control('behave', { peer: 'telegram', mode: 'error500' });

    expect((await world.control('reset', {})).body).toMatchObject({ ok: true, last: 4 });
    expect((await world.control('received')).body).toMatchObject({ received: [] });
    expect((await world.control(`telegram/chats/${PRIVATE}`)).body).toMatchObject({ messages: [] });
    expect((await world.control('retailcrm')).body).toEqual(['demo', 'second', 'third']);
    expect((await world.control('retailcrm/demo')).body).toMatchObject({ telephony: true });
    const { status } = await world.telegram('sendMessage', { chat_id: PRIVATE, text: 'раз' });
    expect(status).toBe(200);
    expect((await world.control('received?since=4')).body).toMatchObject({
      received: [{ sequence: 5 }],
    });
  });

  test('can be for one peer', async ({ world }) => {
    await world.telegram('sendMessage', { chat_id: GROUP, text: 'раз' });
    await world.control('reset', { peer: 'retailcrm' });
    expect(world.peers.telegram.chat(GROUP).messages).toHaveLength(1);
  });
});

describe('mistakes of the user', () => {
  test.for<[string, object | undefined, number, RegExp]>([
    ['behave', { peer: 'telegram', mode: 'explode' }, 400, /mode/],
    [
      'behave',
      { peer: 'pigeon', mode: 'hang' },
      404,
      /there are retailcrm, bitrix24, amocrm, telegram, timeweb/,
    ],
    ['behave', { peer: 'telegram', mode: 'hang', path: '(' }, 400, /regular expression/],
    ['retailcrm/nobody', undefined, 404, /no RetailCRM account "nobody"/],
    ['retailcrm/demo', { users: 'all' }, 400, /users/],
    ['telegram/chats/5', undefined, 404, /no Telegram chat 5/],
    ['telegram/pigeons', undefined, 404, /no GET/],
    ['nothing', undefined, 404, /no peer "nothing"/],
  ])('/control/%s %o is %i', async ([path, body, status, error], { world }) => {
    const answer = await world.control(path, body);
    expect(answer).toMatchObject({ status, body: { error: expect.stringMatching(error) } });
  });

  test('an account, its users and its customers are made on the fly', async ({ world }) => {
    await world.control('retailcrm/third', {
      key: 'third-key-0001',
      users: [{ id: 5, firstName: 'Зоя', code: '201' }],
      customers: [{ phone: '+375291110009', managerId: 5, name: 'Кто-то' }],
    });
    const { body } = await world.crmGet('/api/v5/telephony/manager?phone=375291110009', {
      account: 'third',
      key: 'third-key-0001',
    });
    expect(body).toMatchObject({ manager: { id: 5, code: '201' } });
  });
});

describe('what people do', () => {
  test('a pressed button reaches the webhook, and its query can be answered once known', async ({
    world,
  }) => {
    const reply_markup = { inline_keyboard: [[{ text: 'x', callback_data: 'cb:42' }]] };
    await world.telegram('sendMessage', { chat_id: GROUP, text: 'раз', reply_markup });
    const press = { chat_id: GROUP, message_id: 101, data: 'cb:42', from: { id: 5 } };

    await withHub(async ({ url, requests }) => {
      expect((await world.control('telegram/press', press)).body).toMatchObject({
        delivered: null,
      });
      await world.telegram('setWebhook', { url: `${url}/tg`, secret_token: 'abc' });
      const { body } = await world.control('telegram/press', press);
      expect(body).toMatchObject({
        delivered: { status: 200 },
        update: {
          callback_query: { data: 'cb:42', from: { id: 5 }, message: { message_id: 101 } },
        },
      });
      const { update } = body as { update: { callback_query: { id: string } } };
      expect(requests).toEqual([`POST /tg abc ${JSON.stringify(update)}`]);

      const answer = { callback_query_id: update.callback_query.id, text: 'Звоним' };
      expect((await world.telegram('answerCallbackQuery', answer)).status).toBe(200);
      world.clock.advance(151_000);
      const late = await world.telegram('answerCallbackQuery', answer);
      expect(late).toMatchObject({
        status: 400,
        body: { description: expect.stringMatching(/^Bad Request: query is too old/) },
      });
    });
    expect((await world.control('telegram/press', { ...press, data: 'cb:1' })).status).toBe(404);
  });

  test('a person writes to the bot', async ({ world }) => {
    const { body } = await world.control('telegram/say', { chat_id: PRIVATE, text: '/start' });
    expect(body).toMatchObject({
      delivered: null,
      update: {
        update_id: 900_000_001,
        message: { text: '/start', chat: { id: PRIVATE }, entities: [{ type: 'bot_command' }] },
      },
    });
  });

  test('a manager clicks a number in RetailCRM', async ({ world }) => {
    await withHub(async ({ url, requests }) => {
      await registerCallback(world, `${url}/make-call?x=1`);
      const click = { phone: '+375291110001', code: '151' };
      const { body } = await world.control('retailcrm/demo/click', click);
      expect(body).toEqual({ outcomes: [{ status: 200 }] });
      expect(requests).toEqual([
        'GET /make-call?x=1&clientId=opaque-client-id&code=151&phone=%2B375291110001&userId=17',
      ]);
    });
    expect((await world.control('retailcrm/demo/click', { phone: '1', code: '999' })).status).toBe(
      404,
    );
  });

  test('nothing outside this machine is ever called', async ({ world }) => {
    await registerCallback(world, 'https://hub.example/call');
    const { body } = await world.control('retailcrm/demo/click', { phone: '1', code: '151' });
    expect(body).toMatchObject({ outcomes: [{ error: expect.stringContaining('loopback') }] });
  });
});

describe('the page', () => {
  test('shows requests, chats and tables, and runs nothing that was sent to it', async ({
    world,
  }) => {
    await world.control('retailcrm/demo', { telephony: true });
    const evil = '<img src=x onerror=alert(1)>';
    await world.crm('/api/v5/telephony/call/event', {
      event: { phone: evil, type: 'in', codes: ['151'], callExternalId: '1.1' },
    });
    const reply_markup = { inline_keyboard: [[{ text: evil, callback_data: `"'${'>'}` }]] };
    await world.telegram('sendMessage', { chat_id: GROUP, text: evil, reply_markup });
    await world.control('behave', { peer: 'telegram', mode: 'hang', path: evil });

    const { status, body } = await ask(`${world.peers.url}/`);
    expect(status).toBe(200);
    expect(body).toContain('&lt;img src=x onerror=alert(1)&gt;');
    expect(body).not.toContain('<img');
    for (const text of ['Карточки звонка', 'june: звонки', 'висит и не отвечает', '/sendMessage']) {
      expect(body).toContain(text);
    }
    expect((await ask(`${world.peers.url}/?show=refused`)).body).not.toContain('/sendMessage');
  });

  test('has no icon and says so', async ({ world }) => {
    expect((await ask(`${world.peers.url}/favicon.ico`)).status).toBe(204);
  });
});

test('as a process it says where it is, and ends when its parent is gone', async () => {
  const program = fileURLToPath(new URL('server.ts', import.meta.url));
  const child = fork(program, ['--port', '0'], { silent: true });
  const [message] = await once(child, 'message');
  const { url } = message as { url: string };
  expect((await ask(`${url}/control/health`)).body).toMatchObject({ ok: true });
  child.disconnect();
  expect(await once(child, 'exit')).toEqual([0, null]);
});
