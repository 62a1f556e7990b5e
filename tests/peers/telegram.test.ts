import { describe, expect } from 'vitest';

import { ask, BOT_TOKEN, GROUP, PRIVATE, test, toForm, type World } from './fixture.ts';

const NOT_MODIFIED =
  'Bad Request: message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message';

const keyboard = (data: string) => ({
  inline_keyboard: [[{ text: '📞 Перезвонить', callback_data: data }]],
});

function refused(status: number, description: string, parameters?: object) {
  return {
    status,
    body: { ok: false, error_code: status, description, ...(parameters && { parameters }) },
  };
}

async function sent({ telegram }: World, params: object = {}): Promise<number> {
  const { body } = await telegram('sendMessage', { chat_id: GROUP, text: 'раз', ...params });
  return (body as { result: { message_id: number } }).result.message_id;
}

describe('the address', () => {
  test.for(['700000001:wrong', '1:x', ''])(
    'an unknown token "%s" is 401',
    async (token, { world }) => {
      const answer = await ask(`${world.peers.url}/telegram/bot${token}/getMe`);
      expect(answer).toMatchObject(refused(401, 'Unauthorized'));
    },
  );

  test('an unknown method is 404, the case of a known one does not matter', async ({ world }) => {
    expect(await world.telegram('sendPigeon', {})).toMatchObject(refused(404, 'Not Found'));
    expect((await world.telegram('GETME', {})).body).toMatchObject({
      ok: true,
      result: { id: 700_000_001, is_bot: true, username: 'trunkline_demo_bot' },
    });
  });

  test('a bot can be added', async ({ world }) => {
    await world.control('telegram/bots', { token: '8:abc', username: 'support_bot' });
    const { body } = await ask(`${world.peers.url}/telegram/bot8:abc/getMe`);
    expect(body).toMatchObject({ result: { id: 8, username: 'support_bot' } });
  });
});

describe('bodies', () => {
  const params = { chat_id: GROUP, text: 'раз', reply_markup: keyboard('cb:1') };
  const multipart = new FormData();
  for (const [name, value] of toForm(params)) multipart.set(name, value);

  test.for<[string, RequestInit]>([
    ['urlencoded', { body: toForm(params) }],
    ['multipart', { body: multipart }],
    ['JSON', { body: JSON.stringify(params), headers: { 'content-type': 'application/json' } }],
  ])('takes %s', async ([, init], { world }) => {
    const url = `${world.peers.url}/telegram/bot${BOT_TOKEN}/sendMessage`;
    const { body } = await ask(url, { method: 'POST', ...init });
    expect(body).toMatchObject({
      ok: true,
      result: { text: 'раз', reply_markup: keyboard('cb:1') },
    });
  });

  test('flags a parameter that Telegram would ignore', async ({ world }) => {
    await sent(world, { parsemode: 'HTML' });
    const { body } = await world.control('received');
    expect(body).toMatchObject({
      received: [
        { verdict: 'accepted', warnings: ['Telegram ignores the unknown parameter "parsemode"'] },
      ],
    });
  });
});

