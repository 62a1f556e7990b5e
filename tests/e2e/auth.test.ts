import { describe, expect, test } from 'vitest';

import { eventually, ports, post } from './stack.ts';

const WEB = `http://127.0.0.1:${ports.web}`;
const PASSWORD = 'trunkline-local';
const TOKEN = '375290000001';

/** Asks as the admin's page does: through the web front, with its origin and its cookie. */
async function ask(path: string, { cookie = '', body }: { cookie?: string; body?: object } = {}) {
  const response = await fetch(`${WEB}${path}`, {
    method: body ? 'POST' : 'GET',
    headers: { origin: WEB, 'content-type': 'application/json', ...(cookie && { cookie }) },
    ...(body && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  const { status, headers } = response;
  const isJson = headers.get('content-type')?.startsWith('application/json');
  const json: unknown = isJson ? JSON.parse(text) : undefined;
  return { status, headers, text, json: json as Record<string, unknown> | undefined };
}

async function logIn(login: string): Promise<string> {
  const { status, headers } = await ask('/api/auth/login', { body: { login, password: PASSWORD } });
  expect(status).toBe(200);
  const [cookie = ''] = (headers.get('set-cookie') ?? '').split(';');
  return cookie;
}

async function makeCall(): Promise<string> {
  const uniqueId = `${Math.floor(Date.now() / 1000)}.${Math.floor(Math.random() * 1e6)}`;
  const event = { Token: TOKEN, UniqueId: uniqueId, Phone: '375291119901', Trunk: '0001363' };
  await post('/start', { ...event, CallType: 0 });
  await post('/dial', { ...event, CallType: 0, Extensions: ['150', '151'] });
  return uniqueId;
}

describe('an admin', () => {
  test('logs in, sees the calls of the own enterprise, and logs out', async () => {
    const uniqueId = await makeCall();
    const cookie = await logIn('june');
    expect((await ask('/api/auth/me', { cookie })).json).toMatchObject({
      role: 'enterprise',
      enterprise: { number: '0367', name: 'june' },
    });

    const list = () => ask('/enterprise/0367/calls?phone=1119901&extension=151', { cookie });
    const { json } = await eventually(list, ({ text }) => text.includes(uniqueId));
    const calls = json?.['items'] as { id: string; unique_id: string }[];
    const call = calls.find(({ unique_id }) => unique_id === uniqueId);
    expect(call).toMatchObject({ direction: 'in', phone: '375291119901', rang: ['150', '151'] });

    const detail = await ask(`/enterprise/0367/calls/${call?.id ?? ''}`, { cookie });
    expect(detail.json).toMatchObject({ events: [{ event: 'start' }, { event: 'dial' }] });
    expect(detail.text).not.toContain(TOKEN);
    const table = await ask('/enterprise/0367/calls.csv', { cookie });
    expect(table.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect(table.text).toContain(uniqueId);

    expect((await ask('/enterprise/0368/calls', { cookie })).status).toBe(403);
    expect((await ask('/api/auth/logout', { cookie, body: {} })).status).toBe(200);
    expect((await ask('/enterprise/0367/calls', { cookie })).status).toBe(403);
    expect((await ask('/api/auth/me', { cookie })).status).toBe(401);
  });

  test('of all enterprises sees each of them', async () => {
    const cookie = await logIn('admin');
    for (const number of ['0367', '0368']) {
      expect((await ask(`/enterprise/${number}/lines`, { cookie })).json).toMatchObject({
        items: [{ line: '0001363' }, { line: '0001366' }],
      });
    }
  });
});

test('a program reads with the secret of the enterprise', async () => {
  const [inAddress, asBearer, wrong] = await Promise.all([
    fetch(`${WEB}/enterprise/0367/calls?limit=1&clientId=demo-secret-0367`),
    fetch(`${WEB}/enterprise/0367/calls?limit=1`, {
      headers: { authorization: 'Bearer demo-secret-0367' },
    }),
    fetch(`${WEB}/enterprise/0367/calls?limit=1&clientId=demo-secret-0368`),
  ]);
  expect([inAddress.status, asBearer.status, wrong.status]).toEqual([200, 200, 403]);
});
