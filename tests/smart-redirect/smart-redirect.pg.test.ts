import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { sealSecrets } from '../../shared/crm/config-copies.ts';
import { createAsking, redirectRoutes } from '../auth/asking.ts';
import { insertLogin, startSession } from '../auth/people.ts';
import { type Peers, startPeers } from '../peers/server.ts';
import { insertEnterprise, NUMBER, secrets, TOKEN, useDatabase } from '../support/database.ts';

const KNOWN = '375291110001';
const CALL = { unique_id: '1795217496.0', channel: 'PJSIP/0001367-00000000', trunk: '0001367' };

const { db } = useDatabase();
const ask = createAsking(db, redirectRoutes(db));
let peers: Peers;
let session = '';

beforeAll(async () => {
  peers = await startPeers({ port: 0 });
});
afterAll(() => peers.close());
beforeEach(async () => {
  await insertEnterprise(db, { crmUrl: `${peers.url}/retailcrm/demo` });
  session = await startSession(db, await insertLogin(db, 'own', NUMBER));
});
afterEach(async () => {
  await db`truncate enterprises, rate_buckets, users cascade`;
  await control('reset', {});
});

async function control(path: string, body: object): Promise<void> {
  const init = { method: 'POST', body: JSON.stringify(body) };
  const answer = await fetch(`${peers.url}/control/${path}`, init);
  if (!answer.ok) throw new Error(await answer.text());
}

const incoming = async (body: unknown, token = TOKEN) =>
  ask({
    method: 'POST',
    path: '/api/smart-redirect/incoming-call',
    headers: { token },
    body: typeof body === 'string' ? body : { ...CALL, ...(body as object) },
  });
const admin = (method: string, path: string, body?: unknown) =>
  ask({ method, path: `/enterprise/${NUMBER}/${path}`, session, body });
const tryOut = async (phone: string) => (await admin('POST', 'smart-redirect/try', { phone })).json;
const redirects = () => db`select * from smart_redirects order by id`;

/** Bitrix24 and amoCRM beside RetailCRM; everybody's user is mapped to an extension of its own. */
async function connectAll(): Promise<void> {
  const config = sealSecrets(
    {
      bitrix24: {
        enabled: true,
        webhook_url: `${peers.url}/bitrix24/demo/rest/1/demo-webhook-0367/`,
        user_id: '1',
      },
      amocrm: {
        enabled: true,
        subdomain: `${peers.url}/amocrm/demo`,
        client_id: 'demo-amocrm-client-0367',
        client_secret: 'demo-amocrm-secret-0367',
        access_token: 'demo-amocrm-long-lived-0367',
      },
    },
    secrets,
  );
  await db`
    update enterprises
    set integrations_config = integrations_config || ${db.json(JSON.parse(JSON.stringify(config)))}`;
  for (const [type, extension, user] of [
    ['retailcrm', '161', '17'],
    ['bitrix24', '162', '27'],
    ['amocrm', '163', '8320151'],
  ] as const) {
    await db`
      insert into integration_users (enterprise_number, integration_type, extension, crm_user_id)
      values (${NUMBER}, ${type}, ${extension}, ${user})`;
  }
}

describe('who is asked and who is meant', () => {
  test('the preferred CRM wins; its place in the order is a setting', async () => {
    await connectAll();
    expect(await tryOut(`+${KNOWN}`)).toMatchObject({ manager: '161', source: 'retailcrm' });
    await admin('PUT', 'smart-redirect/settings', { order: ['amocrm', 'bitrix24'] });
    expect(await tryOut(KNOWN)).toMatchObject({
      manager: '163',
      source: 'amocrm',
      client_name: 'Иван Клиентов',
      reason: null,
      lookups: [
        { integration: 'amocrm' },
        { integration: 'bitrix24' },
        { integration: 'retailcrm' },
      ],
    });
  });

  test('a CRM that is broken does not cost the others their answer', async () => {
    await connectAll();
    await control('behave', { peer: 'retailcrm', mode: 'error500' });
    expect(await tryOut(KNOWN)).toMatchObject({
      manager: '162',
      lookups: [{ outcome: 'failed' }, { outcome: 'found' }, {}],
    });
  });

  test('a manager without an extension is nobody to ring', async () => {
    await connectAll();
    await db`delete from integration_users where integration_type = 'amocrm'`;
    await admin('PUT', 'smart-redirect/settings', { order: ['amocrm'] });
    expect(await tryOut('375291110005')).toMatchObject({
      manager: null,
      client_name: 'ООО «Пример»',
      reason: 'manager_not_found',
    });
  });

  test.each([
    ['last_talked', '152'],
    ['first_talked', '150'],
  ])('nobody in the CRM: %s', async (fallback, manager) => {
    const phone = '375297770001';
    for (const [age, talker] of [
      ['3 days', '150'],
      ['1 day', '152'],
    ] as const) {
      await db`
        insert into calls (id, enterprise_number, main_unique_id, direction, status, phone, last_talked_by, started_at,
          last_event_at)
        values (gen_random_uuid(), ${NUMBER}, ${talker}, 'in', 'answered', ${phone}, ${talker},
          now() - ${age}::interval, now())`;
    }
    await admin('PUT', 'smart-redirect/settings', { fallback });
    expect(await tryOut(phone)).toMatchObject({ manager, source: fallback });
  });
});

