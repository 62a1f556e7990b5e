import { describe, expect, test } from 'vitest';

import { END_STATUSES, type EndStatus } from '../../shared/calls/call.ts';
import type { Step } from '../../shared/crm/crm.schema.ts';
import type { CallSnapshot, CrmContext, DeliveryStep } from '../../shared/crm/crm.ts';
import { VendorFailure } from '../../shared/crm/failure.ts';
import { RetailcrmConfig } from '../../shared/crm/retailcrm/config.ts';
import { retailcrm } from '../../shared/crm/retailcrm/crm.ts';
import {
  type OutboundAnswer,
  OutboundError,
  type OutboundRequest,
  sendOutbound,
} from '../../shared/outbound.ts';
import { type Peers, startPeers } from '../peers/server.ts';

type Context = CrmContext<RetailcrmConfig>;

const CONFIG = {
  api_url: 'https://demo.retailcrm.ru',
  api_key: 'demo-key-0367',
  client_id: 'client-0367',
};
const USERS = new Map([
  ['150', '16'],
  ['151', '17'],
  ['152', '18'],
]);

/** An answered incoming call: 150 and 151 rang, 151 talked. */
const CALL: CallSnapshot = {
  id: '0199a000-0000-7000-8000-000000000001',
  mainUniqueId: '1757840723.6',
  direction: 'in',
  status: 'answered',
  phone: '375291110001',
  line: '0001363',
  rang: ['150', '151'],
  lastTalkedBy: '151',
  startedAt: new Date('2026-01-31T09:05:09Z'),
  endedAt: new Date('2026-01-31T09:06:19Z'),
  waitSeconds: 10,
  talkSeconds: 60,
  timezone: 'Europe/Minsk',
};

/** What RetailCRM needs no help with: it keeps nothing between steps and its key never changes. */
const UNUSED: Pick<Context, 'memory' | 'renewSettings'> = {
  memory: {
    read: () => Promise.reject(new Error('RetailCRM needs no memory')),
    write: () => Promise.reject(new Error('RetailCRM needs no memory')),
  },
  renewSettings: () => Promise.reject(new Error('RetailCRM renews nothing')),
};

function stepOf(step: Step, extensions: string[] = []): DeliveryStep {
  return { step, extensions, maybeApplied: false };
}

type Sent = {
  method: string;
  path: string;
  fields: Record<string, unknown>;
  headers: Record<string, string>;
};

/** A context whose requests are kept and answered with `answer`. */
function listening(answer: Partial<OutboundAnswer> | Error = {}, change: Partial<Context> = {}) {
  const sent: Sent[] = [];
  const context: Context = {
    ...UNUSED,
    config: CONFIG,
    users: USERS,
    publicUrl: 'https://calls.example.com',
    async send(request: OutboundRequest) {
      const { method, url, body = '', headers = {} } = request;
      const fields = [...new URLSearchParams(body)].map(([name, value]) => [
        name,
        JSON.parse(value),
      ]);
      sent.push({
        method,
        path: url.replace(CONFIG.api_url, ''),
        fields: Object.fromEntries(fields),
        headers,
      });
      if (answer instanceof Error) throw answer;
      return { status: 200, headers: {}, text: '{"success":true}', ...answer };
    },
    ...change,
  };
  return { context, sent };
}

const refusing = (status: number, body: object | string, headers = {}) =>
  listening({ status, headers, text: typeof body === 'string' ? body : JSON.stringify(body) })
    .context;

async function deliver(step: Step, call: Partial<CallSnapshot> = {}, extensions = ['150', '151']) {
  const { context, sent } = listening();
  const result = await retailcrm.deliver(stepOf(step, extensions), { ...CALL, ...call }, context);
  return {
    result,
    sent,
    events: sent.flatMap(({ fields }) => fields['event'] ?? []),
    calls: sent.flatMap(({ fields }) => (fields['calls'] ?? []) as Record<string, unknown>[]),
  };
}

const EVENT = '/api/v5/telephony/call/event';
const UPLOAD = '/api/v5/telephony/calls/upload';
const DELIVERED = { outcome: 'delivered' };

