import { v7 as newUuid } from 'uuid';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { createTracker } from '../../shared/calls/tracker.ts';
import type { QueueMessage } from '../../shared/queue.ts';
import { insertEnterprise, NUMBER, TOKEN, useDatabase } from '../support/database.ts';
import { createFakeQueue } from '../support/queues.ts';

const { db } = useDatabase();
let crm = createFakeQueue();
let telegram = createFakeQueue();
let live = createFakeQueue();
let tracker = createTracker({ db, crm, telegram, live });

beforeEach(async () => {
  crm = createFakeQueue();
  telegram = createFakeQueue();
  live = createFakeQueue();
  tracker = createTracker({ db, crm, telegram, live });
  await insertEnterprise(db);
});
afterEach(() => db`truncate enterprises, call_events, call_links, call_legs cascade`);

const BASE = Date.now() - 60_000;
const CHANNEL = '1757840723.6';
const PHONE = '375291110001';
type Said = { kind: string; second: number; body: Record<string, unknown> };

const incoming = (kind: string, second: number, body: object = {}): Said => ({
  kind,
  second,
  body: { Token: TOKEN, UniqueId: CHANNEL, Phone: PHONE, Trunk: '0001363', CallType: 0, ...body },
});
const start = incoming('start', 0);
const dial = incoming('dial', 2, { Extensions: ['150', '151'] });
const bridge = incoming('bridge', 10, {
  BridgeUniqueid: 'b-1',
  Channel: 'SIP/0001363-00000004',
  CallerIDNum: PHONE,
  ConnectedLineNum: '151',
});
const bridgeOfEmployee = incoming('bridge', 10.1, {
  UniqueId: '1757840723.8',
  BridgeUniqueid: 'b-1',
  Channel: 'SIP/151-00000006',
  CallerIDNum: '151',
  ConnectedLineNum: PHONE,
});
const hangup = incoming('hangup', 40, {
  CallStatus: '2',
  Extensions: ['151'],
  StartTime: '2025-09-14 12:05:23',
  DateReceived: '2025-09-14 12:05:33',
  EndTime: '2025-09-14 12:06:03',
});
const ANSWERED = [start, dial, bridge, bridgeOfEmployee, hangup];

/** Stores an event as the intake does and returns its id. */
async function store({ kind, second, body }: Said): Promise<string> {
  const at = new Date(BASE + second * 1000);
  const id = newUuid({ msecs: at.getTime() });
  await db`
    insert into call_events (id, enterprise_number, event_type, unique_id, payload, raw, received_at)
    values (${id}, ${NUMBER}, ${kind}, ${String(body['UniqueId'])}, ${db.json(JSON.parse(JSON.stringify(body)))}, '', ${at})`;
  return id;
}

async function work(events: Said[]): Promise<void> {
  for (const event of events) await tracker.track({ eventId: await store(event) });
}

const calls = () => db`
  select status, direction, phone, line, rang, first_answered_by, last_talked_by, talk_seconds, wait_seconds
  from calls where merged_into is null order by started_at`;
const steps = () => db`select step, round, state, extensions from deliveries order by id`;

const EXPECTED = {
  status: 'answered',
  direction: 'in',
  phone: PHONE,
  line: '0001363',
  rang: ['150', '151'],
  firstAnsweredBy: '151',
  lastTalkedBy: '151',
};