describe('a box asks', () => {
  test('the token must be right, and nothing else must', async () => {
    expect(await incoming({ phone: KNOWN }, 'wrong')).toMatchObject({
      status: 403,
      json: { detail: 'Invalid token' },
    });
    for (const body of ['not json', '[]', '{"phone":{"a":1},"channel":7}', '']) {
      expect(await incoming(body)).toMatchObject({
        status: 200,
        json: { success: true, result: { action: 'continue' } },
      });
    }
  });

  test('a box that is not set costs a moment, and the call goes on', async () => {
    expect((await incoming({ phone: KNOWN })).json).toEqual({
      success: true,
      result: { action: 'continue', reason: 'asterisk_error' },
    });
    const [row] = await redirects();
    expect(row).toMatchObject({ manager: '151', source: 'retailcrm', action: 'continue' });
    expect(row?.['lookups']).toMatchObject([{ integration: 'retailcrm', outcome: 'found' }]);
  });

  test.each([
    ['disabled', { smartRedirect: { mode: 'off' } }, KNOWN],
    ['disabled', { active: false }, KNOWN],
    ['no_integrations', { integrationsConfig: {} }, KNOWN],
    ['manager_not_found', {}, '375297770001'],
    ['manager_not_found', {}, 'anonymous'],
  ])('the reason is %s', async (reason, changed, phone) => {
    if (Object.keys(changed).length > 0) await db`update enterprises set ${db(changed)}`;
    expect((await incoming({ phone })).json).toEqual({
      success: true,
      result: { action: 'continue', reason },
    });
  });

  test('CRMs that hang: the reason is the time, a stale answer serves, a fresh one asks nobody', async () => {
    await control('behave', { peer: 'retailcrm', mode: 'hang' });
    expect((await incoming({ phone: KNOWN })).json).toMatchObject({
      result: { reason: 'timeout' },
    });
    const found = { source: 'retailcrm', extension: '154', name: 'Кто-то', clientName: null };
    await db`
      insert into responsible_cache (enterprise_number, phone, found, asked_at)
      values (${NUMBER}, ${KNOWN}, ${db.json(found)}, now() - interval '23 hours')`;
    await incoming({ phone: KNOWN });
    await db`update responsible_cache set asked_at = now() - interval '4 minutes'`;
    await incoming({ phone: KNOWN });
    const [first, stale, fresh] = await redirects();
    expect(first).toMatchObject({ reason: 'timeout', manager: null });
    expect(stale).toMatchObject({ manager: '154', cached: true });
    expect(fresh).toMatchObject({ manager: '154', cached: true, lookups: [] });
    expect(Number(first?.['tookMs'])).toBeGreaterThan(2_400);
  });

  test('"nobody" is remembered too, and forgotten with new settings', async () => {
    await incoming({ phone: '375297770001' });
    expect(await db`select found from responsible_cache`).toEqual([{ found: null }]);
    await incoming({ phone: '375297770001' });
    expect((await redirects()).map(({ cached }) => cached as boolean)).toEqual([false, true]);
    await admin('PUT', 'smart-redirect/settings', {});
    expect(await db`select from responsible_cache`).toHaveLength(0);
  });

  test('getcustomerdata: a name without anything that a dialplan reads', async () => {
    await control('retailcrm/demo', {
      customers: [{ phone: `+${KNOWN}`, managerId: 17, name: 'ООО "Ромашка", ${SHELL(id)}; 1-й.' }],
    });
    const asked = async (body: object) =>
      (
        await ask({
          method: 'POST',
          path: '/api/callevent/getcustomerdata',
          headers: { token: `"${TOKEN}"` },
          body: { UniqueId: '1.1', TrunkId: '0001367', ...body },
        })
      ).json;
    expect(await asked({ Phone: `+${KNOWN}`, LoadDialPlan: 1 })).toEqual({
      Name: 'ООО Ромашка SHELL id 1-й.',
      DialPlan: 'web-zapros',
      Extension: '151',
    });
    expect(await asked({ Phone: KNOWN })).toMatchObject({ DialPlan: null });
    expect(await asked({ Phone: '375297770001', LoadDialPlan: '1' })).toEqual({
      Name: null,
      DialPlan: null,
      Extension: null,
    });
  });
});

describe('the admin', () => {
  test('settings: whole by default, checked, replaced', async () => {
    const whole = {
      mode: 'endpoint',
      order: ['retailcrm', 'bitrix24', 'amocrm'],
      fallback: 'none',
      technology: 'auto',
      target_context: 'web-zapros',
      wait_contexts: ['waitredirect', 'smart-redirect-start'],
      ring_seconds: 20,
    };
    expect((await admin('GET', 'smart-redirect/settings')).json).toEqual(whole);
    const changed = { mode: 'waitredirect', ring_seconds: 30 };
    const saved = { ...whole, ...changed };
    expect((await admin('PUT', 'smart-redirect/settings', changed)).json).toEqual(saved);
    expect((await admin('GET', 'smart-redirect/settings')).json).toEqual(saved);
    for (const wrong of [
      { mode: 'sometimes' },
      { order: ['amocrm', 'amocrm'] },
      { target_context: 'a,1,1&x' },
      { wait_contexts: [] },
      { ring_seconds: 1 },
    ]) {
      expect((await admin('PUT', 'smart-redirect/settings', wrong)).status).toBe(422);
    }
  });

  test('the last decisions, page by page', async () => {
    for (const phone of ['375297770001', '375297770002', '375297770003']) await incoming({ phone });
    const page = await admin('GET', 'smart-redirects');
    expect(page.json).toMatchObject({
      items: [{ phone: '375297770003' }, { phone: '375297770002' }, { phone: '375297770001' }],
      next_cursor: null,
    });
    const first = await ask({
      path: `/enterprise/${NUMBER}/smart-redirects`,
      session,
      query: { limit: '2' },
    });
    const { next_cursor: cursor } = first.json as { next_cursor: string };
    const second = await ask({
      path: `/enterprise/${NUMBER}/smart-redirects`,
      session,
      query: { limit: '2', cursor },
    });
    expect(second.json).toMatchObject({ items: [{ phone: '375297770001' }], next_cursor: null });
  });
});
