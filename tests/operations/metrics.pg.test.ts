import { v7 as newUuid } from 'uuid';
import { beforeAll, describe, expect, test } from 'vitest';

import { metricsRoutes } from '../../shared/operations/metrics.routes.ts';
import { createAsking } from '../auth/asking.ts';
import { insertEnterprise, NUMBER, useDatabase } from '../support/database.ts';

const TOKEN = 'metrics-token-of-the-tests';
const database = useDatabase();
const queues = {
  calls: { figures: async () => ({ depth: 3, inFlight: 2, deadLetters: 0 }) },
  crm: { figures: async () => ({ depth: 0, inFlight: 0, deadLetters: 4 }) },
};
const NAMES = [
  'trunkline_events_total',
  'trunkline_deliveries_total',
  'trunkline_delivery_seconds',
  'trunkline_queue_depth',
  'trunkline_queue_age_seconds',
  'trunkline_dead_letters',
  'trunkline_originates_total',
  'trunkline_originate_seconds',
  'trunkline_redirects_total',
  'trunkline_box_up',
  'trunkline_config_cache_enterprises',
  'trunkline_config_cache_age_seconds',
  'trunkline_config_cache_kilobytes',
];

function ask(token: string | undefined, shown?: string) {
  const asking = createAsking(database.db, metricsRoutes({ db: database.db, queues, token }));
  const headers = shown === undefined ? {} : { authorization: `Bearer ${shown}` };
  return asking({ path: '/metrics', headers });
}

/** An event that a box sent so many seconds ago. */
async function insertEvent(kind: string, secondsAgo: number): Promise<void> {
  const id = newUuid({ msecs: Date.now() - secondsAgo * 1000 });
  await database.db`
    insert into call_events (id, enterprise_number, event_type, payload, raw, received_at)
    values (${id}, ${NUMBER}, ${kind}, '{}', '{}', now())`;
}

describe('GET /metrics', () => {
  beforeAll(async () => {
    const { db } = database;
    await insertEnterprise(db);
    await db`update metric_marks set counted_to = uuid_v7_floor(now() - interval '1 hour')`;
    await db`
      insert into asterisk_hosts (enterprise_number, checked_at, problem) values (${NUMBER}, now(), 'unreachable')`;
    await db`
      insert into originates (id, enterprise_number, extension, phone, source, problem, response_time_ms)
      values (gen_random_uuid(), ${NUMBER}, '150', '375290000000', 'admin', null, 250),
        (gen_random_uuid(), ${NUMBER}, '150', '375290000000', 'admin', null, 750),
        (gen_random_uuid(), ${NUMBER}, '150', '375290000000', 'admin', 'unreachable', 5000)`;
  });

  test('says that it is not configured without a token of ours', async () => {
    expect(await ask(undefined, TOKEN)).toMatchObject({ status: 503 });
  });

  test.each([undefined, 'metrics-token-of-the-test', ''])('refuses %s', async (shown) => {
    expect(await ask(TOKEN, shown)).toMatchObject({ status: 401 });
  });

  test('has every name of the specification, with its type', async () => {
    const answer = await ask(TOKEN, TOKEN);
    expect(answer.status).toBe(200);
    expect(answer.headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
    const named = [...answer.text.matchAll(/^# TYPE (\w+) (counter|gauge|summary)$/gm)];
    expect(named.map(([, name]) => name)).toEqual(NAMES);
  });

  test('tells of queues, boxes and click-to-calls', async () => {
    const { text } = await ask(TOKEN, TOKEN);
    for (const line of [
      'trunkline_queue_depth{queue="calls"} 5',
      'trunkline_dead_letters{queue="crm"} 4',
      'trunkline_queue_age_seconds{queue="calls"} 0',
      `trunkline_box_up{enterprise="${NUMBER}"} 0`,
      'trunkline_originates_total{result="accepted"} 2',
      'trunkline_originates_total{result="unreachable"} 1',
      'trunkline_originate_seconds{quantile="0.5"} 0.5',
      'trunkline_originate_seconds_sum 1',
      'trunkline_originate_seconds_count 2',
      'trunkline_config_cache_enterprises 1',
    ]) {
      expect(text.split('\n')).toContain(line);
    }
  });

  test('counts every event once, whoever asks and how often, and the youngest a minute later', async () => {
    // Those before have read on until a minute ago.
    await database.db`update metric_marks set counted_to = uuid_v7_floor(now() - interval '1 hour')`;
    await insertEvent('dial', 300);
    await insertEvent('dial', 120);
    await insertEvent('hangup', 100);
    await insertEvent('hangup', 0);
    const read = async () =>
      (await ask(TOKEN, TOKEN)).text
        .split('\n')
        .filter((line) => line.startsWith('trunkline_events_total'));
    const [first, second] = await Promise.all([read(), read()]);
    const lines = [
      'trunkline_events_total{kind="dial"} 2',
      'trunkline_events_total{kind="hangup"} 1',
    ];
    expect(first).toEqual(lines);
    expect(second).toEqual(lines);
    expect(await read()).toEqual(lines);
  });
});
