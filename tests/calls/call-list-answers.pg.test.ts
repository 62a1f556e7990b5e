import { randomUUID } from 'node:crypto';

import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import * as z from 'zod';

import { CallDetail, CallItem } from '../../shared/calls/call-list.schema.ts';
import { createAsking } from '../auth/asking.ts';
import { insertLogin, startSession } from '../auth/people.ts';
import { insertEnterprise, NUMBER, useDatabase } from '../support/database.ts';

const { db } = useDatabase();
const askRoutes = createAsking(db);
let session = '';

beforeAll(async () => {
  await insertEnterprise(db);
  await insertEnterprise(db, { number: '0368', token: '375290000002' });
  session = await startSession(db, await insertLogin(db, 'june', NUMBER));
  await db`
    insert into extensions (enterprise_number, extension, name)
    values (${NUMBER}, '151', 'Борис'), (${NUMBER}, '152', '=1+1')`;
  await db`insert into lines (enterprise_number, line, name) values (${NUMBER}, '0001363', 'Склад; "малый"')`;
});
afterEach(() => db`truncate calls, call_events cascade`);

type NewCall = Partial<{
  id: string;
  enterpriseNumber: string;
  direction: string;
  status: string;
  phone: string | null;
  line: string | null;
  caller: string;
  rang: string[];
  lastTalkedBy: string;
  firstAnsweredBy: string;
  transferTo: string;
  source: string;
  startedAt: string;
  mergedInto: string;
}>;
let counter = 0;

async function insertCall(call: NewCall = {}): Promise<string> {
  counter += 1;
  const row = {
    id: randomUUID(),
    enterpriseNumber: NUMBER,
    mainUniqueId: `1757840723.${counter}`,
    direction: 'in',
    status: 'answered',
    phone: '375291110001',
    line: '0001363',
    startedAt: '2026-11-20T10:00:00Z',
    lastEventAt: new Date(),
    ...call,
  };
  await db`insert into calls ${db(row)}`;
  return row.id;
}

const Page = z.strictObject({ items: CallItem.array(), next_cursor: z.string().nullable() });

const ask = (query: Record<string, string> = {}, path = 'calls') =>
  askRoutes({ path: `/enterprise/${NUMBER}/${path}`, query, session });
const list = async (query: Record<string, string> = {}) => Page.parse((await ask(query)).json);
const idsOf = async (query: Record<string, string>) =>
  (await list(query)).items.map(({ id }) => id).toSorted();

describe('the list', () => {
  test('is newest first, with everything that is known of a call, in the words of the answer', async () => {
    await insertCall({ startedAt: '2026-11-20T10:00:00Z' });
    const newest = await insertCall({ startedAt: '2026-11-20T11:00:00Z', rang: ['151'] });
    const { items, next_cursor } = await list();
    expect(next_cursor).toBeNull();
    expect(items).toHaveLength(2);
    expect(items[0]).toMatchObject({
      id: newest,
      unique_id: expect.stringMatching(/^1757840723\./),
      direction: 'in',
      phone: '375291110001',
      rang: ['151'],
      started_at: '2026-11-20T11:00:00.000Z',
      answered_at: null,
    });
  });

  test('of an enterprise without calls is empty, of an unknown one is not there', async () => {
    expect(await list()).toEqual({ items: [], next_cursor: null });
    const superadmin = await startSession(db, await insertLogin(db, `root${randomUUID()}`));
    const answer = await askRoutes({ path: '/enterprise/9999/calls', session: superadmin });
    expect([answer.status, answer.json]).toEqual([404, { detail: 'Предприятие не найдено' }]);
  });

  test('leaves out what was merged, and what is of others', async () => {
    const kept = await insertCall({ rang: ['151'] });
    await insertCall({ mergedInto: kept, rang: ['151'] });
    await insertCall({ enterpriseNumber: '0368', rang: ['151'] });
    for (const query of [{}, { extension: '151' }, { phone: '375291110001' }]) {
      expect(await idsOf(query)).toEqual([kept]);
    }
  });

  test('can be walked through page by page, also when many calls began at once', async () => {
    for (let index = 0; index < 7; index += 1) await insertCall({ rang: ['151'] });
    await insertCall({ startedAt: '2026-11-20T10:00:00.000001Z', rang: ['151'] });
    for (const filters of [{}, { extension: '151' }, { status: 'answered', phone: '1110001' }]) {
      const seen: string[] = [];
      let cursor: string | null = null;
      do {
        const page: z.output<typeof Page> = await list({
          ...filters,
          limit: '3',
          ...(cursor !== null && { cursor }),
        });
        seen.push(...page.items.map(({ id }) => id));
        cursor = page.next_cursor;
      } while (cursor !== null);
      expect(seen).toHaveLength(8);
      expect(new Set(seen)).toHaveLength(8);
    }
  });
});