describe('what is sent for a step', () => {
  test('every request is a form that holds JSON, with the key in a header and nowhere else', async () => {
    const { sent } = await deliver('hangup');
    for (const { method, headers, ...rest } of sent) {
      expect(method).toBe('POST');
      expect(headers).toEqual({
        accept: 'application/json',
        'content-type': 'application/x-www-form-urlencoded',
        'x-api-key': 'demo-key-0367',
      });
      expect(JSON.stringify(rest)).not.toContain('demo-key-0367');
    }
  });

  test('dial: the card for all who ring', async () => {
    const { result, sent } = await deliver('dial', { status: 'ringing' });
    expect(result).toEqual(DELIVERED);
    expect(sent.map(({ path, fields }) => ({ path, fields }))).toEqual([
      {
        path: EVENT,
        fields: {
          event: {
            phone: '+375291110001',
            type: 'in',
            codes: ['150', '151'],
            callExternalId: '1757840723.6',
          },
        },
      },
    ]);
  });

  test('dial of an outgoing call says so', async () => {
    const { events } = await deliver('dial', { direction: 'out' }, ['151']);
    expect(events).toMatchObject([{ type: 'out', codes: ['151'] }]);
  });

  test('bridge: nothing, RetailCRM has no word for it', async () => {
    expect(await deliver('bridge')).toMatchObject({ result: { outcome: 'skipped' }, sent: [] });
  });

  test('hangup: the card is closed for all who rang, then the call is entered', async () => {
    const { result, sent } = await deliver('hangup', {}, []);
    expect(result).toEqual(DELIVERED);
    expect(sent.map(({ path, fields }) => ({ path, fields }))).toEqual([
      {
        path: EVENT,
        fields: {
          event: {
            phone: '+375291110001',
            type: 'hangup',
            codes: ['150', '151'],
            hangupStatus: 'answered',
            callExternalId: '1757840723.6',
          },
        },
      },
      {
        path: UPLOAD,
        fields: {
          calls: [
            {
              date: '2026-01-31 12:05:09',
              type: 'in',
              phone: '375291110001',
              code: '151',
              result: 'answered',
              duration: 60,
              durationWaiting: 10,
              externalId: '1757840723.6',
            },
          ],
        },
      },
    ]);
  });

  test('hangup when nobody rang: no card is open, so none is closed', async () => {
    const { sent } = await deliver('hangup', { rang: [], status: 'abandoned', lastTalkedBy: null });
    expect(sent.map(({ path }) => path)).toEqual([UPLOAD]);
  });

  test.each(['recording', 'download'] as const)(
    '%s: the journal only, never a card',
    async (step) => {
      const { sent } = await deliver(step);
      expect(sent.map(({ path }) => path)).toEqual([UPLOAD]);
    },
  );

  test.each(['dial', 'bridge', 'hangup', 'recording', 'download'] as const)(
    '%s of a hidden number: nothing',
    async (step) => {
      expect(await deliver(step, { phone: null })).toMatchObject({
        result: { outcome: 'skipped' },
        sent: [],
      });
    },
  );

  test('what is not known of times is zero', async () => {
    const { calls } = await deliver('download', { talkSeconds: null, waitSeconds: null });
    expect(calls).toMatchObject([{ duration: 0, durationWaiting: 0 }]);
  });

  test('a path in the address stays in front', async () => {
    const config = { ...CONFIG, api_url: `${CONFIG.api_url}/sub` };
    const { context, sent } = listening({}, { config });
    await retailcrm.deliver(stepOf('download'), CALL, context);
    expect(sent).toMatchObject([{ path: `/sub${UPLOAD}` }]);
  });

  test('an extension that RetailCRM does not know is a remark, not a failure', async () => {
    const { context } = listening({ text: '{"success":true,"notExistCodes":["150",999]}' });
    const result = await retailcrm.deliver(stepOf('dial', ['150']), CALL, context);
    expect(result).toEqual({ outcome: 'delivered', note: expect.stringContaining('150, 999') });
  });

  test('a call that was there already is entered', async () => {
    const { context } = listening({
      text: '{"success":true,"processedCallsCount":0,"duplicateCalls":["1757840723.6"]}',
    });
    expect(await retailcrm.deliver(stepOf('download'), CALL, context)).toEqual(DELIVERED);
  });
});

