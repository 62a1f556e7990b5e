import { describe, expect, test } from 'vitest';
import * as z from 'zod';

import { Bitrix24Config } from '../../shared/crm/bitrix24/config.ts';
import { bitrix24 } from '../../shared/crm/bitrix24/crm.ts';
import { toIsoWithOffset } from '../../shared/crm/bitrix24/registration.ts';
import { openSecrets, sealSecrets, secretValuesOf } from '../../shared/crm/config-copies.ts';
import { workingIntegrations } from '../../shared/crm/config.ts';
import { createExchangeRecord } from '../../shared/crm/exchange-record.ts';
import { connectCrm } from '../../shared/crm/registry.ts';
import { createSecretBox } from '../../shared/secrets.ts';

const SECRET = 'demo-webhook-0367';

describe('the settings', () => {
  const WEBHOOK = `https://demo.bitrix24.ru/rest/1/${SECRET}`;
  test.each([
    WEBHOOK,
    `${WEBHOOK}/`,
    `${WEBHOOK}//`,
    ` ${WEBHOOK}/profile.json `,
    `${WEBHOOK}/profile.json?x=1`,
    `${WEBHOOK}?auth=1`,
  ])('%j ends in one slash', (webhook_url) => {
    const parsed = Bitrix24Config.parse({ webhook_url, user_id: '1' });
    expect(parsed.webhook_url).toBe(`${WEBHOOK}/`);
    expect(Bitrix24Config.parse(parsed)).toEqual(parsed);
    expect(bitrix24.account(parsed)).toBe('demo.bitrix24.ru');
  });

  test.each([
    { webhook_url: '' },
    { webhook_url: 'demo.bitrix24.ru' },
    { webhook_url: 'https://demo.bitrix24.ru/' },
    { webhook_url: 'https://demo.bitrix24.ru/rest/1/' },
    { webhook_url: 'https://user:pass@demo.bitrix24.ru/rest/1/secret/' },
    { user_id: '' },
    { user_id: '0' },
    { user_id: 'me' },
    { direct_link_hours: 0 },
    { direct_link_hours: 169 },
    { application_token: '' },
  ])('are not complete with %j', (change) => {
    const whole = { webhook_url: `${WEBHOOK}/`, user_id: '1', ...change };
    expect(Bitrix24Config.safeParse(whole).success).toBe(false);
  });
});

describe('the date of a call carries its offset', () => {
  test.each([
    ['Europe/Minsk', '2026-01-31T09:05:09Z', '2026-01-31T12:05:09+03:00'],
    ['Europe/Warsaw', '2026-07-31T09:05:09Z', '2026-07-31T11:05:09+02:00'],
    ['Asia/Kolkata', '2026-01-31T09:05:09Z', '2026-01-31T14:35:09+05:30'],
    ['America/Sao_Paulo', '2026-01-01T02:59:59Z', '2025-12-31T23:59:59-03:00'],
    ['UTC', '2026-01-05T04:05:06Z', '2026-01-05T04:05:06+00:00'],
  ])('%s, %s', (timezone, moment, expected) => {
    expect(toIsoWithOffset(new Date(moment), timezone)).toBe(expected);
  });
});

describe('the settings of an enterprise', () => {
  const secrets = createSecretBox(`v1:${Buffer.alloc(32, 7).toString('base64')}`);
  const whole = {
    enabled: true,
    webhook_url: `https://demo.bitrix24.ru/rest/1/${SECRET}/`,
    user_id: '1',
  };

  test.each<[what: string, settings: { enabled: boolean }, working: string[]]>([
    ['complete', whole, ['bitrix24']],
    ['switched off', { ...whole, enabled: false }, []],
    ['without a user', { ...whole, user_id: undefined } as { enabled: boolean }, []],
    ['without a webhook', { ...whole, webhook_url: undefined } as { enabled: boolean }, []],
  ])('%s, with the webhook sealed: %j', (_what, settings, working) => {
    const stored = sealSecrets({ bitrix24: settings }, secrets);
    expect(JSON.stringify(stored)).not.toContain(SECRET);
    expect(workingIntegrations(stored)).toEqual(working);
  });

  test('are usable once opened, and name the portal', () => {
    const stored = sealSecrets({ bitrix24: whole }, secrets);
    const crm = connectCrm('bitrix24', openSecrets(stored, secrets)['bitrix24']);
    expect(crm?.bucket.key).toBe('bitrix24:demo.bitrix24.ru');
  });

  test('hide the secret in logs, and not the portal', () => {
    const record = createExchangeRecord(secretValuesOf(whole, 'bitrix24'));
    const url = `https://demo.bitrix24.ru/rest/1/${SECRET}/batch`;
    record.note({ method: 'POST', url, body: '{}' }, undefined);
    expect(record.request()).toMatchObject({
      url: 'https://demo.bitrix24.ru/rest/1/••••0367/batch',
    });
  });

  test('name every field for the form', () => {
    const { properties } = z.toJSONSchema(Bitrix24Config, { io: 'input' });
    expect(Object.keys(properties ?? {})).toEqual([
      'webhook_url',
      'user_id',
      'application_token',
      'direct_link_hours',
    ]);
    for (const field of Object.values(properties ?? {})) {
      expect(field).toMatchObject({ description: expect.stringMatching(/[а-я]/) });
    }
  });
});
