import { beforeAll, describe, expect, test } from 'vitest';

import { selectCallsByHour } from '../../shared/operations/overview.sql.ts';
import { getAllOverview, getOverview } from '../../shared/operations/overview.ts';
import { insertEnterprise, NUMBER, useDatabase } from '../support/database.ts';
import { explain, readWhole } from '../support/plan.ts';

const { db } = useDatabase();
/** 01:30 of the second on the clock of Minsk, still the first in UTC. */
const NOW = new Date('2026-02-01T22:30:00Z');
const OTHER = '0368';

async function insertCall(number: string, startedAt: string, direction: string, status: string) {
  const isLive = ['ringing', 'talking'].includes(status);
  await db`
    insert into calls (id, enterprise_number, main_unique_id, direction, status, started_at, last_event_at, ended_at)
    values (gen_random_uuid(), ${number}, gen_random_uuid()::text, ${direction}, ${status}, ${startedAt}, now(),
      ${isLive ? null : startedAt})`;
}

beforeAll(async () => {
  await insertEnterprise(db);
  await insertEnterprise(db, { number: OTHER, token: '375290000002' });
  await insertCall(NUMBER, '2026-02-01T20:59:59Z', 'in', 'answered'); // yesterday there
  await insertCall(NUMBER, '2026-02-01T21:00:00Z', 'in', 'answered');
  await insertCall(NUMBER, '2026-02-01T21:59:59Z', 'in', 'missed');
  await insertCall(NUMBER, '2026-02-01T22:00:00Z', 'in', 'lost_in_transfer');
  await insertCall(NUMBER, '2026-02-01T22:01:00Z', 'out', 'answered');
  await insertCall(NUMBER, '2026-02-01T22:02:00Z', 'out', 'no_answer');
  await insertCall(NUMBER, '2026-02-01T22:03:00Z', 'internal', 'internal_answered');
  await insertCall(NUMBER, '2026-02-01T22:29:00Z', 'in', 'talking');
  await insertCall(OTHER, '2026-02-01T22:29:00Z', 'in', 'abandoned');
});

describe('the calls of today', () => {
  test('are those of the day on the clock of the enterprise, hour by hour', async () => {
    const { date, timezone, calls } = await getOverview(db, NUMBER, NOW);
    expect({ date, timezone }).toEqual({ date: '2026-02-02', timezone: 'Europe/Minsk' });
    expect(calls).toEqual({
      total: 7,
      incoming: 4,
      outgoing: 2,
      internal: 1,
      answered: 2,
      missed: 2,
      live: 1,
      by_hour: [
        {
          at: '2026-02-01T21:00:00.000Z',
          total: 2,
          incoming: 2,
          outgoing: 0,
          internal: 0,
          answered: 1,
          missed: 1,
        },
        {
          at: '2026-02-01T22:00:00.000Z',
          total: 5,
          incoming: 2,
          outgoing: 2,
          internal: 1,
          answered: 1,
          missed: 1,
        },
      ],
    });
  });

  test('of all enterprises are those of the day on the clock that was asked for', async () => {
    const { calls } = await getAllOverview(db, 'Europe/Minsk', { now: NOW });
    expect(calls).toMatchObject({ total: 8, missed: 3, live: 1 });
    expect((await getAllOverview(db, 'UTC', { now: NOW })).calls).toMatchObject({ total: 9 });
    expect(await getAllOverview(db, 'Europe/Nowhere', { now: NOW })).toMatchObject({
      timezone: 'Europe/Minsk',
    });
  });

  test('a call that turned out to be part of another is not counted', async () => {
    await db`
      update calls
      set merged_into = (select id from calls where enterprise_number = ${NUMBER} limit 1)
      where enterprise_number = ${OTHER}`;
    expect((await getOverview(db, OTHER, NOW)).calls).toMatchObject({ total: 0, by_hour: [] });
    await db`update calls set merged_into = null`;
  });
});

