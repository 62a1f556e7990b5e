import { v7 as newUuid } from 'uuid';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { createTracker } from '../../shared/calls/tracker.ts';
import { createSweep } from '../../shared/operations/sweep.ts';
import type { QueueMessage } from '../../shared/queue.ts';
import { insertEnterprise, NUMBER, TOKEN, useDatabase } from '../support/database.ts';
import { createFakeQueue } from '../support/queues.ts';

const { db } = useDatabase();
const NOON = Date.parse('2026-01-31T12:00:00Z');
let [calls, crm, telegram] = [createFakeQueue(), createFakeQueue(), createFakeQueue()];
let reviewed: string[] = [];

beforeEach(async () => {
  [calls, crm, telegram] = [createFakeQueue(), createFakeQueue(), createFakeQueue()];
  reviewed = [];
  await insertEnterprise(db);
});
afterEach(() => db`truncate enterprises, call_events, call_links, call_legs cascade`);

type Options = { minute?: number; review?: (callId: string) => Promise<void>; away?: boolean };

/** One run of the sweeper at noon, or so many minutes later; perhaps while the CRM queue is away. */
function sweep({
  minute = 0,
  review = async (id) => void reviewed.push(id),
  away = false,
}: Options = {}) {
  const clock = () => new Date(NOON + minute * 60_000);
  const takesNothing = { sendAll: async (messages: QueueMessage[]) => messages };
  return createSweep({ db, calls, crm: away ? takesNothing : crm, telegram, review, clock })();
}

describe('accepted events that nobody worked in', () => {
  type Event = { age: string; sweeps?: number; processed?: boolean; failed?: boolean };

  /** An event that came so long ago. */
  async function insertEvent({
    age,
    sweeps = 0,
    processed = false,
    failed = false,
  }: Event): Promise<string> {
    const id = newUuid();
    await db`
      insert into call_events (id, enterprise_number, event_type, payload, raw, received_at, sweeps, processed_at, failed_at)
      values (${id}, ${NUMBER}, 'start', '{}', '', now() - ${age}::interval, ${sweeps},
        ${processed ? new Date() : null}, ${failed ? new Date() : null})`;
    return id;
  }

  test.each<[rule: string, event: Event, brought: boolean]>([
    ['not before a minute has passed', { age: '55 seconds' }, false],
    ['after a minute', { age: '65 seconds' }, true],
    ['not again before the second', { age: '115 seconds', sweeps: 1 }, false],
    ['again after the second', { age: '125 seconds', sweeps: 1 }, true],
    ['not a third time before the fourth', { age: '3 minutes', sweeps: 2 }, false],
    ['a third time after the fourth', { age: '5 minutes', sweeps: 2 }, true],
    ['after an hour at the latest', { age: '61 minutes', sweeps: 6 }, true],
    ['then once an hour', { age: '61 minutes', sweeps: 7 }, false],
    ['then once an hour, hour after hour', { age: '5 hours', sweeps: 30 }, false],
    ['not when it is worked in', { age: '1 day', processed: true }, false],
    ['not when it was given up', { age: '1 day', failed: true }, false],
  ])('are brought back %s', async (_rule, event, brought) => {
    const eventId = await insertEvent(event);
    expect(await sweep()).toMatchObject({ events: brought ? 1 : 0 });
    expect(calls.messages).toEqual(
      brought ? [{ body: { eventId }, group: NUMBER, dedup: eventId }] : [],
    );
  });

  test('are brought back in the order of their arrival', async () => {
    const [first, second] = [
      await insertEvent({ age: '3 minutes' }),
      await insertEvent({ age: '2 minutes' }),
    ];
    await sweep();
    expect(calls.bodies()).toEqual([{ eventId: first }, { eventId: second }]);
  });

  test('back off each for itself', async () => {
    await insertEvent({ age: '90 seconds' });
    expect(await sweep()).toMatchObject({ events: 1 });
    const fresh = await insertEvent({ age: '90 seconds' });
    expect(await sweep()).toMatchObject({ events: 1 });
    expect(calls.bodies().at(-1)).toEqual({ eventId: fresh });
  });

  test('that wait for days stop nobody', async () => {
    await insertEvent({ age: '3 days', sweeps: 70 });
    const fresh = await insertEvent({ age: '2 minutes' });
    await sweep();
    expect(calls.bodies()).toContainEqual({ eventId: fresh });
  });
});

