import { createHmac } from 'node:crypto';

import { describe, expect, test } from 'vitest';

import type { CallStep } from '../../shared/crm/crm.schema.ts';
import type { CallSnapshot, DeliveryStep } from '../../shared/crm/crm.ts';
import { VendorFailure } from '../../shared/crm/failure.ts';
import { WebhookConfig } from '../../shared/crm/webhook/config.ts';
import { webhook } from '../../shared/crm/webhook/crm.ts';
import { signatureHeaders } from '../../shared/crm/webhook/signature.ts';
import { judgeFailure } from '../../shared/deliveries/after-attempt.ts';
import { type OutboundAnswer, OutboundError, type OutboundRequest } from '../../shared/outbound.ts';
import { CALL as ANSWERED } from '../support/crm-call.ts';
import { createTestTools } from '../support/crm-tools.ts';

const keyOf = (byte: number): Buffer => Buffer.alloc(32, byte);
const secretOf = (byte: number): string => `whsec_${keyOf(byte).toString('base64')}`;

const CONFIG = WebhookConfig.parse({ url: 'https://hooks.example.com/calls', secret: secretOf(1) });

const CALL: CallSnapshot = { ...ANSWERED, enterpriseNumber: '0367' };
const DUE = new Date('2026-01-31T09:05:12Z');

type Options = {
  config?: Partial<WebhookConfig>;
  call?: Partial<CallSnapshot>;
  step?: Partial<DeliveryStep>;
  answer?: Partial<OutboundAnswer> | Error;
};

async function deliver(step: CallStep, { config, call, step: change, answer = {} }: Options = {}) {
  const sent: OutboundRequest[] = [];
  const tools = createTestTools({
    async send(request) {
      sent.push(request);
      if (answer instanceof Error) throw answer;
      return { status: 200, headers: {}, text: '', ...answer };
    },
  });
  const asked = { id: '1201', step, extensions: ['150', '151'], maybeApplied: false, dueAt: DUE };
  const result = await webhook
    .deliver(
      { ...asked, ...change },
      { ...CALL, ...call },
      { ...tools, config: { ...CONFIG, ...config } },
    )
    .catch((error: unknown) => error);
  const [request] = sent;
  const body: unknown = request && JSON.parse(request.body ?? '');
  return { result, sent, request, body: body as { type: string; data: Record<string, unknown> } };
}

const verdictOf = async (answer: Options['answer']) => {
  const { result } = await deliver('hangup', answer ? { answer } : {});
  expect(result).toBeInstanceOf(VendorFailure);
  return judgeFailure(result, 1, () => 0.5);
};

describe('what is sent', () => {
  test('of an ended call, field by field', async () => {
    const { request, body, result } = await deliver('hangup');
    expect(result).toEqual({ outcome: 'delivered' });
    expect(request).toMatchObject({
      method: 'POST',
      url: 'https://hooks.example.com/calls',
      headers: { 'content-type': 'application/json' },
    });
    expect(body).toEqual({
      type: 'call.ended',
      timestamp: '2026-01-31T09:06:19.000Z',
      data: {
        call_id: '1757840723.6',
        enterprise_number: '0367',
        direction: 'in',
        phone: '375291110001',
        line: '0001363',
        extension: '151',
        status: 'answered',
        started_at: '2026-01-31T09:05:09.000Z',
        talk_seconds: 60,
        recording_url: null,
        expires_at: null,
        late: false,
      },
    });
  });

  test.each<[CallStep, string, object]>([
    ['dial', 'call.ringing', { extension: '150', late: false }],
    ['bridge', 'call.answered', { extension: '150', late: false }],
    ['hangup', 'call.ended', { extension: '151', late: false }],
    ['recording', 'call.recording', { extension: '151', late: false }],
    ['download', 'call.ended', { extension: '151', late: true }],
  ])('%s is told as %s', async (step, type, data) => {
    expect((await deliver(step)).body).toMatchObject({ type, data });
  });

  test("a group's missed call is nobody's", async () => {
    const { body } = await deliver('hangup', { call: { status: 'missed', lastTalkedBy: null } });
    expect(body.data['extension']).toBeNull();
  });

  test('a hidden number is told as one', async () => {
    expect((await deliver('hangup', { call: { phone: null } })).body.data['phone']).toBeNull();
  });

  test('a permanent link has no end, a direct one says when it ends', async () => {
    const call = {
      recordingUrl: 'https://calls.example.com/r/1',
      recordingDirectUrl: 'https://s3.example.com/1?signature=x',
      recordingDirectUntil: new Date('2026-02-01T09:00:00Z'),
    };
    const permanent = await deliver('recording', { call });
    expect(permanent.body.data).toMatchObject({
      recording_url: 'https://calls.example.com/r/1',
      expires_at: null,
    });
    const direct = await deliver('recording', { call, config: { direct_link_hours: 24 } });
    expect(direct.body.data).toMatchObject({
      recording_url: 'https://s3.example.com/1?signature=x',
      expires_at: '2026-02-01T09:00:00.000Z',
    });
  });

  test('only the events that were chosen', async () => {
    const { result, sent } = await deliver('dial', { config: { events: ['call.ended'] } });
    expect(sent).toEqual([]);
    expect(result).toEqual({
      outcome: 'skipped',
      reason: 'Событие call.ringing не выбрано в настройках',
    });
  });
});

