import { describe, expect, test } from 'vitest';

import { END_STATUSES, type EndStatus } from '../../shared/calls/call.ts';
import { addressOf, AmocrmConfig } from '../../shared/crm/amocrm/config.ts';
import type { CallStep } from '../../shared/crm/crm.schema.ts';
import type { CallSnapshot } from '../../shared/crm/crm.ts';
import { CALL } from '../support/crm-call.ts';
import { amocrm, CONFIG, DELIVERED, listening, stepOf, strict, UNKNOWN } from './amocrm-world.ts';

const NOT_FOUND = {
  status: 400,
  text: '{"_total_items":0,"errors":[{"title":"Entity not found"}]}',
};
const WRONG_USER = {
  status: 400,
  text: JSON.stringify({
    title: 'Bad Request',
    status: 400,
    detail: 'Request validation failed',
    'validation-errors': [
      {
        request_id: '0',
        errors: [
          { code: 'NotSupportedChoice', path: 'responsible_user_id', detail: 'no choice' },
          { code: 'NotSupportedChoice', path: 'created_by', detail: 'no choice' },
        ],
      },
    ],
  }),
};

async function deliver(
  step: CallStep,
  call: Partial<CallSnapshot> = {},
  extensions = ['150', '151'],
) {
  const { context, sent } = listening();
  const result = await amocrm.deliver(stepOf(step, extensions), { ...CALL, ...call }, context);
  return { result, sent, bodies: sent.map(({ body }) => body) };
}

describe('what is sent for a step', () => {
  test('every request is JSON with the token in a header and nowhere else', async () => {
    const { sent } = await deliver('hangup');
    for (const { headers, ...rest } of sent) {
      expect(headers).toMatchObject({
        authorization: 'Bearer demo-amocrm-access-0367',
        'content-type': 'application/json',
      });
      expect(JSON.stringify(rest)).not.toContain('demo-amocrm-access-0367');
    }
  });

  test('dial: one card for those who ring and are mapped', async () => {
    const { result, sent } = await deliver('dial', {}, ['150', '151', '199', '150']);
    expect(result).toEqual(DELIVERED);
    expect(sent).toMatchObject([
      {
        method: 'POST',
        url: 'https://demo.amocrm.ru/api/v2/events/',
        body: {
          add: [{ type: 'phone_call', phone_number: '+375291110001', users: [8320150, 8320151] }],
        },
      },
    ]);
  });

  test.each([
    ['nobody is mapped', ['198', '199'], {}],
    ['nobody rings', [], {}],
    ['the map holds no id', ['150'], { users: new Map([['150', 'anna']]) }],
  ])('dial when %s: nothing, or the whole company would see it', async (_what, rings, change) => {
    const { context, sent } = listening([], change);
    const result = await amocrm.deliver(stepOf('dial', rings), CALL, context);
    expect(result).toEqual({ outcome: 'skipped', reason: expect.stringContaining('сопоставлен') });
    expect(sent).toEqual([]);
  });

  test('dial of a later round: nothing, every request is a notification of its own', async () => {
    const { context, sent } = listening();
    await amocrm.deliver(stepOf('dial', ['150']), CALL, context);
    const again = await amocrm.deliver(stepOf('dial', ['151']), CALL, context);
    expect(again).toEqual({ outcome: 'skipped', reason: expect.stringContaining('уже показана') });
    expect(sent).toHaveLength(1);
  });

  test('hangup: the call, once', async () => {
    const { result, sent } = await deliver('hangup', {
      recordingUrl: 'https://hub.example/r/1.mp3',
    });
    expect(result).toEqual(DELIVERED);
    expect(sent).toMatchObject([{ method: 'POST', url: 'https://demo.amocrm.ru/api/v4/calls' }]);
    expect(sent[0]?.body).toEqual([
      {
        direction: 'inbound',
        uniq: '1757840723.6',
        duration: 60,
        source: 'Trunkline',
        link: 'https://hub.example/r/1.mp3',
        phone: '+375291110001',
        call_status: 4,
        call_result: 'Разговор состоялся',
        call_responsible: 8320151,
        responsible_user_id: 8320151,
        created_by: 8320151,
        created_at: 1769850309,
        request_id: '1757840723.6',
      },
    ]);
  });

  test('what is not known is left out, never null', async () => {
    const { bodies } = await deliver('hangup', { lastTalkedBy: null, talkSeconds: null });
    expect(JSON.stringify(bodies)).not.toContain('null');
    expect(bodies).toMatchObject([[{ duration: 0 }]]);
    expect(Object.keys((bodies[0] as object[])[0] ?? {})).not.toContain('link');
  });

  test.each(['download', 'hangup'] as const)(
    '%s after the call was entered: nothing',
    async (step) => {
      const { context, sent } = listening();
      await amocrm.deliver(stepOf('hangup'), CALL, context);
      const again = await amocrm.deliver(stepOf(step), CALL, context);
      expect(again).toEqual({ outcome: 'skipped', reason: expect.stringContaining('уже записан') });
      expect(sent).toHaveLength(1);
    },
  );

  test.each<[CallStep, Partial<CallSnapshot>]>([
    ['bridge', {}],
    ['recording', {}],
    ['dial', { phone: null }],
    ['hangup', { phone: null }],
    ['download', { phone: null }],
  ])('%s with %j: nothing', async (step, call) => {
    expect(await deliver(step, call)).toMatchObject({ result: { outcome: 'skipped' }, sent: [] });
  });
});

