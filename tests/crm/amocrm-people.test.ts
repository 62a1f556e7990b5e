import { describe, expect, test } from 'vitest';

import { CALL } from '../support/crm-call.ts';
import { amocrm, CONFIG, listening, stepOf, strict } from './amocrm-world.ts';

describe('who looks after a client', () => {
  strict.for([
    ['a contact written +375 29 …', '375291110001', '151', 'Борис Лещук', 'Иван Клиентов'],
    ['a contact written in digits', '375291110002', '152', 'Вера Мороз', 'Ольга Заказова'],
    ['a company written 8 912 …', '79123123210', '152', 'Вера Мороз', 'ООО «Восьмёрка»'],
    ['a company', '375291110005', '150', 'Анна Ковалёва', 'ООО «Пример»'],
  ] as const)('of %s', async ([, phone, extension, name, clientName], { demo }) => {
    expect(await amocrm.findResponsible(phone, demo)).toEqual({
      extension,
      userId: `8320${extension}`,
      name,
      clientName,
    });
  });

  strict('is nobody: an unknown number is answered with nothing at all', async ({ demo }) => {
    expect(await amocrm.findResponsible('375291119999', demo)).toBeNull();
  });

  strict('is nobody when the number stands in another field', async ({ demo }) => {
    expect(await amocrm.findResponsible('375291110004', demo)).toBeNull();
  });

  strict('of several contacts is the oldest one’s', async ({ demo, control }) => {
    const phones = ['375291110001'];
    await control('amocrm/demo', {
      contacts: [
        { id: 1, name: 'Новый', phones, responsibleUserId: 8320150, createdAt: 1_750_000_000 },
        { id: 2, name: 'Старый', phones, responsibleUserId: 8320152, createdAt: 1_650_000_000 },
      ],
    });
    expect(await amocrm.findResponsible('375291110001', demo)).toMatchObject({
      extension: '152',
      clientName: 'Старый',
    });
  });

  strict('who is not mapped has no extension', async ({ demo }) => {
    const users = new Map([['150', '8320150']]);
    expect(await amocrm.findResponsible('375291110001', { ...demo, users })).toMatchObject({
      extension: null,
      userId: '8320151',
    });
  });

  strict('is known although the token may not read names', async ({ demo, control }) => {
    await control('behave', { peer: 'amocrm', mode: 'error500', path: 'users' });
    expect(await amocrm.findResponsible('375291110001', demo)).toMatchObject({ extension: '151' });
  });

  strict('cannot be said by a CRM that is down', async ({ demo, control }) => {
    await control('behave', { peer: 'amocrm', mode: 'error500' });
    await expect(amocrm.findResponsible('375291110001', demo)).rejects.toMatchObject({
      failureClass: 'retry',
    });
  });

  test('is looked for by the last ten digits, and not at all for an extension', async () => {
    const { context, sent } = listening([{ status: 204, text: '' }]);
    await amocrm.findResponsible('375291110001', context);
    await amocrm.findResponsible('150', context);
    expect(sent.map(({ url }) => url)).toEqual([
      'https://demo.amocrm.ru/api/v4/contacts?query=5291110001&limit=50',
      'https://demo.amocrm.ru/api/v4/companies?query=5291110001&limit=50',
    ]);
  });
});

describe('the list of people', () => {
  strict('is whole, page by page', async ({ demo, control }) => {
    const users = Array.from({ length: 260 }, (_, index) => ({
      id: index + 1,
      name: `№ ${index}`,
    }));
    await control('amocrm/demo', { users });
    const people = await amocrm.listUsers?.(demo);
    expect(people).toEqual(users.map(({ id, name }) => ({ id: String(id), name })));
  });

  strict('may be empty', async ({ demo, control }) => {
    await control('amocrm/demo', { users: [] });
    expect(await amocrm.listUsers?.(demo)).toEqual([]);
  });
});

describe('the test of a connection', () => {
  strict('is well', async ({ demo }) => {
    expect(await amocrm.test(demo)).toEqual({ ok: true });
  });

  strict('renews the token when it has to', async ({ demo, control, peers }) => {
    await control('amocrm/demo/expire');
    expect(await amocrm.test(demo)).toEqual({ ok: true });
    expect(peers.amocrm.account('demo').rotations).toHaveLength(1);
  });

  strict.for([
    ['unpaid', 'не оплачен', 'Оплатите'],
    ['blocked', 'закрыла доступ', 'заблокирован'],
    ['disabled', 'закрыла доступ', 'интеграция включена'],
  ] as const)(
    'says what is wrong when the account is %s',
    async ([state, word, hint], { demo, control }) => {
      await control('amocrm/demo', { state });
      expect(await amocrm.test(demo)).toMatchObject({
        ok: false,
        problem: expect.stringContaining(word),
        hint: expect.stringContaining(hint),
      });
    },
  );

  strict.for([
    ['html', 'JSON'],
    ['hang', 'вовремя'],
    ['cut', 'связи'],
    ['error500', '500'],
    ['error429', 'частоту'],
  ] as const)('says what is wrong when it meets %s', async ([mode, word], { demo, control }) => {
    await control('behave', { peer: 'amocrm', mode });
    expect(await amocrm.test(demo)).toMatchObject({
      ok: false,
      problem: expect.stringContaining(word),
      hint: expect.stringMatching(/.{20}/),
    });
  });

  strict('says that there is no such account', async ({ demo, peers }) => {
    const config = { ...demo.config, subdomain: `${peers.url}/amocrm/nobody` };
    expect(await amocrm.test({ ...demo, config })).toMatchObject({
      ok: false,
      hint: expect.stringContaining('адрес'),
    });
  });

  strict('never shows a token', async ({ demo, control }) => {
    await control('amocrm/demo/revoke');
    const report = JSON.stringify(await amocrm.test(demo));
    expect(report).toContain('"ok":false');
    for (const secret of [CONFIG.access_token, CONFIG.refresh_token, CONFIG.client_secret])
      expect(report).not.toContain(secret);
  });
});

describe('the limit of the account', () => {
  strict(
    'is not met by steps as fast as the bucket lets them go',
    async ({ demo, peers, clock }) => {
      const { perSecond, burst } = amocrm.rate;
      // The most that can begin within one second, each with its two requests.
      for (let step = 0; step < burst + perSecond; step += 1) {
        const call = { ...CALL, mainUniqueId: `burst.${step}`, phone: '375291119999' };
        clock.now -= 300;
        const memory = { read: async () => null, write: async () => {} };
        await amocrm.deliver(stepOf('hangup'), call, { ...demo, memory });
      }
      expect(peers.amocrm.account('demo').unsorted).toHaveLength(3);
    },
  );
});