describe('a call that is answered', () => {
  test('is one row, with its talkers, its channels and what it owes', async () => {
    await work(ANSWERED);
    expect(await calls()).toMatchObject([EXPECTED]);
    expect(await steps()).toMatchObject([
      { step: 'dial', round: 1, extensions: ['150', '151'] },
      { step: 'bridge', round: 1, extensions: ['151'] },
      { step: 'hangup', round: 1 },
    ]);
    expect(await db`select extension from call_talkers`).toMatchObject([{ extension: '151' }]);
    expect(await db`select unique_id from call_legs order by unique_id`).toMatchObject([
      { uniqueId: CHANNEL },
      { uniqueId: '1757840723.8' },
    ]);
    expect(crm.messages.map(({ group }) => group.split(':').slice(0, 2))).toContainEqual([
      NUMBER,
      'retailcrm',
    ]);
  });

  test('is not written again by an event that changes nothing, but by one after a silence', async () => {
    const written = () => db`select version, last_event_at from calls`;
    const repeated = incoming('dial', 20, { Extensions: ['150', '151'], Again: 1 });
    const late = incoming('dial', 90, { Extensions: ['150', '151'], Again: 2 });
    await work([start, dial]);
    const before = await written();
    await work([repeated]);
    expect(await written()).toEqual(before);
    await work([late]);
    expect(await written()).toEqual([
      { version: before[0]?.['version'], lastEventAt: new Date(BASE + 90_000) },
    ]);
    expect(await db`select from call_events where processed_at is null`).toHaveLength(0);
  });

  test('shows one who no longer talks as gone', async () => {
    await work([start, dial, bridge, bridgeOfEmployee]);
    const talkers = () => db`select extension, to_at is null as talking from call_talkers`;
    expect(await talkers()).toEqual([{ extension: '151', talking: true }]);
    await work([hangup]);
    expect(await talkers()).toEqual([{ extension: '151', talking: false }]);
  });

  test('comes out the same in every order of processing, and owes each step once', async () => {
    const orders = permutations(ANSWERED);
    for (const order of orders) {
      await db`truncate calls, call_events, call_links, call_legs, deliveries cascade`;
      const ids = new Map<Said, string>();
      for (const event of ANSWERED) ids.set(event, await store(event));
      for (const event of order) await tracker.track({ eventId: ids.get(event) ?? '' });
      expect(await calls()).toMatchObject([EXPECTED]);
      const hangups = await db`select from deliveries where step = 'hangup' and state <> 'skipped'`;
      expect(hangups).toHaveLength(1);
    }
    expect(orders).toHaveLength(120);
  }, 60_000);

  test('is not changed by working an event in twice', async () => {
    const id = await store(start);
    await tracker.track({ eventId: id });
    await tracker.track({ eventId: id });
    await db`update call_events set processed_at = null`;
    await tracker.track({ eventId: id });
    expect(await db`select version from calls`).toMatchObject([{ version: 1 }]);
    expect(telegram.messages).toHaveLength(1);
  });

  test('workers on its events at once make one call of it', async () => {
    const ids = [];
    for (const event of ANSWERED) ids.push(await store(event));
    const newWorker = () => createTracker({ db, crm, telegram, live });
    await Promise.all(ids.map((eventId) => newWorker().track({ eventId })));
    expect(await calls()).toMatchObject([EXPECTED]);
    expect((await steps()).filter(({ step }) => step === 'hangup')).toHaveLength(1);
  });
});

test('every version of a call is put on the live queue, in the group of its enterprise', async () => {
  await work(ANSWERED);
  await work([hangup]); // changes nothing
  const [call] = await db`select id, version from calls`;
  const callId = String(call?.['id']);
  expect(live.bodies()).toEqual(live.messages.map(() => ({ callId })));
  expect(live.messages.map(({ dedup }) => dedup)).toEqual(
    Array.from({ length: Number(call?.['version']) }, (_, index) => `${callId}:${index + 1}`),
  );
  expect(new Set(live.messages.map(({ group }) => group))).toEqual(new Set([NUMBER]));
});

test('a live queue that takes nothing harms nothing', async () => {
  const refusing = { sendAll: async (messages: QueueMessage[]) => messages };
  tracker = createTracker({ db, crm, telegram, live: refusing });
  await work(ANSWERED);
  expect(await calls()).toMatchObject([EXPECTED]);
  expect(crm.messages).not.toEqual([]);
});

test('a transfer leg that comes before the main hangup belongs to the same call', async () => {
  const leg: Said = {
    kind: 'hangup',
    second: 30,
    body: {
      Token: TOKEN,
      UniqueId: '1757840735.11',
      Phone: PHONE,
      CallType: 2,
      CallStatus: '2',
      Extensions: ['152'],
      StartTime: '',
      DateReceived: '2025-09-14 12:05:35',
      EndTime: '2025-09-14 12:05:46',
    },
  };
  await work([start, dial, bridge, bridgeOfEmployee, leg, hangup]);
  expect(await calls()).toHaveLength(1);
  expect(await calls()).toMatchObject([{ direction: 'in', status: 'answered' }]);
});