describe("the vendor's spelling", () => {
  const SPELLING: Record<
    Exclude<EndStatus, `internal_${string}`>,
    [event: string, upload: string]
  > = {
    answered: ['answered', 'answered'],
    lost_in_transfer: ['answered', 'answered'],
    missed: ['no answered', 'no answer'],
    abandoned: ['cancel', 'no answer'],
    no_answer: ['no answered', 'no answer'],
    busy: ['busy', 'busy'],
    failed: ['failed', 'failed'],
  };

  test.each(Object.entries(SPELLING) as [EndStatus, [string, string]][])(
    '%s is %j: in the event, in the upload',
    async (status, [hangupStatus, result]) => {
      const { events, calls } = await deliver('hangup', { status });
      expect(events).toMatchObject([{ hangupStatus }]);
      expect(calls).toMatchObject([{ result }]);
    },
  );

  test('leaves no end of a call without a word', () => {
    const outside = END_STATUSES.filter((status) => !status.startsWith('internal'));
    expect(Object.keys(SPELLING).toSorted()).toEqual(outside.toSorted());
  });
});

describe('whose call it is', () => {
  test.each<[rule: string, call: Partial<CallSnapshot>, owner: string | undefined]>([
    ['of who talked last', { lastTalkedBy: '152' }, '152'],
    ['of who talked last, mapped to a user or not', { lastTalkedBy: '159' }, '159'],
    ['of the only one who rang', { lastTalkedBy: null, rang: ['150'] }, '150'],
    [
      'of nobody when several rang and none took it',
      { lastTalkedBy: null, rang: ['150', '151'] },
      undefined,
    ],
    ['of nobody when nobody rang', { lastTalkedBy: null, rang: [] }, undefined],
  ])('%s', async (_rule, call, owner) => {
    const { calls } = await deliver('download', call);
    const owners = calls.map((entry) => ({ code: entry['code'], userId: entry['userId'] }));
    expect(owners).toEqual([{ code: owner, userId: undefined }]);
  });
});

describe('the date of a call is what the clock on the wall of the enterprise said', () => {
  test.each([
    ['Europe/Minsk', '2026-01-31T09:05:09Z', '2026-01-31 12:05:09'],
    ['Europe/Minsk', '2026-01-31T21:00:00Z', '2026-02-01 00:00:00'],
    ['Europe/Warsaw', '2026-01-31T09:05:09Z', '2026-01-31 10:05:09'],
    ['Europe/Warsaw', '2026-07-31T09:05:09Z', '2026-07-31 11:05:09'],
    ['Asia/Kolkata', '2026-01-31T09:05:09Z', '2026-01-31 14:35:09'],
    ['America/Sao_Paulo', '2026-01-01T02:59:59Z', '2025-12-31 23:59:59'],
    ['UTC', '2026-01-05T04:05:06Z', '2026-01-05 04:05:06'],
  ])('%s, %s', async (timezone, startedAt, date) => {
    const { calls } = await deliver('download', { timezone, startedAt: new Date(startedAt) });
    expect(calls).toMatchObject([{ date }]);
  });
});

