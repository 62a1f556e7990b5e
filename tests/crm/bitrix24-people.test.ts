import { describe, expect } from 'vitest';

import { bitrix24 } from '../../shared/crm/bitrix24/crm.ts';
import { type Bitrix24World, test } from '../peers/bitrix24-fixture.ts';

const responsible = (world: Bitrix24World, phone: string, users?: [string, string][]) =>
  bitrix24.findResponsible(phone, {
    ...world.context,
    ...(users && { users: new Map(users) }),
  });

describe('who looks after a client', () => {
  test('is his manager, with the name and the extension', async ({ world }) => {
    expect(await responsible(world, '375291110001')).toEqual({
      extension: '151',
      userId: '27',
      name: 'Борис Лещук',
      clientName: 'Иван Клиентов',
    });
    expect(world.requests()).toBe(2);
  });

  test('is reached by our own map before the extension in Bitrix24', async ({ world }) => {
    const found = await responsible(world, '375291110001', [['250', '27']]);
    expect(found).toMatchObject({ extension: '250', userId: '27' });
  });

  test('is nobody for an unknown number, and for a card without an owner; in one request', async ({
    world,
  }) => {
    expect(await responsible(world, '375291119999')).toBeNull();
    expect(world.requests()).toBe(1);
    await world.control('bitrix24/demo', { searchFinds: false });
    expect(await responsible(world, '375291110003')).toBeNull();
  });

  test('is the first who can be rung', async ({ world }) => {
    const phone = '+375291110009';
    await world.control('bitrix24/demo', {
      entities: [
        { kind: 'COMPANY', id: 3, name: 'ООО', phone, assignedTo: 28 },
        { kind: 'CONTACT', id: 1, name: 'Без номера', phone, assignedTo: 1 },
        { kind: 'LEAD', id: 2, name: 'Лид', phone, assignedTo: 26 },
      ],
    });
    expect(await responsible(world, '375291110009')).toMatchObject({
      extension: '150',
      clientName: 'Лид',
    });
  });

  test('may have no extension at all', async ({ world }) => {
    const entities = [{ kind: 'CONTACT', id: 1, phone: '+375291110009', assignedTo: 1 }];
    await world.control('bitrix24/demo', { entities });
    expect(await responsible(world, '375291110009')).toEqual({
      extension: null,
      userId: '1',
      name: 'Дежурный Администратор',
      clientName: null,
    });
  });

  test.for<[string, string]>([
    ['79161110001', '79161110001'],
    ['79161110001', '+79161110001'],
    ['79161110001', '89161110001'],
    ['375291110001', '+375291110001'],
  ])('%s is found though the card says %s', async ([phone, written], { world }) => {
    const entities = [{ kind: 'CONTACT', id: 1, phone: written, assignedTo: 28 }];
    await world.control('bitrix24/demo', { entities, exactPhones: true });
    expect(await responsible(world, phone)).toMatchObject({ extension: '152' });
  });

  test.for([
    ['CONTACT', 'Иван Клиентов'],
    ['LEAD', 'Иван Клиентов'],
    ['COMPANY', 'Иван Клиентов'],
  ] as const)(
    'is found in the index of numbers when the search finds nothing: %s',
    async ([kind, name], { world }) => {
      const entities = [{ kind, id: 275, name, phone: '+375291110001', assignedTo: 27 }];
      await world.control('bitrix24/demo', { entities, searchFinds: false });
      expect(await responsible(world, '375291110001')).toEqual({
        extension: '151',
        userId: '27',
        name: 'Борис Лещук',
        clientName: name,
      });
      expect(world.requests()).toBe(2);
    },
  );

  test('keeps the extension when the name cannot be read', async ({ world }) => {
    await world.misbehave('error500', '^/user.get$');
    expect(await responsible(world, '375291110001')).toMatchObject({ extension: '151', name: '' });
  });

  test.for(['error500', 'html', 'hang', 'error429'] as const)(
    'cannot be said by a portal with %s',
    async (mode, { world }) => {
      await world.misbehave(mode);
      await expect(responsible(world, '375291110001')).rejects.toMatchObject({
        failureClass: mode === 'error429' ? 'limit' : 'retry',
      });
    },
  );
});