test('the deliveries of today, by CRM', async () => {
  await db`
    insert into integration_logs (enterprise_number, integration_type, event_type, status, response_time_ms, created_at)
    values (${NUMBER}, 'retailcrm', 'dial', 'success', 100, ${NOW}), (${NUMBER}, 'retailcrm', 'dial', 'error', 300, ${NOW}),
      (${NUMBER}, 'retailcrm', 'dial', 'error', 300, '2026-02-01T20:59:59Z')`;
  const { deliveries } = await getOverview(db, NUMBER, NOW);
  expect(deliveries).toMatchObject({
    total_events: 2,
    success_rate: 50,
    integrations: { retailcrm: { events: 2, errors: 1 }, bitrix24: { events: 0 } },
  });
});

test('what needs attention: to each admin what is his, to the operator all of it', async () => {
  await db`
    insert into integration_states (enterprise_number, integration_type, paused_at, pause_reason)
    values (${NUMBER}, 'retailcrm', '2026-01-31T09:00:00Z', 'Ключ API неверный')`;
  await db`update enterprises set telegram_paused_reason = 'bot was kicked' where number = ${OTHER}`;
  await db`
    insert into operator_alerts (key, enterprise_number, recovery, raised_at)
    values ('dead-letters:crm', null, '', '2026-01-31T10:00:00Z'),
      (${`errors:${NUMBER}:amocrm`}, ${NUMBER}, '', '2026-01-31T11:00:00Z'),
      (${`paused:${NUMBER}:retailcrm`}, ${NUMBER}, '', '2026-01-31T09:00:00Z')`;
  await db`
    insert into job_runs (name, started_at, finished_at, result)
    values ('maintenance', '2026-01-31T12:00:00Z', now(), 'failed: no disk'), ('outbox-sweep', now(), now(), 'done')`;

  const kinds = (attention: { kind: string; item: string | null; page: string }[]) =>
    attention.map(({ kind, item, page }) => [kind, item, page]);
  const own = await getOverview(db, NUMBER, NOW);
  expect(own.attention[0]).toEqual({
    kind: 'integration_paused',
    enterprise_number: NUMBER,
    enterprise_name: `name ${NUMBER}`,
    item: 'retailcrm',
    reason: 'Ключ API неверный',
    since: '2026-01-31T09:00:00.000Z',
    page: 'integrations',
  });
  expect(kinds(own.attention)).toEqual([
    ['integration_paused', 'retailcrm', 'integrations'],
    ['integration_errors', 'amocrm', 'integrations'],
  ]);
  expect(kinds((await getAllOverview(db, 'UTC', { now: NOW })).attention)).toEqual([
    ['integration_paused', 'retailcrm', 'integrations'],
    ['dead_letters', 'crm', 'services'],
    ['integration_errors', 'amocrm', 'integrations'],
    ['telegram_paused', null, 'enterprises'],
    ['job_failed', 'maintenance', 'services'],
  ]);
});

describe('a box', () => {
  const REFUSED = 'SSH command failed: Connection refused';
  const boxesOf = async (number?: string) => {
    const { attention } =
      number === undefined ? await getAllOverview(db, 'UTC') : await getOverview(db, number);
    return attention
      .filter(({ page }) => page === 'box')
      .map(({ kind, enterprise_number, reason }) => [kind, enterprise_number, reason]);
  };
  const see = (
    number: string,
    ago: string,
    problem: string | null,
    key: string | null = null,
  ) => db`
    insert into asterisk_hosts (enterprise_number, checked_at, last_seen_at, problem, offered_host_key)
    values (${number}, now(), now() - ${ago}::interval, ${problem}, ${key})
    on conflict (enterprise_number) do update
    set last_seen_at = excluded.last_seen_at,
        problem = excluded.problem,
        offered_host_key = excluded.offered_host_key`;

  test('that answers, or missed one look, is no trouble', async () => {
    await see(NUMBER, '1 hour', null);
    await see(OTHER, '6 minutes', REFUSED);
    expect(await boxesOf()).toEqual([]);
  });

  test('that was not seen for ten minutes is, to its admin and to the operator', async () => {
    await see(OTHER, '11 minutes', REFUSED);
    expect(await boxesOf()).toEqual([['box_unseen', OTHER, REFUSED]]);
    expect(await boxesOf(OTHER)).toEqual([['box_unseen', OTHER, REFUSED]]);
    expect(await boxesOf(NUMBER)).toEqual([]);
  });

  test('with another key is at once; of an enterprise that has ended never', async () => {
    await see(NUMBER, '1 minute', 'SSH command failed: Host key changed', 'SHA256:other');
    await db`update enterprises set active = false where number = ${OTHER}`;
    expect(await boxesOf()).toEqual([
      ['host_key_changed', NUMBER, 'SSH command failed: Host key changed'],
    ]);
    await db`update enterprises set active = true where number = ${OTHER}`;
  });
});