test('two callers at the same time are two calls', async () => {
  const other = (event: Said): Said => ({
    ...event,
    body: { ...event.body, UniqueId: `9${String(event.body['UniqueId'])}`, Phone: '375291110002' },
  });
  await work([start, other(start), dial, other(dial)]);
  expect(await calls()).toHaveLength(2);
});

test('a new group that rings is a new round, and the pop-up that nobody saw is superseded', async () => {
  const second = incoming('dial', 12, { Extensions: ['152'] });
  await work([start, dial, second]);
  expect(await steps()).toMatchObject([
    { step: 'dial', round: 1, state: 'skipped' },
    { step: 'dial', round: 2, state: 'pending' },
  ]);
});

test('an internal call owes nothing to CRMs', async () => {
  await work([
    {
      kind: 'hangup',
      second: 5,
      body: {
        Token: TOKEN,
        UniqueId: '1757841357.50',
        CallType: 2,
        CallStatus: '0',
        Phone: '151',
        Extensions: ['152'],
        StartTime: '',
        DateReceived: '2025-09-14 12:16:10',
        EndTime: '2025-09-14 12:16:27',
      },
    },
  ]);
  expect(await calls()).toMatchObject([{ direction: 'internal', status: 'internal_missed' }]);
  expect(await steps()).toHaveLength(0);
});

test('an integration that is switched on but not complete is owed nothing', async () => {
  await db`update enterprises set integrations_config = '{"retailcrm": {"enabled": true}}'`;
  await work(ANSWERED);
  expect(await steps()).toHaveLength(0);
});

test('an event that fails five times is marked and lets its neighbours go on', async () => {
  const id = await store(start);
  await db`update call_events set payload = '{"nothing": true}'`;
  for (let tries = 1; tries <= 4; tries += 1) {
    await expect(tracker.track({ eventId: id })).rejects.toThrow('cannot be read');
  }
  await tracker.track({ eventId: id });
  expect(await db`select attempts, failed_at is not null as failed from call_events`).toMatchObject(
    [{ attempts: 5, failed: true }],
  );
  await work([incoming('start', 1, { UniqueId: '2.2' })]);
  expect(await calls()).toHaveLength(1);
});

test('a call that never ended is ended four hours after its last event', async () => {
  await work([start, dial]);
  const [call] = await db`select id from calls`;
  await db`update call_events set received_at = received_at - interval '5 hours'`;
  await tracker.review(String(call?.['id']));
  expect(await calls()).toMatchObject([{ status: 'missed' }]);
  expect((await steps()).map(({ step }) => step as string)).toEqual(['dial', 'hangup']);
});

function permutations<T>(items: T[]): T[][] {
  if (items.length < 2) return [items];
  return items.flatMap((item, index) =>
    permutations(items.toSpliced(index, 1)).map((rest) => [item, ...rest]),
  );
}

describe('a call that waits on its box to be moved', () => {
  const asked = async (mode: string | undefined, events: Said[]) => {
    if (mode) await db`update enterprises set smart_redirect = ${db.json({ mode })}`;
    const redirects = createFakeQueue();
    const waiting = createTracker({ db, crm, telegram, live, redirects });
    for (const event of events) await waiting.track({ eventId: await store(event) });
    return redirects.bodies();
  };

  test('is asked for once, by its start, where the enterprise has it so', async () => {
    expect(await asked('waitredirect', [start, dial])).toEqual([
      {
        enterpriseNumber: NUMBER,
        uniqueId: CHANNEL,
        phone: PHONE,
        trunk: '0001363',
        startedAt: new Date(BASE).toISOString(),
      },
    ]);
  });

  test.each([undefined, 'endpoint', 'off'])('and never in mode %s', async (mode) => {
    expect(await asked(mode, [start])).toEqual([]);
  });

  test('nor when it goes out', async () => {
    const outgoing = { ...start, body: { ...start.body, CallType: 1 } };
    expect(await asked('waitredirect', [outgoing])).toEqual([]);
  });
});
