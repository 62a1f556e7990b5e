import { beforeAll, expect, test } from 'vitest';
import * as z from 'zod';

import { control, db, environment, eventually, freshStart, invoke, ports } from './stack.ts';

const WEB = `http://127.0.0.1:${ports.web}`;
let cookie = '';

beforeAll(async () => {
  await freshStart();
  const body = JSON.stringify({ login: 'admin', password: 'trunkline-local' });
  const headers = { origin: WEB, 'content-type': 'application/json' };
  const response = await fetch(`${WEB}/api/auth/login`, { method: 'POST', headers, body });
  cookie = (response.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
});

/** As the admin's page asks. */
async function ask(path: string, body?: object): Promise<Record<string, unknown>> {
  const response = await fetch(`${WEB}/admin/hosting/api/${path}`, {
    method: body ? 'POST' : 'GET',
    headers: { origin: WEB, cookie, 'content-type': 'application/json' },
    ...(body && { body: JSON.stringify(body) }),
  });
  return (await response.json()) as Record<string, unknown>;
}

const Chat = z.object({ messages: z.array(z.looseObject({ text: z.string() })) });
const operators = async () =>
  Chat.parse(await control(`telegram/chats/${environment['OPERATOR_CHAT_ID'] ?? ''}`)).messages.map(
    ({ text }) => text,
  );

test('the page syncs, the schedule too, and the operators hear of what has changed', async () => {
  expect(await ask('timeweb/status')).toMatchObject({ success: true, configured: true });
  expect(await ask('timeweb/sync-all', {})).toMatchObject({ success: true, synced: 23 });
  const { items } = z
    .object({ items: z.array(z.looseObject({ timeweb_id: z.number().nullable() })) })
    .parse(await ask('servers?limit=500'));
  expect(items.filter(({ timeweb_id: id }) => id !== null)).toHaveLength(23);
  expect(items.find(({ timeweb_id: id }) => id === 1051)).toMatchObject({
    client_name: 'Мария Верес',
    cost_price: 730.5,
    client_price: 1200,
    margin: 569.5,
  });

  await control('timeweb', { servers: { 1051: { status: 'off' } } });
  expect(await invoke('timeweb-sync')).toMatchObject({ configured: 1, synced: 23, changed: 1 });
  const texts = await eventually(operators, (found) =>
    found.some((text) => text.includes('bot-1-1051: в Timeweb on → off')),
  );
  expect(texts.join('\n')).toContain('bot-1-1051: в Timeweb on → off');
  const [run] = await db`select result from job_runs where name = 'timeweb-sync' order by id desc`;
  expect(run).toEqual({ result: 'done' });
});
