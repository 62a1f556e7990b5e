import { v7 as newUuid } from 'uuid';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { listCalls } from '../../shared/calls/call-list.ts';
import { listDeliveries } from '../../shared/integrations/lists.ts';
import { ServerFrame } from '../../shared/live/live.schema.ts';
import { toLiveDelivery } from '../../shared/live/messages.ts';
import { createPush } from '../../shared/live/push.ts';
import { createTellDelivery } from '../../shared/live/tell-delivery.ts';
import { insertEnterprise, NUMBER, useDatabase } from '../support/database.ts';
import { createFakeQueue } from '../support/queues.ts';
import { createFakeGateway } from './gateway.ts';

const { db } = useDatabase();
const OTHER = '0368';

beforeEach(async () => {
  await insertEnterprise(db);
  await insertEnterprise(db, { number: OTHER, token: '375290000002' });
});
afterEach(() => db`truncate enterprises, admins, users cascade`);

async function insertCall(mainUniqueId = '1757840723.6'): Promise<string> {
  const id = newUuid();
  await db`
    insert into calls (id, enterprise_number, main_unique_id, direction, status, phone, line, ringing, rang,
      transfer_from, transfer_to, started_at, answered_at, last_event_at, wait_seconds)
    values (${id}, ${NUMBER}, ${mainUniqueId}, 'in', 'transferring', '375291110001', '0001363', '{152}', '{151,152}',
      '151', '152', now() - interval '1 minute', now() - interval '50 seconds', now(), 10)`;
  return id;
}

type Owner = { number?: string; adminId?: number; userId?: number; kind?: string };
async function listen(id: string, { number, adminId, userId, kind = 'calls' }: Owner) {
  await db`
    insert into socket_connections (id, kind, enterprise_number, admin_id, user_id, authorised_at)
    values (${id}, ${kind}, ${number ?? null}, ${adminId ?? null}, ${userId ?? null}, now())`;
}
async function insertAdmin(): Promise<number> {
  const [row] = await db`
    insert into admins (login, password_hash) values ('root', '-') returning id`;
  return Number(row?.['id']);
}

/** Pushes the call; returns who was told what. */
async function push(callId: string, gateway = createFakeGateway()) {
  await createPush({ db, sockets: gateway.sockets })({ callId });
  return gateway.sent.toSorted(([one], [other]) => (one < other ? -1 : 1));
}
const toldTo = (sent: [id: string, frame: unknown][]) => sent.map(([id]) => id);

test('everybody who listens to calls of the enterprise, or to all, is shown the call', async () => {
  await listen('a=', { number: NUMBER });
  await listen('b=', { number: NUMBER });
  await listen('c=', { adminId: await insertAdmin() });
  await listen('other=', { number: OTHER });
  await listen('deliveries=', { number: NUMBER, kind: 'deliveries' });
  await db`insert into socket_connections (id, kind) values ('silent=', 'calls')`;
  expect(toldTo(await push(await insertCall()))).toEqual(['a=', 'b=', 'c=']);
});

test('the call is the item of the call list, word for word', async () => {
  await listen('a=', { number: NUMBER });
  const [told] = await push(await insertCall());
  const { items } = await listCalls(db, NUMBER, { limit: 1 });
  expect(told?.[1]).toEqual({ type: 'call', enterprise: NUMBER, call: items[0] });
});

test('a call that became part of another is said to be gone', async () => {
  await listen('a=', { number: NUMBER });
  const [id, into] = [await insertCall(), await insertCall('1757840720.1')];
  await db`update calls set merged_into = ${into} where id = ${id}`;
  expect(await push(id)).toEqual([['a=', { type: 'call_merged', enterprise: NUMBER, id, into }]]);
});

describe('a delivery', () => {
  async function insertDelivery(): Promise<string> {
    const [row] = await db`
      insert into deliveries (enterprise_number, integration_type, call_id, step)
      values (${NUMBER}, 'retailcrm', ${await insertCall()}, 'hangup')
      returning id`;
    return String(row?.['id']);
  }
  async function pushDelivery(deliveryId: string) {
    const gateway = createFakeGateway();
    await createPush({ db, sockets: gateway.sockets })({ deliveryId });
    return gateway.sent.toSorted(([one], [other]) => (one < other ? -1 : 1));
  }

  test('is shown to whoever listens to deliveries of the enterprise, or to all, as the list has it', async () => {
    await listen('a=', { number: NUMBER, kind: 'deliveries' });
    await listen('b=', { adminId: await insertAdmin(), kind: 'deliveries' });
    await listen('calls=', { number: NUMBER });
    await listen('other=', { number: OTHER, kind: 'deliveries' });
    const told = await pushDelivery(await insertDelivery());
    const { items } = await listDeliveries(db, NUMBER, { limit: 1 });
    const frame = { type: 'delivery', enterprise: NUMBER, delivery: items[0] };
    expect(told).toEqual([
      ['a=', frame],
      ['b=', frame],
    ]);
    expect(ServerFrame.parse(frame)).toEqual(frame);
  });

  test('is sent to be shown only when somebody listens, and a broken queue costs it nothing', async () => {
    const live = createFakeQueue();
    const tell = createTellDelivery({ db, live });
    const delivery = { enterpriseNumber: NUMBER, id: '7', attempts: 1, state: 'delivered' };
    await listen('other=', { number: OTHER, kind: 'deliveries' });
    await listen('calls=', { number: NUMBER });
    await tell(delivery);
    expect(live.messages).toEqual([]);
    await listen('a=', { number: NUMBER, kind: 'deliveries' });
    await tell(delivery);
    expect(live.messages).toEqual([toLiveDelivery(delivery)]);
    const broken = { sendAll: () => Promise.reject(new Error('no queue')) };
    await createTellDelivery({ db, live: broken })(delivery);
  });
});

describe('nobody is told', () => {
  test('of a change more than 10 seconds old', async () => {
    await listen('a=', { number: NUMBER });
    const id = await insertCall();
    await db`update calls set updated_at = now() - interval '11 seconds'`;
    expect(await push(id)).toEqual([]);
  });

  test('of a call that is not there', async () => {
    await listen('a=', { number: NUMBER });
    expect(await push(newUuid())).toEqual([]);
  });

  test('who may no longer log in', async () => {
    await listen('a=', { adminId: await insertAdmin() });
    await db`update admins set active = false`;
    expect(await push(await insertCall())).toEqual([]);
  });
});

describe('a socket in trouble', () => {
  beforeEach(async () => {
    for (const id of ['a=', 'b=', 'c=']) await listen(id, { number: NUMBER });
  });
  const left = async () =>
    (await db`select id from socket_connections order by id`).map(({ id }) => String(id));

  test('that is gone is forgotten', async () => {
    await push(await insertCall(), createFakeGateway({ 'b=': 'gone' }));
    expect(await left()).toEqual(['a=', 'c=']);
  });

  test('that fails is kept, and the others are told', async () => {
    const gateway = createFakeGateway({ 'a=': new Error('429'), 'b=': new Error('timeout') });
    expect(toldTo(await push(await insertCall(), gateway))).toEqual(['a=', 'b=', 'c=']);
    expect(await left()).toEqual(['a=', 'b=', 'c=']);
  });

  test('that is slow is not waited for before the others are told', async () => {
    const { promise, resolve } = Promise.withResolvers<'sent'>();
    const gateway = createFakeGateway({ 'a=': promise });
    const pushing = push(await insertCall(), gateway);
    await expect.poll(() => toldTo(gateway.sent).toSorted()).toEqual(['a=', 'b=', 'c=']);
    resolve('sent');
    await pushing;
  });
});