describe('a number that nobody in amoCRM has', () => {
  test('calling us becomes an unsorted lead', async () => {
    const { context, sent } = listening([NOT_FOUND, {}]);
    const call = { ...CALL, phone: UNKNOWN };
    const result = await amocrm.deliver(stepOf('hangup'), call, context);
    expect(result).toEqual({
      outcome: 'delivered',
      note: expect.stringContaining('Неразобранное'),
    });
    expect(sent[1]).toMatchObject({ url: 'https://demo.amocrm.ru/api/v4/leads/unsorted/sip' });
    expect(sent[1]?.body).toEqual([
      {
        request_id: '1757840723.6',
        source_name: 'Trunkline',
        source_uid: '1757840723.6',
        created_at: 1769850309,
        metadata: {
          from: '+375291119999',
          phone: '+375291119999',
          called_at: 1769850309,
          duration: 60,
          link: 'https://calls.example.com',
          service_code: 'trunkline',
          uniq: '1757840723.6',
          is_call_event_needed: true,
          call_responsible: 8320151,
        },
        _embedded: {
          leads: [{ name: 'Звонок с +375291119999' }],
          contacts: [
            {
              name: '+375291119999',
              custom_fields_values: [
                { field_code: 'PHONE', values: [{ value: '+375291119999', enum_code: 'WORK' }] },
              ],
            },
          ],
        },
      },
    ]);
  });

  test('called by us is left alone', async () => {
    const { context, sent } = listening([NOT_FOUND]);
    const call = { ...CALL, direction: 'out' as const };
    expect(await amocrm.deliver(stepOf('hangup'), call, context)).toMatchObject({
      outcome: 'skipped',
      reason: expect.stringContaining('нет карточки'),
    });
    expect(sent).toHaveLength(1);
  });

  test('is said by an older account with 200', async () => {
    const text = '{"_embedded":{"errors":[{"code":263}]}}';
    const { context, sent } = listening([{ text }, {}]);
    await amocrm.deliver(stepOf('hangup'), CALL, context);
    expect(sent.map(({ url }) => url)).toEqual([
      'https://demo.amocrm.ru/api/v4/calls',
      'https://demo.amocrm.ru/api/v4/leads/unsorted/sip',
    ]);
  });
});

describe('a person whom amoCRM does not know any more', () => {
  test('costs the call its owner only', async () => {
    const { context, sent } = listening([WRONG_USER, {}]);
    const result = await amocrm.deliver(stepOf('hangup'), CALL, context);
    expect(result).toEqual({
      outcome: 'delivered',
      note: expect.stringContaining('ответственного'),
    });
    const [call] = (sent[1]?.body ?? []) as object[];
    expect(Object.keys(call ?? {})).not.toContain('responsible_user_id');
    expect(Object.keys(call ?? {})).not.toContain('created_by');
  });

  test('whose client is unknown too: an unsorted lead', async () => {
    const { context, sent } = listening([WRONG_USER, NOT_FOUND, {}]);
    await amocrm.deliver(stepOf('hangup'), CALL, context);
    expect(sent).toHaveLength(3);
  });
});

describe("the vendor's numbers", () => {
  const NUMBERS: Record<Exclude<EndStatus, `internal_${string}`>, number> = {
    answered: 4,
    lost_in_transfer: 4,
    missed: 6,
    abandoned: 6,
    no_answer: 6,
    busy: 7,
    failed: 3,
  };

  test.each(Object.entries(NUMBERS) as [EndStatus, number][])(
    '%s is %d',
    async (status, number) => {
      const { bodies } = await deliver('hangup', { status });
      expect(bodies).toMatchObject([[{ call_status: number }]]);
    },
  );

  test('leave no end of a call out', () => {
    const outside = END_STATUSES.filter((status) => !status.startsWith('internal'));
    expect(Object.keys(NUMBERS).toSorted()).toEqual(outside.toSorted());
  });

  test('outgoing is outbound', async () => {
    const { bodies } = await deliver('hangup', { direction: 'out' });
    expect(bodies).toMatchObject([[{ direction: 'outbound' }]]);
  });
});