describe('deliveries', () => {
  type Delivery = {
    state?: string;
    next?: string;
    /** When its message was put on the queue; nothing when no message is there. */
    queued?: string | null;
    leased?: string | null;
    step?: string;
    callId?: string;
  };

  async function insertCall(): Promise<string> {
    const id = newUuid();
    await db`
      insert into calls (id, enterprise_number, main_unique_id, direction, status, started_at, ended_at, last_event_at,
        telegram_version)
      values (${id}, ${NUMBER}, ${id}, 'in', 'answered', now(), now(), now(), 1)`;
    return id;
  }

  /** A delivery that has been due since a moment ago and has no message on the queue. */
  async function insertDelivery(delivery: Delivery = {}): Promise<string> {
    const {
      state = 'pending',
      next = '-1 second',
      queued = null,
      leased = null,
      step = 'hangup',
    } = delivery;
    const [row] = await db`
      insert into deliveries (enterprise_number, integration_type, call_id, step, state, next_attempt_at, queued_at,
        leased_until)
      values (${NUMBER}, 'retailcrm', ${delivery.callId ?? (await insertCall())}, ${step}, ${state},
        now() + ${next}::interval, now() + ${queued}::interval, now() + ${leased}::interval)
      returning id`;
    return String(row?.['id']);
  }

  test.each<[rule: string, delivery: Delivery, brought: boolean]>([
    ['due and never sent', {}, true],
    ['due again', { state: 'retrying' }, true],
    ['due for hours', { next: '-5 hours' }, true],
    ['not due yet', { next: '1 minute' }, false],
    ['due, but its message is on the queue', { queued: '-1 minute' }, false],
    ['due, and its message must be lost', { queued: '-3 minutes' }, true],
    ['being sent', { state: 'sending', queued: '-1 minute', leased: '10 seconds' }, false],
    [
      'being sent by a worker that died',
      { state: 'sending', queued: '-1 minute', leased: '-1 second' },
      true,
    ],
    [
      'being sent by a worker that died, brought back a moment ago',
      { state: 'sending', queued: '-5 seconds', leased: '-1 second' },
      false,
    ],
    [
      'being sent by a worker that died, without a message',
      { state: 'sending', leased: '-1 second' },
      true,
    ],
    ['parked', { state: 'parked' }, false],
    ['delivered', { state: 'delivered' }, false],
    ['failed', { state: 'failed' }, false],
    ['skipped', { state: 'skipped' }, false],
    ['expired', { state: 'expired' }, false],
  ])('%s', async (_rule, delivery, brought) => {
    const deliveryId = await insertDelivery(delivery);
    expect(await sweep()).toMatchObject({ deliveries: brought ? 1 : 0 });
    expect(crm.bodies()).toEqual(brought ? [{ deliveryId }] : []);
  });

  test.each(['pending', 'sending', 'retrying', 'parked'])(
    'of a call only the first: not while the one before it is %s',
    async (state) => {
      const callId = await insertCall();
      await insertDelivery({ callId, step: 'dial', state, next: '1 hour', leased: '10 seconds' });
      await insertDelivery({ callId, step: 'hangup' });
      expect(await sweep()).toMatchObject({ deliveries: 0 });
    },
  );

  test.each(['delivered', 'skipped', 'failed', 'expired'])(
    'of a call the next when the one before it is %s',
    async (state) => {
      const callId = await insertCall();
      await insertDelivery({ callId, step: 'dial', state });
      const deliveryId = await insertDelivery({ callId, step: 'hangup' });
      await sweep();
      expect(crm.bodies()).toEqual([{ deliveryId }]);
    },
  );

  test('of other calls do not wait for each other', async () => {
    const first = await insertDelivery();
    const second = await insertDelivery();
    await sweep();
    expect(crm.bodies()).toEqual([{ deliveryId: first }, { deliveryId: second }]);
  });

  test('go with an id that the queue has not seen, in the group of their call', async () => {
    const callId = await insertCall();
    const deliveryId = await insertDelivery({ callId });
    await sweep();
    await db`update deliveries set queued_at = now() - interval '3 minutes'`;
    await sweep({ minute: 3 });
    expect(crm.messages).toHaveLength(2);
    expect(new Set(crm.messages.map(({ group }) => group))).toEqual(
      new Set([`${NUMBER}:retailcrm:${callId}`]),
    );
    expect(crm.messages[0]?.dedup).toMatch(new RegExp(`^${deliveryId}:0`));
  });
});