describe('the list of users', () => {
  test('has all working employees, page by page', async ({ world }) => {
    const users = Array.from({ length: 120 }, (_, index) => ({
      id: index + 1,
      firstName: `Имя${index + 1}`,
      extension: index === 0 ? null : String(1000 + index),
      active: index !== 119,
    }));
    await world.control('bitrix24/demo', { users });
    const found = await bitrix24.listUsers?.(world.context);
    expect(found).toHaveLength(119);
    expect(found?.[0]).toEqual({ id: '1', name: 'Имя1', extension: null });
    expect(found?.[118]).toEqual({ id: '119', name: 'Имя119', extension: '1118' });
    expect(world.requests()).toBe(3);
  });
});

describe('the test of a connection', () => {
  const failing = async (world: Bitrix24World) => {
    const report = await bitrix24.test(world.context);
    expect(JSON.stringify(report)).not.toContain('demo-webhook');
    expect(report).toMatchObject({ ok: false, hint: expect.stringMatching(/.{20}/) });
    return report.ok ? '' : report.problem;
  };

  test('is well, and leaves nothing behind', async ({ world }) => {
    expect(await bitrix24.test(world.context)).toEqual({ ok: true });
    expect(world.counts()).toMatchObject({ registered: 0, journal: 0, cardsShown: 0 });
  });

  test('says that the webhook is wrong', async ({ world }) => {
    await world.control('bitrix24/demo', { secret: 'another-secret' });
    expect(await failing(world)).toContain('Вебхук Bitrix24 неверный');
  });

  test.for([
    [['crm', 'user'], 'telephony'],
    [['telephony', 'user'], 'crm'],
    [['crm', 'telephony'], 'user'],
  ] as const)('with %j says that %s is missing', async ([scopes, missing], { world }) => {
    const limitedWebhook = { secret: 'demo-webhook-0367', scopes };
    await world.control('bitrix24/demo', { limitedWebhook });
    expect(await failing(world)).toContain(`нет прав: ${missing}`);
  });

  test('is content with the smaller right to users', async ({ world }) => {
    const limitedWebhook = {
      secret: 'demo-webhook-0367',
      scopes: ['crm', 'telephony', 'user_basic'],
    };
    await world.control('bitrix24/demo', { limitedWebhook });
    expect(await bitrix24.test(world.context)).toEqual({ ok: true });
  });

  test('says that the portal wants an application', async ({ world }) => {
    await world.control('bitrix24/demo', { wrongAuthType: true });
    expect(await failing(world)).toContain('локальное приложение');
  });

  test.for([
    [[{ id: 1, firstName: 'Ушёл', active: false }], 'Владелец вебхука'],
    [[{ id: 2, firstName: 'Другой' }], 'Владелец вебхука'],
  ] as const)(
    'says that the owner of the webhook is gone: %j',
    async ([users, word], { world }) => {
      await world.control('bitrix24/demo', { users });
      expect(await failing(world)).toContain(word);
    },
  );

  test.for(['29', '77'])(
    'says that the configured user %s does not work there',
    async (user_id, { world }) => {
      const config = { ...world.context.config, user_id };
      const report = await bitrix24.test({ ...world.context, config });
      expect(report).toMatchObject({ ok: false, problem: expect.stringContaining(user_id) });
    },
  );

  test('says that there is no such portal', async ({ world }) => {
    const webhook_url = world.context.config.webhook_url.replace('/demo/', '/nobody/');
    const report = await bitrix24.test({
      ...world.context,
      config: { ...world.context.config, webhook_url },
    });
    expect(report).toMatchObject({ ok: false, hint: expect.stringContaining('адрес') });
  });

  test.for([
    ['html', 'JSON'],
    ['hang', 'вовремя'],
    ['cut', 'связи'],
    ['error500', 'стороне'],
    ['error429', 'частоту'],
  ] as const)('says what is wrong when it meets %s', async ([mode, word], { world }) => {
    await world.misbehave(mode);
    expect(await failing(world)).toContain(word);
  });
});