describe('what a refusal means', () => {
  const failureOf = async (context: Context): Promise<VendorFailure> => {
    const step = stepOf('download');
    const error: unknown = await retailcrm
      .deliver(step, CALL, context)
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(VendorFailure);
    return error as VendorFailure;
  };
  const says = (errorMsg: string, rest: object = {}) => ({ success: false, errorMsg, ...rest });
  const HTML = '<!DOCTYPE html><html><body>Технические работы</body></html>';

  test.each<[what: string, status: number, body: object | string, failureClass: string]>([
    ['a wrong key', 403, says('Wrong "apiKey" value.'), 'auth'],
    ['no key', 400, says('"apiKey" is missing.'), 'auth'],
    ['a key without the right', 403, says('Access denied.'), 'auth'],
    ['any other 403', 403, says('Your IP is blocked'), 'auth'],
    ['an account that is not paid for', 402, says('Payment required'), 'auth'],
    ['an account that does not exist', 404, says('Account does not exist.'), 'auth'],
    [
      'telephony that is off, said with 200 and "false"',
      200,
      { success: 'false', errorMsg: 'Telephony not enabled' },
      'auth',
    ],
    [
      'telephony without uploads',
      400,
      says('Telephony not enabled or not supports calls upload'),
      'auth',
    ],
    [
      'a field that is wrong',
      400,
      says('Errors in the entity format', { errors: { date: 'is blank' } }),
      'permanent',
    ],
    [
      'a field that is wrong, in other words',
      400,
      says('Validation error', { errors: ['phone: is blank'] }),
      'permanent',
    ],
    ['a parameter that is missing', 400, says("Parameter 'phone' is missing"), 'permanent'],
    ['a method that nobody knows', 404, says('API method not found'), 'permanent'],
    ['an error without words', 400, { success: false }, 'permanent'],
    ['a success that is none', 200, { success: 1 }, 'permanent'],
    ['JSON that is not of RetailCRM', 200, { message: 'Bad gateway' }, 'retry'],
    ['too many requests', 503, says('Rate limit exceeded'), 'limit'],
    ['too many requests, the usual way', 429, says('Rate limit exceeded'), 'limit'],
    ['too many requests, as a page', 503, HTML, 'limit'],
    ['an error of theirs', 500, says('Internal server error'), 'retry'],
    ['a broken gateway', 502, HTML, 'retry'],
    ['a page instead of JSON', 200, HTML, 'retry'],
    ['a page for a wrong sub-domain', 404, HTML, 'retry'],
    ['nothing', 200, '', 'retry'],
    ['JSON that is no object', 200, '"ok"', 'retry'],
  ])('%s: %d', async (_what, status, body, failureClass) => {
    expect(await failureOf(refusing(status, body))).toMatchObject({
      failureClass,
      httpStatus: status,
    });
  });

  test.each<[what: string, error: OutboundError, expected: object]>([
    [
      'no answer in time',
      new OutboundError('timeout', '', { sent: true }),
      { failureClass: 'retry', timedOut: true, maybeApplied: true },
    ],
    [
      'no connection in time',
      new OutboundError('timeout', '', { sent: false }),
      { failureClass: 'retry', timedOut: true, maybeApplied: false },
    ],
    [
      'a cut connection',
      new OutboundError('network', '', { sent: true }),
      { failureClass: 'retry', timedOut: false, maybeApplied: true },
    ],
    [
      'no connection',
      new OutboundError('network', '', { sent: false }),
      { failureClass: 'retry', timedOut: false, maybeApplied: false },
    ],
    [
      'an answer without end',
      new OutboundError('too_large', '', { sent: true }),
      { failureClass: 'retry', maybeApplied: true },
    ],
    [
      'a private address',
      new OutboundError('refused_address', '', { sent: false }),
      { failureClass: 'auth', maybeApplied: false },
    ],
  ])('%s', async (_what, error, expected) => {
    expect(await failureOf(listening(error).context)).toMatchObject(expected);
  });

  test('a page after success may hide that it was applied', async () => {
    expect(await failureOf(refusing(200, HTML))).toMatchObject({ maybeApplied: true });
    expect(await failureOf(refusing(502, HTML))).toMatchObject({ maybeApplied: false });
  });

  test.each([
    ['12', 12],
    ['soon', undefined],
    [undefined, undefined],
  ])('a limit with Retry-After %s', async (header, retryAfterSeconds) => {
    const context = refusing(429, says('Rate limit exceeded'), header && { 'retry-after': header });
    expect((await failureOf(context)).retryAfterSeconds).toBe(retryAfterSeconds);
  });

  test.each([
    ['as a map', { 'calls[0].date': 'This value is not a valid datetime.' }],
    ['as a list', ['calls[0].date: This value is not a valid datetime.']],
  ])('wrong fields %s are named in the message', async (_how, errors) => {
    const { message } = await failureOf(
      refusing(400, says('Errors in the entity format', { errors })),
    );
    expect(message).toBe(
      'RetailCRM отклонила запрос: Errors in the entity format; calls[0].date: This value is not a valid datetime.',
    );
  });

  test('an error of our own stays what it is', async () => {
    const { context } = listening(new TypeError('x is undefined'));
    const step = stepOf('download');
    await expect(retailcrm.deliver(step, CALL, context)).rejects.toBeInstanceOf(TypeError);
  });

  test('a card that could not be closed: the journal waits for the next attempt', async () => {
    const { context, sent } = listening({
      status: 500,
      text: JSON.stringify(says('Internal server error')),
    });
    const step = stepOf('hangup');
    await expect(retailcrm.deliver(step, CALL, context)).rejects.toBeInstanceOf(VendorFailure);
    expect(sent.map(({ path }) => path)).toEqual([EVENT]);
  });
});

