import { describe, expect, test } from 'vitest';

import { RetailcrmConfig } from '../../shared/crm/retailcrm/config.ts';
import { retailcrm } from '../../shared/crm/retailcrm/crm.ts';
import { CONFIG, listening, strict } from './retailcrm-world.ts';

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