describe('calls that Telegram shows as they were', () => {
  type Behind = { version?: number; shown?: number; age?: string; merged?: boolean };

  async function insertCall({
    version = 2,
    shown = 1,
    age = '2 minutes',
    merged = false,
  }: Behind = {}): Promise<string> {
    const id = newUuid();
    await db`
      insert into calls (id, enterprise_number, main_unique_id, direction, status, started_at, ended_at, last_event_at,
        version, telegram_version, updated_at, merged_into)
      values (${id}, ${NUMBER}, ${id}, 'in', 'answered', now(), now(), now(), ${version}, ${shown},
        now() - ${age}::interval, ${merged ? id : null})`;
    return id;
  }

  test.each<[rule: string, call: Behind, brought: boolean]>([
    ['changed over a minute ago', {}, true],
    ['never shown', { shown: 0 }, true],
    ['changed just now', { age: '50 seconds' }, false],
    ['shown as they are', { shown: 2 }, false],
    ['changed over a day ago', { age: '25 hours' }, false],
    ['merged into another one: their message has to go', { merged: true }, true],
  ])('%s', async (_rule, call, brought) => {
    const callId = await insertCall(call);
    expect(await sweep()).toMatchObject({ callsBehind: brought ? 1 : 0 });
    expect(telegram.messages).toMatchObject(
      brought ? [{ body: { kind: 'call', callId }, group: '-1000000000367' }] : [],
    );
  });

  test.each([
    ['no chat', () => db`update enterprises set chat_id = null`],
    ['no bot', () => db`update enterprises set bot_token = null`],
  ])('not for an enterprise with %s', async (_what, take) => {
    await insertCall();
    await take();
    expect(await sweep()).toMatchObject({ callsBehind: 0 });
  });

  test('are asked for once a minute, until they are shown', async () => {
    await insertCall();
    await sweep();
    await sweep();
    expect(telegram.messages).toHaveLength(1);
    await sweep({ minute: 1 });
    expect(telegram.messages).toHaveLength(2);
  });
});

