import { describe, expect, test } from 'vitest';

import { END_STATUSES, type EndStatus } from '../../shared/calls/call.ts';
import type { CallSnapshot } from '../../shared/crm/crm.ts';
import { retailcrm } from '../../shared/crm/retailcrm/crm.ts';
import { CALL } from '../support/crm-call.ts';
import {
  CONFIG,
  deliver,
  DELIVERED,
  EVENT,
  listening,
  stepOf,
  strict,
  UPLOAD,
} from './retailcrm-world.ts';

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
