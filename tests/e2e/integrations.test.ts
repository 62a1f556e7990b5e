import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { control, crm, db, eventually, freshStart, ports, post } from './stack.ts';

const WEB = `http://127.0.0.1:${ports.web}`;
const TOKEN = '375290000001';
const KEY = 'demo-key-0367';
const NEW_KEY = 'demo-key-0367-renewed';
let cookie = '';
let counter = 0;

beforeAll(async () => {
  await freshStart();
  const body = JSON.stringify({ login: 'june', password: 'trunkline-local' });
  const headers = { origin: WEB, 'content-type': 'application/json' };
  const response = await fetch(`${WEB}/api/auth/login`, { method: 'POST', headers, body });
  cookie = (response.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
});
afterAll(async () => {
  await control('retailcrm/demo', { key: KEY });
  await ask('integrations/config', { retailcrm: { api_key: KEY } });
});

/** As the admin's page asks. */
async function ask(path: string, body?: object): Promise<Record<string, unknown>> {
  const response = await fetch(`${WEB}/enterprise/0367/${path}`, {
    method: body ? 'POST' : 'GET',
    headers: { origin: WEB, cookie, 'content-type': 'application/json' },
    ...(body && { body: JSON.stringify(body) }),
  });
  expect(response.status).toBeLessThan(300);
  return (await response.json()) as Record<string, unknown>;
}

/** A whole call as a box posts it. */
async function makeCall(): Promise<string> {
  counter += 1;
  const uniqueId = `${Math.floor(Date.now() / 1000)}.7${counter}`;
  const event = {
    Token: TOKEN,
    UniqueId: uniqueId,
    Phone: `3752911188${10 + counter}`,
    Trunk: '0001363',
  };
  const call = { ...event, CallType: 0, Extensions: ['150', '151'] };
  await post('/start', call);
  await post('/dial', call);
  await post('/hangup', {
    ...call,
    CallStatus: '2',
    Extensions: ['151'],
    StartTime: '2026-01-31 12:05:23',
    DateReceived: '2026-01-31 12:05:33',
    EndTime: '2026-01-31 12:06:03',
  });
  return uniqueId;
}

async function stateOf(type: string) {
  const { integrations } = await ask('integrations/config?view=admin');
  const all = integrations as { type: string; state: string; reason: string | null }[];
  return all.find((one) => one.type === type);
}

describe('a key that stops working', () => {
  const uniqueIds: string[] = [];

  test('pauses the integration, and the banner says why', async () => {
    await control('retailcrm/demo', { key: NEW_KEY });
    uniqueIds.push(await makeCall(), await makeCall());
    const paused = await eventually(
      () => stateOf('retailcrm'),
      (found) => found?.state === 'paused',
    );
    expect(paused).toMatchObject({ state: 'paused', reason: 'Ключ API неверный' });
    const parked = async () => db`
      select deliveries.id
      from deliveries
      join calls on calls.id = deliveries.call_id
      where integration_type = 'retailcrm'
        and step = 'hangup'
        and state = 'parked'
        and main_unique_id = any(${uniqueIds})`;
    expect(await eventually(parked, (rows) => rows.length === 2)).toHaveLength(2);
    const listed = await ask('deliveries?integration=retailcrm&state=parked&step=hangup');
    expect(listed['items']).not.toHaveLength(0);
    expect((await crm()).journal).toEqual([]);
    const tested = await ask('integrations/retailcrm/test', {});
    expect(tested).toMatchObject({ ok: false, problem: 'Ключ API неверный' });
  });

  test('corrected in the settings: all that waited arrives, in order and once', async () => {
    const saved = await ask('integrations/config', { retailcrm: { api_key: NEW_KEY } });
    expect(saved).toMatchObject({
      success: true,
      states: { retailcrm: { state: 'active' } },
      warnings: [],
    });
    const own = async () =>
      (await crm()).journal.filter(({ externalId }) => uniqueIds.includes(externalId));
    const journal = await eventually(own, (entries) => entries.length === 2);
    const uploads = new Map(journal.map((entry) => [entry.externalId, entry.uploads.length]));
    expect(uploads).toEqual(new Map(uniqueIds.map((uniqueId) => [uniqueId, 1])));
    // The entry arrives a moment before its delivery is written down.
    const hangups = async () => db`
      select deliveries.state
      from deliveries
      join calls on calls.id = deliveries.call_id
      where integration_type = 'retailcrm'
        and step = 'hangup'
        and main_unique_id = any(${uniqueIds})`;
    const done = await eventually(hangups, (rows) =>
      rows.every(({ state }) => state === 'delivered'),
    );
    expect(done.map(({ state }) => state as string)).toEqual(['delivered', 'delivered']);
    expect(await ask('integrations/config')).toMatchObject({ retailcrm: { api_key: '••••ewed' } });
  });

  test('one of them sent again on purpose is sent again', async () => {
    const { items } = await ask(
      `deliveries?integration=retailcrm&step=hangup&call=${uniqueIds[0]}`,
    );
    const [delivery] = items as { id: string }[];
    expect(await ask('deliveries/replay', { ids: [delivery?.id] })).toMatchObject({ replayed: 1 });
    const again = async () =>
      (await crm()).journal.find(({ externalId }) => externalId === uniqueIds[0]);
    const entry = await eventually(again, (found) => found?.uploads.length === 2);
    expect(entry?.uploads).toHaveLength(2);
    const detail = await eventually(
      () => ask(`deliveries/${delivery?.id}`),
      ({ state }) => state === 'delivered',
    );
    expect(detail).toMatchObject({ state: 'delivered', attempts: 1 });
  });
});

test('a click in RetailCRM comes here, is known, and places a call', async () => {
  await ask('integrations/config', { retailcrm: { enabled: true } });
  const clicked = await control('retailcrm/demo/click', { phone: '+375291110001', code: '151' });
  expect(clicked).toEqual({ outcomes: [{ status: 200 }] });
});