describe('the settings', () => {
  test('lose slashes at the end of the address', () => {
    expect(RetailcrmConfig.parse({ ...CONFIG, api_url: `${CONFIG.api_url}//` })).toEqual(CONFIG);
  });

  test.each([
    ['no address', { api_url: '' }],
    ['an address without a protocol', { api_url: 'demo.retailcrm.ru' }],
    ['no key', { api_key: '' }],
    ['a key that no header can carry', { api_key: 'ключ-0367' }],
    ['a key with a line break in it', { api_key: 'demo\nkey' }],
    ['no client id', { client_id: '' }],
  ])('are incomplete with %s', (_what, change) => {
    expect(RetailcrmConfig.safeParse({ ...CONFIG, ...change }).success).toBe(false);
  });

  test('name the account by its address, and never by a secret', () => {
    expect(retailcrm.account({ ...CONFIG, api_url: 'https://demo.retailcrm.ru/sub' })).toBe(
      'demo.retailcrm.ru/sub',
    );
  });
});

/** The strict simulator: what RetailCRM would refuse is refused. */
const strict = test.extend<{
  peers: Peers;
  demo: Context;
  control: (path: string, body: object) => Promise<unknown>;
}>({
  peers: async ({}, use) => {
    const peers = await startPeers({ port: 0 });
    await use(peers);
    await peers.close();
  },
  demo: async ({ peers }, use) => {
    await use({
      ...UNUSED,
      config: { ...CONFIG, api_url: `${peers.url}/retailcrm/demo` },
      users: USERS,
      publicUrl: 'https://calls.example.com',
      send: (request) => sendOutbound(request, { allowPrivate: true, totalMs: 500 }),
    });
  },
  control: async ({ peers }, use) => {
    await use(async (path, body) => {
      await fetch(`${peers.url}/control/${path}`, { method: 'POST', body: JSON.stringify(body) });
    });
  },
});

describe('a strict RetailCRM', () => {
  strict('is told of us by register, and takes every step afterwards', async ({ peers, demo }) => {
    await retailcrm.register?.(demo);
    expect(peers.retailcrm.account('demo').modules.get('trunkline')).toEqual({
      code: 'trunkline',
      integrationCode: 'trunkline',
      active: true,
      name: 'Trunkline',
      baseUrl: 'https://calls.example.com',
      clientId: 'client-0367',
      accountUrl: 'https://calls.example.com',
      integrations: {
        telephony: {
          makeCallUrl: 'https://calls.example.com/api/crm/retailcrm/make-call',
          changeUserStatusUrl: 'https://calls.example.com/api/crm/retailcrm/user-status',
          allowEdit: false,
          inputEventSupported: true,
          outputEventSupported: true,
          hangupEventSupported: true,
          additionalCodes: [
            { userId: 16, code: '150' },
            { userId: 17, code: '151' },
            { userId: 18, code: '152' },
          ],
        },
      },
    });
    for (const step of ['dial', 'hangup', 'recording'] as const) {
      expect(await retailcrm.deliver(stepOf(step, ['150', '151']), CALL, demo), `${step}`).toEqual(
        DELIVERED,
      );
    }
    const { popups, journal } = peers.retailcrm.account('demo');
    expect([...popups.values()].map(({ type, codes }) => ({ type, codes }))).toEqual([
      { type: 'in', codes: ['150', '151'] },
      { type: 'hangup', codes: ['150', '151'] },
    ]);
    expect([...journal.values()]).toMatchObject([
      { key: '1757840723.6', uploads: [{ duplicate: false }, { duplicate: true }] },
    ]);
  });

  strict.for(END_STATUSES.filter((status) => !status.startsWith('internal')))(
    'takes the end of a call that is %s',
    async (status, { demo }) => {
      await retailcrm.register?.(demo);
      expect(await retailcrm.deliver(stepOf('hangup'), { ...CALL, status }, demo)).toEqual(
        DELIVERED,
      );
    },
  );

  strict('without our module refuses, until a person acts', async ({ demo }) => {
    const run = retailcrm.deliver(stepOf('download'), CALL, demo);
    await expect(run).rejects.toMatchObject({
      failureClass: 'auth',
      message: expect.stringContaining('Телефония'),
    });
  });
});

