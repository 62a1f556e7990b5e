import { v7 as newUuid } from 'uuid';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { createTracker } from '../../shared/calls/tracker.ts';
import { connect } from '../../shared/db.ts';
import { insertEnterprise, useDatabase } from '../support/database.ts';
import { createFakeQueue } from '../support/queues.ts';

const database = useDatabase();
const { db } = database;
const COMPANIES = ['0401', '0402', '0403', '0404'];
const CHANNEL = '1757840723.6';
const BASE = Date.now() - 60_000;

let crm = createFakeQueue();
let live = createFakeQueue();
let tracker = createTracker({ db, crm, telegram: createFakeQueue(), live });

beforeEach(async () => {
  crm = createFakeQueue();
  live = createFakeQueue();
  tracker = createTracker({ db, crm, telegram: createFakeQueue(), live });
  for (const number of COMPANIES) await insertEnterprise(db, { number, token: `37529${number}` });
});
afterEach(() => db`truncate enterprises, call_events, call_links, call_legs cascade`);

async function store(number: string, kind: string, second: number, body: object = {}) {
  const at = new Date(BASE + second * 1000);
  const id = newUuid({ msecs: at.getTime() });
  const said = {
    Token: `37529${number}`,
    UniqueId: CHANNEL,
    Phone: `37529111${number}`,
    Trunk: '0001363',
    CallType: 0,
    ...body,
  };
  await db`
    insert into call_events (id, enterprise_number, event_type, unique_id, payload, raw, received_at)
    values (${id}, ${number}, ${kind}, ${CHANNEL}, ${db.json(said)}, '', ${at})`;
  return id;
}

const starts = () => Promise.all(COMPANIES.map((number) => store(number, 'start', 0)));
const trackAll = (ids: string[]) =>
  Promise.allSettled(ids.map((eventId) => tracker.track({ eventId })));
const companies = async () => {
  const rows = await db`select enterprise_number from calls order by enterprise_number`;
  return rows.map(({ enterpriseNumber }) => String(enterpriseNumber));
};

test('the events of a batch share a transaction', async () => {
  await trackAll(await starts());
  expect(await companies()).toEqual(COMPANIES);
  expect(await db`select distinct xmin::text from calls`).toHaveLength(1);
  expect(live.messages.map(({ group }) => group).toSorted()).toEqual(COMPANIES);
});

describe('events of one company in a batch', () => {
  test('make one call, whatever their order', async () => {
    const dial = await store('0401', 'dial', 2, { Extensions: ['150', '151'] });
    const start = await store('0401', 'start', 0);
    const missed = { CallStatus: '0', EndTime: '2025-09-14 12:06:03' };
    const hangup = await store('0401', 'hangup', 20, missed);
    await trackAll([hangup, dial, start]);
    expect(await db`select status, ringing from calls`).toMatchObject([{ status: 'missed' }]);
  });

  test('one of them twice changes nothing', async () => {
    const [start = ''] = await starts();
    await trackAll([start, start]);
    expect(await db`select version from calls`).toMatchObject([{ version: 1 }]);
  });
});

describe('one that fails among others', () => {
  const outcomes = async (ids: string[]) => (await trackAll(ids)).map(({ status }) => status);
  const failures = async () => {
    const rows = await db`
      select enterprise_number, attempts from call_events where attempts > 0 or processed_at is null
      order by enterprise_number`;
    return rows.map(({ enterpriseNumber, attempts }) => [enterpriseNumber, attempts]);
  };

  test('because it cannot be read', async () => {
    const ids = await starts();
    await db`update call_events set payload = '{"nothing": true}' where enterprise_number = '0402'`;
    expect(await outcomes(ids)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'fulfilled']);
    expect(await companies()).toEqual(['0401', '0403', '0404']);
    expect(await failures()).toEqual([['0402', 1]]);
  });

  test('because the database refuses its call', async () => {
    await db`alter table calls add constraint refused check (enterprise_number <> '0403')`;
    const expected = ['fulfilled', 'fulfilled', 'rejected', 'fulfilled'];
    expect(await outcomes(await starts())).toEqual(expected);
    await db`alter table calls drop constraint refused`;
    expect(await companies()).toEqual(['0401', '0402', '0404']);
    expect(await failures()).toEqual([['0403', 1]]);
    expect(live.messages.map(({ group }) => group).toSorted()).toEqual(['0401', '0402', '0404']);
  });

  test('because somebody holds the lock of its company', async () => {
    const own = connect(database.url, { max: 2, lockTimeoutMs: 300 });
    tracker = createTracker({ db: own, crm, telegram: createFakeQueue(), live });
    const ids = await starts();
    await db.begin(async (tx) => {
      await tx`select pg_advisory_xact_lock(hashtextextended('calls:0402', 0))`;
      expect(await outcomes(ids)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'fulfilled']);
    });
    expect(await companies()).toEqual(['0401', '0403', '0404']);
    expect(await failures()).toEqual([['0402', 0]]);
    await own.end();
  });

  test('nothing is counted against anybody when the database was away', async () => {
    const ids = await starts();
    await db`
      create function go_away() returns trigger language plpgsql
      as $$ begin perform pg_terminate_backend(pg_backend_pid()); return new; end $$`;
    await db`create trigger goes_away before insert on calls for each row execute function go_away()`;
    expect(new Set(await outcomes(ids))).toEqual(new Set(['rejected']));
    await db`drop trigger goes_away on calls`;
    await db`drop function go_away`;
    expect(await failures()).toEqual(COMPANIES.map((number) => [number, 0]));
    expect(new Set(await outcomes(ids))).toEqual(new Set(['fulfilled']));
    expect(await companies()).toEqual(COMPANIES);
  });
});