describe('calls that fell silent', () => {
  async function insertCall({
    silent = '5 hours',
    ended = false,
    merged = false,
  } = {}): Promise<string> {
    const id = newUuid();
    await db`
      insert into calls (id, enterprise_number, main_unique_id, direction, status, started_at, ended_at, last_event_at,
        telegram_version, merged_into)
      values (${id}, ${NUMBER}, ${id}, 'in', 'ringing', now(), ${ended ? new Date() : null},
        now() - ${silent}::interval, 1, ${merged ? id : null})`;
    return id;
  }

  test.each([
    ['for over four hours', {}, true],
    ['for less', { silent: '3 hours 59 minutes' }, false],
    ['because they have ended', { ended: true }, false],
    ['because they are part of another one', { merged: true }, false],
  ])('%s', async (_rule, call, seen) => {
    const callId = await insertCall(call);
    expect(await sweep()).toMatchObject({ callsReaped: seen ? 1 : 0 });
    expect(reviewed).toEqual(seen ? [callId] : []);
  });

  test('are reviewed one and all, though one of them cannot be', async () => {
    const [bad, good] = [await insertCall({ silent: '9 hours' }), await insertCall()];
    await sweep({
      async review(callId) {
        if (callId === bad) throw new Error('cannot be read');
        reviewed.push(callId);
      },
    }).catch(() => {});
    expect(reviewed).toEqual([good]);
  });

  test('have ended after the review, and are not looked at again', async () => {
    const receivedAt = new Date(Date.now() - 5 * 3600_000);
    const tracker = createTracker({ db, crm, telegram, live: createFakeQueue() });
    const body = {
      Token: TOKEN,
      UniqueId: '1757840723.6',
      Phone: '375291110001',
      Trunk: '0001363',
      CallType: 0,
    };
    const eventId = newUuid({ msecs: receivedAt.getTime() });
    await db`
      insert into call_events (id, enterprise_number, event_type, unique_id, payload, raw, received_at)
      values (${eventId}, ${NUMBER}, 'start', '1757840723.6', ${db.json(body)}, '', ${receivedAt})`;
    await tracker.track({ eventId });
    expect(await db`select ended_at from calls`).toEqual([{ endedAt: null }]);

    expect(await sweep({ review: (callId) => tracker.review(callId) })).toMatchObject({
      callsReaped: 1,
    });
    expect(await db`select ended_at is not null as ended from calls`).toEqual([{ ended: true }]);
    expect(await sweep({ review: (callId) => tracker.review(callId) })).toMatchObject({
      callsReaped: 0,
    });
  });
});

describe('the sweeper itself', () => {
  async function insertOneOfEach(): Promise<void> {
    const callId = newUuid();
    await db`
      insert into call_events (id, enterprise_number, event_type, payload, raw, received_at)
      values (${newUuid()}, ${NUMBER}, 'start', '{}', '', now() - interval '70 seconds')`;
    await db`
      insert into calls (id, enterprise_number, main_unique_id, direction, status, started_at, ended_at, last_event_at,
        updated_at)
      values (${callId}, ${NUMBER}, ${callId}, 'in', 'answered', now(), now(), now(), now() - interval '2 minutes')`;
    await db`
      insert into deliveries (enterprise_number, integration_type, call_id, step)
      values (${NUMBER}, 'retailcrm', ${callId}, 'hangup')`;
  }
  const sent = () => [calls, crm, telegram].map(({ messages }) => messages.length);

  test('says what it did', async () => {
    await insertOneOfEach();
    expect(await sweep()).toEqual({
      events: 1,
      deliveries: 1,
      callsBehind: 1,
      callsReaped: 0,
      refused: 0,
    });
  });

  test('has nothing to do when all is well', async () => {
    expect(await sweep()).toEqual({
      events: 0,
      deliveries: 0,
      callsBehind: 0,
      callsReaped: 0,
      refused: 0,
    });
    expect(sent()).toEqual([0, 0, 0]);
  });

  test('run twice sends nothing twice', async () => {
    await insertOneOfEach();
    await sweep();
    await sweep();
    expect(sent()).toEqual([1, 1, 1]);
  });

  test('run twice at once sends nothing that counts twice', async () => {
    await insertOneOfEach();
    await Promise.all([sweep(), sweep()]);
    const [events, , refreshes] = sent();
    expect({ events, refreshes }).toEqual({ events: 1, refreshes: 1 });
    expect(new Set(crm.bodies().map((body) => JSON.stringify(body))).size).toBe(1);
  });

  test('brings again what the queue did not take', async () => {
    await insertOneOfEach();
    expect(await sweep({ away: true })).toMatchObject({ deliveries: 1, refused: 1 });
    await db`update deliveries set queued_at = queued_at - interval '3 minutes'`;
    expect(await sweep({ minute: 3 })).toMatchObject({ deliveries: 1, refused: 0 });
    expect(crm.messages).toHaveLength(1);
  });
});