describe('who looks after a client', () => {
  strict('is his manager, with the name and the extension', async ({ demo }) => {
    expect(await retailcrm.findResponsible('375291110001', demo)).toEqual({
      extension: '151',
      userId: '17',
      name: 'Борис Лещук',
      clientName: 'Иван Клиентов',
    });
  });

  strict('is reached by our own map before the code in RetailCRM', async ({ demo }) => {
    const users = new Map([['250', '17']]);
    expect(await retailcrm.findResponsible('375291110001', { ...demo, users })).toMatchObject({
      extension: '250',
    });
  });

  strict('is reached by the code when he is not mapped', async ({ demo }) => {
    expect(
      await retailcrm.findResponsible('375291110001', { ...demo, users: new Map() }),
    ).toMatchObject({ extension: '151' });
  });

  strict('may have no extension at all', async ({ demo, control }) => {
    await control('retailcrm/demo', { users: [{ id: 17, firstName: 'Борис', code: null }] });
    expect(
      await retailcrm.findResponsible('375291110001', { ...demo, users: new Map() }),
    ).toMatchObject({
      extension: null,
      userId: '17',
      name: 'Борис',
    });
  });

  strict('is found though he is away: the call is his', async ({ demo, control }) => {
    await control('retailcrm/demo', {
      users: [{ id: 17, firstName: 'Борис', code: '151', status: 'dinner' }],
    });
    expect(await retailcrm.findResponsible('375291110001', demo)).toMatchObject({
      extension: '151',
    });
  });

  strict.for(['absent', 'null', 'not_found'] as const)(
    'is nobody: said by %s',
    async (unknownManager, { demo, control }) => {
      await control('retailcrm/demo', { unknownManager });
      expect(await retailcrm.findResponsible('375291110003', demo)).toBeNull();
      expect(await retailcrm.findResponsible('375291119999', demo)).toBeNull();
    },
  );

  strict('cannot be said by a CRM that is down', async ({ demo, control }) => {
    await control('behave', { peer: 'retailcrm', mode: 'error500' });
    await expect(retailcrm.findResponsible('375291110001', demo)).rejects.toMatchObject({
      failureClass: 'retry',
    });
  });

  test('is asked for by the number with its plus, and with the client', async () => {
    const { context, sent } = listening({ text: '{"success":true}' });
    await retailcrm.findResponsible('375291110001', context);
    expect(sent).toMatchObject([
      {
        method: 'GET',
        path: '/api/v5/telephony/manager?phone=%2B375291110001&details=1&ignoreStatus=1',
      },
    ]);
  });
});

describe('the test of a connection', () => {
  strict('is well', async ({ demo }) => {
    expect(await retailcrm.test(demo)).toEqual({ ok: true });
  });

  strict('is well when the account says nothing of rights', async ({ demo }) => {
    expect(await retailcrm.test({ ...demo, ...listening({}).context })).toEqual({ ok: true });
  });

  strict('says that the key is wrong', async ({ demo }) => {
    const config = { ...demo.config, api_key: 'another-key' };
    expect(await retailcrm.test({ ...demo, config })).toEqual({
      ok: false,
      problem: 'Ключ API неверный',
      hint: expect.stringContaining('ключ'),
    });
  });

  strict('says that the key may not do telephony', async ({ demo, control }) => {
    await control('retailcrm/demo', {
      limitedKey: { key: 'limited-key', scopes: ['customer_read'] },
    });
    const config = { ...demo.config, api_key: 'limited-key' };
    expect(await retailcrm.test({ ...demo, config })).toMatchObject({
      ok: false,
      problem: expect.stringContaining('телефони'),
    });
  });

  strict.for([
    ['html', 'JSON'],
    ['hang', 'вовремя'],
    ['cut', 'связи'],
    ['error500', '500'],
    ['error429', 'частоту'],
  ] as const)('says what is wrong when it meets %s', async ([mode, word], { demo, control }) => {
    await control('behave', { peer: 'retailcrm', mode });
    const report = await retailcrm.test(demo);
    expect(report).toMatchObject({
      ok: false,
      problem: expect.stringContaining(word),
      hint: expect.stringMatching(/.{20}/),
    });
  });

  strict('says that there is no such account', async ({ demo, peers }) => {
    const config = { ...demo.config, api_url: `${peers.url}/retailcrm/nobody` };
    expect(await retailcrm.test({ ...demo, config })).toMatchObject({
      ok: false,
      hint: expect.stringContaining('адрес'),
    });
  });

  strict('never shows the key', async ({ demo, control }) => {
    await control('behave', { peer: 'retailcrm', mode: 'html' });
    expect(JSON.stringify(await retailcrm.test(demo))).not.toContain('demo-key-0367');
  });
});