describe('whose call it is', () => {
  test.each<[rule: string, call: Partial<CallSnapshot>, shown: unknown, owner: unknown]>([
    ['of who talked last', { lastTalkedBy: '152' }, 8320152, 8320152],
    ['shown by the extension when it is not mapped', { lastTalkedBy: '159' }, '159', undefined],
    ['of the only one who rang', { lastTalkedBy: null, rang: ['150'] }, 8320150, 8320150],
    ['of nobody when several rang', { lastTalkedBy: null }, undefined, undefined],
    ['of nobody when nobody rang', { lastTalkedBy: null, rang: [] }, undefined, undefined],
  ])('%s', async (_rule, call, shown, owner) => {
    const { bodies } = await deliver('hangup', call);
    const [entry] = bodies[0] as Record<string, unknown>[];
    expect(entry?.['call_responsible']).toBe(shown);
    expect(entry?.['responsible_user_id']).toBe(owner);
    expect(entry?.['created_by']).toBe(owner);
  });
});

describe('the settings', () => {
  test.each([
    ['demo', 'https://demo.amocrm.ru'],
    ['demo.kommo.com', 'https://demo.kommo.com'],
    ['https://demo.amocrm.ru/', 'https://demo.amocrm.ru'],
    ['https://demo.amocrm.ru/leads/pipeline/?x=1', 'https://demo.amocrm.ru'],
    ['http://127.0.0.1:3900/amocrm/demo/', 'http://127.0.0.1:3900/amocrm/demo'],
    ['', undefined],
    ['два слова', undefined],
    ['ftp://demo.amocrm.ru', undefined],
    ['https://user@demo.amocrm.ru', undefined],
    ['https://demo', undefined],
  ])('take %j as %s', (subdomain, address) => {
    expect(addressOf(subdomain)).toBe(address);
    expect(AmocrmConfig.safeParse({ ...CONFIG, subdomain }).success).toBe(address !== undefined);
  });

  test.each([
    ['no client id', { client_id: '' }],
    ['no secret', { client_secret: undefined }],
    ['no token', { access_token: '' }],
    ['a token that no header can carry', { access_token: 'токен' }],
    ['a redirect that is no address', { redirect_uri: 'hub' }],
    ['links that live too long', { direct_link_hours: 169 }],
  ])('are incomplete with %s', (_what, change) => {
    expect(AmocrmConfig.safeParse({ ...CONFIG, ...change }).success).toBe(false);
  });

  test.each([
    ['a long-lived token only', { refresh_token: undefined, redirect_uri: undefined }],
    ['fields left empty', { refresh_token: '', redirect_uri: '' }],
    ['links of a day', { direct_link_hours: 24 }],
  ])('are complete with %s', (_what, change) => {
    expect(AmocrmConfig.safeParse({ ...CONFIG, ...change }).success).toBe(true);
  });

  test('tell the form in Russian what each field is', () => {
    for (const field of Object.values(AmocrmConfig.shape))
      expect(field.description).toMatch(/[а-я]{3}/i);
  });

  test('name the account by its address, and never by a secret', () => {
    expect(amocrm.account(CONFIG)).toBe('demo.amocrm.ru');
    expect(amocrm.account({ ...CONFIG, subdomain: 'https://DEMO.amocrm.ru/' })).toBe(
      'demo.amocrm.ru',
    );
  });
});

describe('a strict amoCRM', () => {
  strict('takes every step of a known client, each once', async ({ demo, peers }) => {
    for (const step of ['dial', 'hangup'] as const)
      expect(await amocrm.deliver(stepOf(step, ['150', '151']), CALL, demo), step).toEqual(
        DELIVERED,
      );
    const { popups, calls } = peers.amocrm.account('demo');
    expect(popups).toMatchObject([{ phone: '+375291110001', users: [8320150, 8320151] }]);
    expect(calls).toMatchObject([{ uniq: '1757840723.6', entityType: 'contact', entityId: 501 }]);
  });

  strict.for(END_STATUSES.filter((status) => !status.startsWith('internal')))(
    'takes the end of a call that is %s',
    async (status, { demo }) => {
      expect(await amocrm.deliver(stepOf('hangup'), { ...CALL, status }, demo)).toEqual(DELIVERED);
    },
  );

  strict('takes an unknown number as an unsorted lead', async ({ demo, peers }) => {
    await amocrm.deliver(stepOf('hangup'), { ...CALL, phone: UNKNOWN }, demo);
    const { calls, unsorted } = peers.amocrm.account('demo');
    expect(calls).toEqual([]);
    expect(unsorted).toMatchObject([{ metadata: { uniq: '1757840723.6' } }]);
  });

  strict('takes a call whose person is gone, without the person', async ({ demo, peers }) => {
    const users = new Map([['151', '999']]);
    await amocrm.deliver(stepOf('hangup'), CALL, { ...demo, users });
    expect(peers.amocrm.account('demo').calls).toMatchObject([{ uniq: '1757840723.6' }]);
  });
});