describe('sendMessage', () => {
  const withButton = (button: object) => ({ reply_markup: { inline_keyboard: [[button]] } });
  const unallowed =
    "Bad Request: can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard";

  test.for<[string, object, string]>([
    ['no text', { text: undefined }, 'Bad Request: message text is empty'],
    ['blank text', { text: ' \n' }, 'Bad Request: text must be non-empty'],
    [
      'nothing but tags',
      { text: '<b></b>', parse_mode: 'HTML' },
      'Bad Request: text must be non-empty',
    ],
    ['4097 characters', { text: 'я'.repeat(4_097) }, 'Bad Request: message is too long'],
    ['no chat', { chat_id: undefined }, 'Bad Request: chat_id is empty'],
    ['an unknown chat', { chat_id: 1 }, 'Bad Request: chat not found'],
    ['a chat that is no number', { chat_id: 'june' }, 'Bad Request: chat not found'],
    ['another parse mode', { parse_mode: 'BBCode' }, 'Bad Request: unsupported parse_mode'],
    [
      'an unclosed tag',
      { text: '<b>раз', parse_mode: 'HTML' },
      `Bad Request: can't parse entities: Can't find end tag corresponding to start tag "b"`,
    ],
    [
      '65 bytes of callback data',
      withButton({ text: 'x', callback_data: 'я'.repeat(32) + '1' }),
      'Bad Request: BUTTON_DATA_INVALID',
    ],
    ['empty callback data', withButton({ text: 'x', callback_data: '' }), unallowed],
    ['a button without an action', withButton({ text: 'x' }), unallowed],
    [
      'a button that opens localhost',
      withButton({ text: 'x', url: 'http://localhost/r' }),
      "Bad Request: inline keyboard button URL 'http://localhost/r' is invalid: Wrong HTTP URL",
    ],
    [
      'a keyboard that is not JSON',
      { reply_markup: '{inline_keyboard' },
      "Bad Request: can't parse reply keyboard markup JSON object",
    ],
  ])('refuses %s', async ([, change, description], { world }) => {
    const params = { chat_id: GROUP, text: 'раз', ...change };
    expect(await world.telegram('sendMessage', params)).toMatchObject(refused(400, description));
    expect(world.peers.telegram.chat(GROUP).messages).toEqual([]);
  });

  test('counts 4096 characters after the tags are read', async ({ world }) => {
    const text = `<b>${'я'.repeat(4_095)}&lt;</b>`;
    const { status } = await world.telegram('sendMessage', {
      chat_id: GROUP,
      text,
      parse_mode: 'html',
    });
    expect(status).toBe(200);
  });

  test('takes 64 bytes of callback data and the address of a machine', async ({ world }) => {
    const buttons = [
      { text: 'x', callback_data: 'я'.repeat(32) },
      { text: 'y', url: 'http://127.0.0.1:8080/r/1' },
    ];
    expect(await sent(world, { reply_markup: { inline_keyboard: [buttons] } })).toBe(101);
  });

  test.for([
    {
      patch: { state: 'kicked' },
      answer: refused(403, 'Forbidden: bot was kicked from the supergroup chat'),
    },
    {
      patch: { type: 'group', state: 'kicked' },
      answer: refused(403, 'Forbidden: bot was kicked from the group chat'),
    },
    {
      patch: { migrate_to_chat_id: -100_500 },
      answer: refused(400, 'Bad Request: group chat was upgraded to a supergroup chat', {
        migrate_to_chat_id: -100_500,
      }),
    },
  ])('a chat changed by $patch refuses', async ({ patch, answer }, { world }) => {
    await world.control('telegram/chats', { id: GROUP, ...patch });
    const params = { chat_id: GROUP, text: 'раз' };
    expect(await world.telegram('sendMessage', params)).toMatchObject(answer);
    expect(await world.telegram('getChat', { chat_id: GROUP })).toMatchObject(answer);
  });

  test('a migrated group lives on under its new id', async ({ world }) => {
    await world.control('telegram/chats', { id: GROUP, migrate_to_chat_id: -100_500 });
    await sent(world, { chat_id: -100_500 });
    const { body } = await world.control('telegram/chats/-100500');
    expect(body).toMatchObject({ type: 'supergroup', messages: [{ text: 'раз' }] });
  });

  test('a private chat may block the bot', async ({ world }) => {
    await world.control('telegram/chats', { id: PRIVATE, state: 'blocked' });
    expect(await world.telegram('sendMessage', { chat_id: PRIVATE, text: 'раз' })).toMatchObject(
      refused(403, 'Forbidden: bot was blocked by the user'),
    );
  });
});

describe('edits', () => {
  test('change the message as it stands and keep its history', async ({ world }) => {
    const message_id = await sent(world, { reply_markup: keyboard('cb:1') });
    const edit = { chat_id: GROUP, message_id, text: '<b>два</b>', parse_mode: 'HTML' };
    expect((await world.telegram('editMessageText', edit)).body).toMatchObject({
      ok: true,
      result: { message_id, text: 'два' },
    });
    const { body } = await world.control(`telegram/chats/${GROUP}`);
    expect(body).toMatchObject({
      count: 1,
      messages: [
        {
          text: 'два',
          source: '<b>два</b>',
          // An edit that does not repeat the keyboard takes it away.
          reply_markup: null,
          edits: 1,
          history: [
            { text: 'раз', sequence: 1 },
            { text: 'два', sequence: 2 },
          ],
        },
      ],
    });
  });

  test('that change nothing are refused', async ({ world }) => {
    const message_id = await sent(world, { reply_markup: keyboard('cb:1') });
    const same = { chat_id: GROUP, message_id, text: 'раз', reply_markup: keyboard('cb:1') };
    expect(await world.telegram('editMessageText', same)).toMatchObject(refused(400, NOT_MODIFIED));
    const { text: _, ...markup } = same;
    expect(await world.telegram('editMessageReplyMarkup', markup)).toMatchObject(
      refused(400, NOT_MODIFIED),
    );
    const other = { ...markup, reply_markup: keyboard('cb:2') };
    expect((await world.telegram('editMessageReplyMarkup', other)).status).toBe(200);
  });

  test('of what is not there are refused', async ({ world }) => {
    const message_id = await sent(world);
    const edit = { chat_id: GROUP, message_id, text: 'два' };
    expect((await world.telegram('deleteMessage', edit)).body).toEqual({ ok: true, result: true });
    expect(await world.telegram('editMessageText', edit)).toMatchObject(
      refused(400, 'Bad Request: message to edit not found'),
    );
    expect(await world.telegram('deleteMessage', edit)).toMatchObject(
      refused(400, 'Bad Request: message to delete not found'),
    );
    expect(await world.telegram('editMessageText', { chat_id: GROUP, text: 'x' })).toMatchObject(
      refused(400, 'Bad Request: message identifier is not specified'),
    );
  });
});

