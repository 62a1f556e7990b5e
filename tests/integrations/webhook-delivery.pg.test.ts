import { createHmac } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';

import { NUMBER, useDatabase } from '../support/database.ts';
import { useWorld } from './world.ts';

const { db } = useDatabase();
const world = useWorld(db);

const KEY = Buffer.alloc(32, 1);
const received: { headers: IncomingHttpHeaders; body: string }[] = [];
let status = 204;
let headers: Record<string, string> = {};
let server: Server;

beforeAll(async () => {
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (part: Buffer) => (body += part.toString()));
    request.on('end', () => {
      received.push({ headers: request.headers, body });
      response.writeHead(status, headers).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(() => void server.close());

beforeEach(async () => {
  received.length = 0;
  status = 204;
  headers = {};
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/calls`;
  const webhook = { enabled: true, url, secret: `whsec_${KEY.toString('base64')}` };
  await world.post('integrations/config', { webhook });
});

const owe = () => world.owe([{ step: 'hangup', type: 'webhook' }]);
const state = async () => (await db`select state, reason from deliveries`)[0];
const idsReceived = () => received.map((one) => one.headers['webhook-id']);

test('a receiver gets what is owed, signed, and the log has no secret', async () => {
  const { ids, uniqueId } = await owe();
  await world.dispatch(ids[0] ?? '');
  expect(await state()).toEqual({ state: 'delivered', reason: null });
  const [one] = received;
  const content = `msg_${ids[0]}.${one?.headers['webhook-timestamp']?.toString()}.${one?.body}`;
  expect(one?.headers['webhook-signature']).toBe(
    `v1,${createHmac('sha256', KEY).update(content).digest('base64')}`,
  );
  expect(JSON.parse(one?.body ?? '')).toMatchObject({
    type: 'call.ended',
    data: { call_id: uniqueId, enterprise_number: NUMBER, talk_seconds: 30, late: false },
  });
  const [log] = await db`select * from integration_logs`;
  expect(JSON.stringify(log)).not.toContain('whsec_');
});

test('every attempt of one delivery has the same id, and its repeat on purpose another one', async () => {
  const { ids } = await owe();
  status = 500;
  await world.dispatch(ids[0] ?? '').catch(() => {});
  await db`update deliveries set next_attempt_at = now()`;
  status = 200;
  await world.dispatch(ids[0] ?? '');
  await world.post('deliveries/replay', { ids });
  await world.work();
  expect(idsReceived()).toEqual([`msg_${ids[0]}`, `msg_${ids[0]}`, `msg_${ids[0]}_1`]);
});

test('410 pauses, and a receiver that answers again gets all of it in order', async () => {
  const first = await owe();
  const second = await owe();
  status = 410;
  await world.dispatch(first.ids[0] ?? '');
  expect(await state()).toMatchObject({ state: 'parked' });
  expect(world.alerts).toEqual([
    `⛔ ${NUMBER}: интеграция Webhook приостановлена. Получатель больше не принимает события (410)`,
  ]);
  status = 200;
  await world.post('integrations/webhook/test', {});
  expect(await world.work()).toEqual([first.ids[0], second.ids[0]]);
});

test('the time that the receiver names is kept', async () => {
  const { ids } = await owe();
  status = 503;
  headers = { 'retry-after': '600' };
  await world.dispatch(ids[0] ?? '').catch(() => {});
  const [row] = await db`
    select state, extract(epoch from next_attempt_at - now())::int as wait, queued_at
    from deliveries`;
  expect(row).toEqual({ state: 'retrying', wait: expect.any(Number), queuedAt: null });
  expect(Math.abs(Number(row?.['wait']) - 600)).toBeLessThan(5);
});