describe('a filter', () => {
  const ids: Record<string, string> = {};
  beforeEach(async () => {
    ids['answered'] = await insertCall({ rang: ['150', '151'], lastTalkedBy: '152' });
    ids['missed'] = await insertCall({ status: 'missed', phone: '80291110001', rang: ['150'] });
    ids['busy'] = await insertCall({ direction: 'out', status: 'busy', phone: '74951234567' });
    ids['internal'] = await insertCall({
      direction: 'internal',
      status: 'internal_answered',
      phone: null,
      caller: '160',
      rang: ['161'],
    });
    ids['old'] = await insertCall({
      source: 'downloaded',
      phone: '103',
      transferTo: '170',
      startedAt: '2026-11-18T21:30:00Z',
    });
  });

  test.each<[Record<string, string>, string[]]>([
    [{ direction: 'in' }, ['answered', 'missed', 'old']],
    [{ direction: 'incoming' }, ['answered', 'missed', 'old']],
    [{ direction: 'outgoing' }, ['busy']],
    [{ direction: 'internal' }, ['internal']],
    [{ status: 'missed' }, ['missed']],
    [{ source: 'downloaded' }, ['old']],
    [{ source: 'live', direction: 'in' }, ['answered', 'missed']],
    [{ phone: '+375 (29) 111-00-01' }, ['answered', 'missed']],
    [{ phone: '1110001' }, ['answered', 'missed']],
    [{ phone: '91110001' }, ['answered', 'missed']],
    [{ phone: '375291110002' }, []],
    [{ phone: '74951234567' }, ['busy']],
    [{ phone: '103' }, ['old']],
    [{ phone: '10003' }, []],
    [{ extension: '150' }, ['answered', 'missed']],
    [{ extension: '152' }, ['answered']],
    [{ extension: '160' }, ['internal']],
    [{ extension: '170' }, ['old']],
    [{ extension: '15' }, []],
    [{ extension: '150', status: 'missed' }, ['missed']],
    [{ extension: '151', phone: '1110001' }, ['answered']],
    // On the clock of the enterprise, which is three hours ahead: half past midnight of the 19th.
    [{ from: '2026-11-19', to: '2026-11-19' }, ['old']],
    [{ from: '2026-11-18', to: '2026-11-18' }, []],
    [{ to: '2026-11-19T00:30:00' }, ['old']],
    [{ to: '2026-11-19T00:29:59' }, []],
    [{ to: '2026-11-18T21:30:00Z' }, ['old']],
    [{ from: '2026-11-20T13:00', direction: 'out' }, ['busy']],
    [{ from: '2026-11-20T13:00:01+03:00' }, []],
  ])('%j', async (query, expected) => {
    expect(await idsOf(query)).toEqual(expected.map((name) => ids[name] ?? '').toSorted());
  });

  test.each([
    [{ from: 'yesterday' }, 'from'],
    [{ to: '2026-02-31' }, 'to'],
    [{ from: '0001-01-01' }, 'from'],
    [{ from: '2026-11-20T25:00:00' }, 'from'],
    [{ phone: 'Anna' }, 'phone'],
    [{ phone: '--' }, 'phone'],
    [{ extension: '15%' }, 'extension'],
    [{ direction: 'sideways' }, 'direction'],
    [{ status: 'gone' }, 'status'],
    [{ source: '\0' }, 'source'],
    [{ limit: '0' }, 'limit'],
    [{ limit: '201' }, 'limit'],
    [{ limit: 'many' }, 'limit'],
    [{ cursor: '' }, 'cursor'],
    [{ cursor: 'x'.repeat(301) }, 'cursor'],
  ])('%j is refused by name', async (query, path) => {
    const answer = await ask(query);
    expect(answer.status).toBe(422);
    expect(answer.json).toMatchObject({ errors: [{ path }] });
  });
});