describe('limits', () => {
  function tooMany(seconds: number) {
    return refused(429, `Too Many Requests: retry after ${seconds}`, { retry_after: seconds });
  }

  test('a private chat takes a burst of three, then one a second', async ({ world }) => {
    const send = () => world.telegram('sendMessage', { chat_id: PRIVATE, text: 'раз' });
    for (let count = 0; count < 3; count += 1) expect((await send()).status).toBe(200);
    const answer = await send();
    expect(answer).toMatchObject(tooMany(1));
    expect(answer.headers.get('retry-after')).toBe('1');
    world.clock.advance(1_000);
    expect((await send()).status).toBe(200);
    expect((await send()).status).toBe(429);
  });

  test('a group takes twenty a minute, edits included', async ({ world }) => {
    const message_id = await sent(world);
    for (let count = 1; count < 20; count += 1) {
      world.clock.advance(1_000);
      const edit = { chat_id: GROUP, message_id, text: `${count}` };
      expect((await world.telegram('editMessageText', edit)).status).toBe(200);
    }
    const send = () => world.telegram('sendMessage', { chat_id: GROUP, text: 'раз' });
    expect(await send()).toMatchObject(tooMany(41));
    world.clock.advance(41_000);
    expect((await send()).status).toBe(200);
    expect((await send()).status).toBe(429);
  });

  test('a bot takes thirty a second over all its chats', async ({ world }) => {
    const send = (chat_id: number) => world.telegram('sendMessage', { chat_id, text: 'раз' });
    for (let id = 1; id <= 31; id += 1) await world.control('telegram/chats', { id });
    for (let id = 1; id <= 30; id += 1) expect((await send(id)).status).toBe(200);
    expect(await send(31)).toMatchObject(tooMany(1));
    world.clock.advance(1_000);
    expect((await send(31)).status).toBe(200);
  });

  test('a refused request costs nothing', async ({ world }) => {
    for (let count = 0; count < 25; count += 1) {
      await world.telegram('sendMessage', { chat_id: GROUP, text: '<b>', parse_mode: 'HTML' });
    }
    expect(await sent(world)).toBe(101);
  });
});

describe('webhooks', () => {
  test.for<[object, string]>([
    [
      { url: 'http://hub.example/tg' },
      'Bad Request: bad webhook: An HTTPS URL must be provided for webhook',
    ],
    [
      { url: 'https://hub.example:9000/tg' },
      'Bad Request: bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443',
    ],
    [
      { url: 'https://hub.example/tg', secret_token: 'с пробелом' },
      'Bad Request: secret token contains unallowed characters',
    ],
  ])('refuses %o', async ([params, description], { world }) => {
    expect(await world.telegram('setWebhook', params)).toMatchObject(refused(400, description));
  });

  test('are remembered, and keep allowed_updates that are not named again', async ({ world }) => {
    const url = 'https://hub.example/tg';
    await world.telegram('setWebhook', { url, allowed_updates: ['message', 'callback_query'] });
    await world.telegram('setWebhook', { url, secret_token: 'abc' });
    const info = { url, allowed_updates: ['message', 'callback_query'] };
    expect((await world.telegram('getWebhookInfo', {})).body).toMatchObject({ result: info });
    await world.telegram('deleteWebhook', {});
    expect((await world.telegram('getWebhookInfo', {})).body).toMatchObject({
      result: { url: '' },
    });
  });
});