describe('the signature', () => {
  const expected = (byte: number, { headers = {}, body = '' }: OutboundRequest): string => {
    const content = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`;
    return `v1,${createHmac('sha256', keyOf(byte)).update(content).digest('base64')}`;
  };
  const only = (request: OutboundRequest | undefined): OutboundRequest => {
    if (!request) throw new Error('nothing was sent');
    return request;
  };

  test('is that of the Standard Webhooks: id, time and body under the secret', async () => {
    const request = only((await deliver('hangup')).request);
    expect(request.headers?.['webhook-signature']).toBe(expected(1, request));
    const seconds = Number(request.headers?.['webhook-timestamp']);
    expect(Math.abs(seconds - Date.now() / 1000)).toBeLessThan(5);
  });

  test('the example of the standard', () => {
    const headers = signatureHeaders(
      { secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw' },
      {
        id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
        body: '{"test": 2432232314}',
        at: new Date(1614265330_000),
      },
    );
    expect(headers['webhook-signature']).toBe('v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=');
  });

  test('the id stays over retries, and so does the body', async () => {
    const [first, second] = [await deliver('dial'), await deliver('dial')];
    expect(first.request?.headers?.['webhook-id']).toBe('msg_1201');
    expect(second.request?.headers?.['webhook-id']).toBe('msg_1201');
    expect(second.request?.body).toBe(first.request?.body);
  });

  test('while a changed secret overlaps with the one before, both sign; afterwards the new one alone', async () => {
    const rotating = (hours: number) => ({
      secret: secretOf(2),
      previous_secret: secretOf(1),
      previous_secret_until: new Date(Date.now() + hours * 3_600_000).toISOString(),
    });
    const during = only((await deliver('hangup', { config: rotating(1) })).request);
    expect(during.headers?.['webhook-signature']).toBe(
      `${expected(2, during)} ${expected(1, during)}`,
    );
    const after = only((await deliver('hangup', { config: rotating(-1) })).request);
    expect(after.headers?.['webhook-signature']).toBe(expected(2, after));
  });
});

describe('what an answer means', () => {
  test.each([200, 201, 202, 204])('%d: delivered, whatever it says', async (status) => {
    const { result } = await deliver('hangup', { answer: { status, text: '<html>ok</html>' } });
    expect(result).toEqual({ outcome: 'delivered' });
  });

  test.each([
    [410, { state: 'parked', pause: true }],
    [401, { state: 'parked', pause: true }],
    [403, { state: 'parked', pause: true }],
    [301, { state: 'parked', pause: true }],
    [400, { state: 'failed', pause: false }],
    [404, { state: 'failed', pause: false }],
    [422, { state: 'failed', pause: false }],
    [408, { state: 'retrying', retryInSeconds: 5 }],
    [500, { state: 'retrying', retryInSeconds: 5 }],
    [502, { state: 'retrying', retryInSeconds: 5 }],
    [429, { state: 'retrying', retryInSeconds: 5 }],
    [503, { state: 'retrying', retryInSeconds: 5 }],
  ])('%d', async (status, verdict) => {
    expect(await verdictOf({ status })).toMatchObject({ ...verdict, httpStatus: status });
  });

  test.each([429, 503])('%d: comes back when it is told to', async (status) => {
    const after = async (value: string) =>
      (await verdictOf({ status, headers: { 'retry-after': value } })).retryInSeconds;
    expect(await after('90')).toBe(90);
    const date = new Date(Date.now() + 60_000).toUTCString();
    expect(await after(date)).toBeGreaterThan(55);
    expect(await after(date)).toBeLessThanOrEqual(61);
    expect(await after('soon')).toBe(5);
    expect(await after('0')).toBe(5);
    expect(await after('999999999')).toBe(86_400);
  });

  test.each([
    ['timeout', true, { state: 'retrying', timedOut: true, maybeApplied: true }],
    ['network', false, { state: 'retrying', timedOut: false, maybeApplied: false }],
    ['refused_address', false, { state: 'parked', pause: true }],
  ] as const)('%s', async (kind, sent, verdict) => {
    expect(await verdictOf(new OutboundError(kind, 'x', { sent }))).toMatchObject(verdict);
  });
});

describe('the test of a connection', () => {
  const tryOut = async (answer: Partial<OutboundAnswer>) => {
    const sent: OutboundRequest[] = [];
    const tools = createTestTools({
      async send(request) {
        sent.push(request);
        return { status: 200, headers: {}, text: '', ...answer };
      },
    });
    return { report: await webhook.test({ ...tools, config: CONFIG }), sent };
  };

  test('posts a signed event of a kind of its own', async () => {
    const { report, sent } = await tryOut({});
    expect(report).toEqual({ ok: true });
    expect(JSON.parse(sent[0]?.body ?? '')).toMatchObject({ type: 'test', data: {} });
    expect(sent[0]?.headers?.['webhook-signature']).toMatch(/^v1,/);
  });

  test('says in plain words what is wrong', async () => {
    expect((await tryOut({ status: 401 })).report).toEqual({
      ok: false,
      problem: 'Получатель запретил доступ (401)',
      hint: 'Проверьте, что получатель проверяет подпись с этим же секретом.',
    });
  });
});

describe('the settings', () => {
  test.each([
    ['no secret of the standard', { secret: 'topsecret' }],
    ['a secret too short', { secret: `whsec_${Buffer.alloc(16, 1).toString('base64')}` }],
    ['a name and a password in the address', { url: 'https://me:pass@hooks.example.com/' }],
    ['an address of another kind', { url: 'ftp://hooks.example.com/' }],
    ['an unknown event', { events: ['call.dreamt'] }],
    ['no event', { events: [] }],
    ['links that live for ever', { direct_link_hours: 169 }],
  ])('%s is refused', (_what, wrong) => {
    expect(WebhookConfig.safeParse({ ...CONFIG, ...wrong }).success).toBe(false);
  });

  test('without a choice all events are told', () => {
    expect(CONFIG.events).toEqual([
      'call.ringing',
      'call.answered',
      'call.ended',
      'call.recording',
      'chat.created',
      'chat.accepted',
      'chat.message',
      'chat.closed',
    ]);
  });

  test('the account says nothing of the path', () => {
    const account = webhook.account({ ...CONFIG, url: 'https://hooks.example.com/token/secret' });
    expect(account).toMatch(/^hooks\.example\.com:[0-9a-f]{12}$/);
  });
});

test('nobody is asked who looks after a client', async () => {
  const context = { ...createTestTools(), config: CONFIG };
  expect(await webhook.findResponsible('375291110001', context)).toBeNull();
});