test('money that runs out and a storage that does not answer trouble the operator only', async () => {
  await db`
    insert into hosting_balance_alerts (day, balance, days_left)
    values (current_date - 3, 900, 6.5), (current_date, 300, 2)`;
  const storage = () => Promise.reject(new Error('no route'));
  const ofOperator = (attention: { kind: string; item: string | null; page: string }[]) =>
    attention
      .filter(({ kind }) => ['low_balance', 'storage_unreachable'].includes(kind))
      .map(({ kind, item, page }) => [kind, item, page]);
  const { attention } = await getAllOverview(db, 'UTC', { storage });
  expect(ofOperator(attention)).toEqual([
    ['storage_unreachable', null, 'services'],
    ['low_balance', '2', 'hosting'],
  ]);
  const reached = await getAllOverview(db, 'UTC', { storage: () => Promise.resolve() });
  expect(ofOperator(reached.attention)).toEqual([['low_balance', '2', 'hosting']]);
  expect(ofOperator((await getOverview(db, NUMBER)).attention)).toEqual([]);
});

describe('among a million calls', () => {
  const CALLS = 1_000_000;
  /** One enterprise of eighty has an eightieth of them. */
  const [FROM, TO] = [new Date('2026-10-31T00:00:00Z'), new Date('2026-11-01T00:00:00Z')];
  const PER_DAY = (24 * 3600) / 25;

  beforeAll(async () => {
    await db.begin(async (tx) => {
      await tx`set local statement_timeout = 0`;
      await tx`alter table calls disable trigger all`;
      // Those that are not asked here: a bulk load under all of them takes minutes.
      for (const other of ['direction', 'status', 'phone_end', 'downloaded', 'phone'])
        await tx`drop index ${tx(`idx_calls_enterprise_${other}`)}`;
      await tx`
        insert into calls (id, enterprise_number, main_unique_id, direction, status, started_at, ended_at, last_event_at)
        select
          md5(n::text)::uuid, case when n % 80 = 0 then ${NUMBER} else ${OTHER} end, 'u' || n,
          case when n % 3 = 0 then 'out' else 'in' end, case when n % 4 = 0 then 'missed' else 'answered' end,
          started_at, started_at, started_at
        from (
          select n, timestamptz '2026-11-01' - n * interval '25 seconds' as started_at
          from generate_series(1, ${CALLS}::int) as n
        ) as call`;
      await tx`alter table calls enable trigger all`;
    });
    await db.begin(async (tx) => {
      await tx`set local statement_timeout = 0`;
      await tx`analyze calls`;
    });
  }, 300_000);

  test.each([
    ['one enterprise', NUMBER, PER_DAY / 80],
    ['all enterprises', undefined, PER_DAY],
  ])('a day of %s reads the calls of that day only', async (_whose, enterpriseNumber, most) => {
    const day = { enterpriseNumber, from: FROM, to: TO, timezone: 'Europe/Minsk' };
    const { scans } = await explain(db, selectCallsByHour(db, day));
    const ofCalls = scans.filter(({ table }) => table === 'calls');
    expect(ofCalls).toHaveLength(1);
    expect(readWhole(ofCalls)).toEqual([]);
    // The average of all loops, rounded.
    for (const { rows } of ofCalls) expect(rows).toBeLessThanOrEqual(most + 2);
  });
});
