import { createHmac } from 'node:crypto';

import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';

import { NUMBER, useDatabase } from '../support/database.ts';
import { startReceiver } from '../support/receiver.ts';
import { useWorld } from './world.ts';

const { db } = useDatabase();
const world = useWorld(db);

const KEY = Buffer.alloc(32, 1);
let receiver: Awaited<ReturnType<typeof startReceiver>>;
beforeAll(async () => {
  receiver = await startReceiver();
});
afterAll(() => receiver.close());

beforeEach(async () => {
  receiver.reset();
  const { url } = receiver;
  const webhook = { enabled: true, url, secret: `whsec_${KEY.toString('base64')}` };
  await world.post('integrations/config', { webhook });
});

const owe = () => world.owe([{ step: 'hangup', type: 'webhook' }]);
const state = async () => (await db`select state, reason from deliveries`)[0];
const idsReceived = () => receiver.received.map((one) => one.headers['webhook-id']);

test('a receiver gets what is owed, signed, and the log has no secret', async () => {
  const { ids, uniqueId } = await owe();
  await world.dispatch(ids[0] ?? '');
  expect(await state()).toEqual({ state: 'delivered', reason: null });
  const [one] = receiver.received;
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
  receiver.status = 500;
  await world.dispatch(ids[0] ?? '').catch(() => {});
  await db`update deliveries set next_attempt_at = now()`;
  receiver.status = 200;
  await world.dispatch(ids[0] ?? '');
  await world.post('deliveries/replay', { ids });
  await world.work();
  expect(idsReceived()).toEqual([`msg_${ids[0]}`, `msg_${ids[0]}`, `msg_${ids[0]}_1`]);
});

test('410 pauses, and a receiver that answers again gets all of it in order', async () => {
  const first = await owe();
  const second = await owe();
  receiver.status = 410;
  await world.dispatch(first.ids[0] ?? '');
  expect(await state()).toMatchObject({ state: 'parked' });
  expect(world.alerts).toEqual([
    `⛔ ${NUMBER}: интеграция Webhook приостановлена. Получатель больше не принимает события (410)`,
  ]);
  receiver.status = 200;
  await world.post('integrations/webhook/test', {});
  expect(await world.work()).toEqual([first.ids[0], second.ids[0]]);
});

test('the time that the receiver names is kept', async () => {
  const { ids } = await owe();
  receiver.status = 503;
  receiver.headers = { 'retry-after': '600' };
  await world.dispatch(ids[0] ?? '').catch(() => {});
  const [row] = await db`
    select state, extract(epoch from next_attempt_at - now())::int as wait, queued_at
    from deliveries`;
  expect(row).toEqual({ state: 'retrying', wait: expect.any(Number), queuedAt: null });
  expect(Math.abs(Number(row?.['wait']) - 600)).toBeLessThan(5);
});
