import { describe, expect } from 'vitest';

import { test } from './fixture.ts';

const MANAGER = '/api/v5/telephony/manager?phone=%2B375291110001';
const CHOICE = 'The value you selected is not a valid choice.';

describe('telephony/manager and lists', () => {
  test('finds the manager by digits, the customer on request', async ({ world }) => {
    const { body } = await world.crmGet('/api/v5/telephony/manager?phone=375291110001&details=1');
    expect(body).toMatchObject({
      success: true,
      manager: { id: 17, firstName: 'Борис', code: '151' },
      customer: { phones: [{ number: '+375291110001' }] },
    });
    expect((await world.crmGet(MANAGER)).body).not.toHaveProperty('customer');
  });

  test('wants a phone', async ({ world }) => {
    const body = { success: false, errorMsg: "Parameter 'phone' is missing" };
    const answer = await world.crmGet('/api/v5/telephony/manager');
    expect(answer).toMatchObject({ status: 400, body });
  });

  test.for([
    { unknownManager: 'absent', status: 200, manager: undefined },
    { unknownManager: 'null', status: 200, manager: null },
    { unknownManager: 'not_found', status: 404, manager: undefined },
  ])(
    'an unknown number can look: $unknownManager',
    async ({ unknownManager, status, manager }, { world }) => {
      await world.control('retailcrm/demo', { unknownManager });
      const answer = await world.crmGet('/api/v5/telephony/manager?phone=1');
      expect(answer.status).toBe(status);
      expect(answer.body).toHaveProperty('success', status === 200);
      expect((answer.body as { manager?: unknown }).manager).toBe(manager);
    },
  );

  test('a busy manager is kept back unless his status is ignored', async ({ world }) => {
    await world.control('retailcrm/demo', {
      users: [{ id: 17, firstName: 'Борис', code: '151', status: 'busy' }],
    });
    expect((await world.crmGet(MANAGER)).body).not.toHaveProperty('manager');
    const { body } = await world.crmGet(`${MANAGER}&ignoreStatus=1`);
    expect(body).toMatchObject({ manager: { code: '151' } });
  });

  test('lists customers by phone and users by page', async ({ world }) => {
    const customers = await world.crmGet(
      '/api/v5/customers?filter[phone]=%2B375291110002&limit=20',
    );
    expect(customers.body).toMatchObject({ success: true, customers: [{ managerId: 18 }] });
    const users = await world.crmGet('/api/v5/users?limit=100');
    expect(users.body).toMatchObject({ users: [{ id: 16 }, { id: 17 }, { id: 18 }] });
    const errors = { limit: CHOICE };
    const refused = await world.crmGet('/api/v5/users?limit=10');
    expect(refused).toMatchObject({ status: 400, body: { success: false, errors } });
  });
});

describe('limits', () => {
  const limited = { status: 503, body: { success: false, errorMsg: 'Rate limit exceeded' } };

  test.for([
    { path: '/api/v5/users', count: 10 },
    { path: MANAGER, count: 40 },
  ])('$count requests a second to $path', async ({ path, count }, { world }) => {
    for (let sent = 0; sent < count; sent += 1) {
      expect((await world.crmGet(path)).status).toBe(200);
    }
    expect(await world.crmGet(path)).toMatchObject(limited);
    const other = { account: 'second', key: 'demo-key-0368' };
    expect((await world.crmGet(path, other)).status).toBe(200);
    world.clock.advance(1_000);
    expect((await world.crmGet(path)).status).toBe(200);
  });
});
