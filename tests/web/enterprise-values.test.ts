import { describe, expect, test } from 'vitest';

import type { Enterprise } from '../../shared/enterprises/enterprises.schema.ts';
import {
  changesOf,
  valuesOf,
  wrongFields,
} from '../../web/admin/src/features/enterprises/enterprise-values.ts';
import { looksLikeKey } from '../support/private-key.ts';

const STORED: Enterprise = {
  number: '0367',
  name: 'june',
  ip: '192.0.2.19',
  host: null,
  ssh_port: null,
  ssh_user: null,
  chat_id: '-1000000000367',
  timezone: 'Europe/Minsk',
  active: true,
  is_enabled: true,
  parameter_option_1: true,
  parameter_option_2: false,
  parameter_option_3: true,
  parameter_option_4: false,
  parameter_option_5: true,
  custom_domain: null,
  custom_port: null,
  scheme_count: 0,
  gsm_line_count: null,
  token: '••••0001',
  previous_token_until: null,
  secret: '••••0367',
  bot_token: '••••0367',
  ssh_credentials: 'password',
  ssh_host_key: null,
  telegram_paused_reason: null,
  created_at: '2026-01-01T00:00:00.000Z',
  updated_at: '2026-01-01T00:00:00.000Z',
};
const KEY = looksLikeKey('not a real one');

const changes = (values: Partial<ReturnType<typeof valuesOf>>) =>
  changesOf(STORED, { ...valuesOf(STORED), ...values });
const wrong = (values: Partial<ReturnType<typeof valuesOf>>) => [
  ...wrongFields(STORED, { ...valuesOf(STORED), ...values }),
];

describe('what is sent of the form of an enterprise', () => {
  test('is nothing when nothing was changed, and no secret that was not typed', () => {
    expect(changes({})).toEqual({});
    expect(wrong({})).toEqual([]);
  });

  test('is what was changed, and null for what was cleared', () => {
    expect(
      changes({ name: 'July', ip: '', ssh_port: 5059, scheme_count: '', active: false }),
    ).toEqual({ name: 'July', ip: null, ssh_port: 5059, scheme_count: null, active: false });
  });

  test('a bot is replaced by what was typed, or removed', () => {
    expect(changes({ bot_token: '1:aaaaaaaaaaaaaaaaaaaaaaaaaaaa' })).toEqual({
      bot_token: '1:aaaaaaaaaaaaaaaaaaaaaaaaaaaa',
    });
    expect(changes({ removes_bot: true })).toEqual({ bot_token: null });
  });

  test('the SSH login is replaced by a password or a key, or left to what all boxes have', () => {
    expect(changes({ ssh_password: 'new' })).toEqual({ ssh_password: 'new' });
    expect(changes({ ssh_login: 'key', ssh_key: `${KEY}\n` })).toEqual({ ssh_key: KEY });
    expect(changes({ ssh_login: 'common' })).toEqual({ ssh_password: null, ssh_key: null });
  });
});

describe('what cannot be stored', () => {
  test.each([
    [{ name: ' ' }, ['name']],
    [{ ip: '300.1.1.1' }, ['ip']],
    [{ chat_id: 'a chat' }, ['chat_id']],
    [{ ssh_port: 70_000 }, ['ssh_port']],
    [{ bot_token: 'short' }, ['bot_token']],
    [{ ssh_login: 'key', ssh_key: 'ssh-rsa AAAA' }, ['ssh_key']],
    // Another way in was chosen, and nothing for it was entered.
    [{ ssh_login: 'key' }, ['ssh_key']],
  ] as const)('%o', (values, fields) => {
    expect(wrong(values)).toEqual(fields);
  });
});
