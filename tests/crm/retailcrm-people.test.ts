import { describe, expect, test } from 'vitest';

import { retailcrm } from '../../shared/crm/retailcrm/crm.ts';
import { listening, strict } from './retailcrm-world.ts';

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