test('people of a call are found as the call changes, and no longer when they drop out', async () => {
  const id = await insertCall({ rang: ['150'] });
  await db`update calls set rang = '{151}', started_at = started_at + interval '1 second' where id = ${id}`;
  expect([await idsOf({ extension: '150' }), await idsOf({ extension: '151' })]).toEqual([
    [],
    [id],
  ]);
  await db`delete from calls`;
  expect(await db`select * from call_extensions where call_id = ${id}`).toEqual([]);
});

describe('a call', () => {
  test('shows talkers, events without the token, and deliveries', async () => {
    const id = await insertCall();
    await db`
      insert into call_talkers (call_id, position, extension, from_at, to_at)
      values (${id}, 0, '151', '2026-11-20T10:00:05Z', null)`;
    await db`
      insert into call_events (id, enterprise_number, event_type, unique_id, payload, raw, received_at, call_id)
      values (${'01990000-0000-7000-8000-000000000001'}, ${NUMBER}, 'start', '1.1',
        ${db.json({ UniqueId: '1.1', Token: 'box-token', token: 'box-token' })}, 'box-token', now(), ${id})`;
    await db`
      insert into deliveries (enterprise_number, integration_type, call_id, step)
      values (${NUMBER}, 'retailcrm', ${id}, 'hangup')`;
    const answer = await ask({}, `calls/${id}`);
    expect(answer.text).not.toContain('box-token');
    expect(CallDetail.parse(answer.json)).toMatchObject({
      id,
      talkers: [{ extension: '151', from: '2026-11-20T10:00:05.000Z', to: null }],
      events: [{ event: 'start', unique_id: '1.1', payload: { UniqueId: '1.1' } }],
      deliveries: [{ integration: 'retailcrm', step: 'hangup', round: 1, state: 'pending' }],
      recordings: [],
    });
  });

  test.each([
    ['nobody knows', 404, async () => randomUUID()],
    ['was merged', 404, async () => insertCall({ mergedInto: await insertCall() })],
    ['is of another enterprise', 404, () => insertCall({ enterpriseNumber: '0368' })],
    ['has no proper id', 422, async () => '1757840723.6'],
  ])('that %s is answered with %s%d', async (_what, status, make) => {
    expect((await ask({}, `calls/${await make()}`)).status).toBe(status);
  });
});

describe('the table', () => {
  test('opens right in the Excel of a Russian user', async () => {
    await insertCall({ rang: ['151', '160'], lastTalkedBy: '151' });
    const answer = await ask({}, 'calls.csv');
    expect(answer.headers).toMatchObject({
      'content-type': 'text/csv; charset=utf-8',
      'content-disposition': `attachment; filename="calls-${NUMBER}.csv"`,
      'cache-control': 'no-store',
    });
    const [head, row, rest] = answer.text.split('\r\n');
    expect(head).toMatch(/^\uFEFFНачало;Направление;Статус;Номер;Линия;/);
    expect(row).toMatch(
      /^2026-11-20 13:00:00;входящий;отвечен;375 \(29\) 111-00-01;"Склад; ""малый""";"?Борис \(151\), 160"?;/,
    );
    expect(rest).toBe('');
  });

  test('has no formulas in it', async () => {
    await insertCall({ rang: ['152'], line: '@SUM(A1)' });
    const { text } = await ask({}, 'calls.csv');
    expect(text).toContain(";'=1+1 (152);");
    expect(text).toContain(";'@SUM(A1);");
  });

  test('takes the same filters', async () => {
    await insertCall({ status: 'missed' });
    await insertCall();
    const { text } = await ask({ status: 'missed' }, 'calls.csv');
    expect(text.trim().split('\r\n')).toHaveLength(2);
    expect((await ask({ status: 'gone' }, 'calls.csv')).status).toBe(422);
  });
});
