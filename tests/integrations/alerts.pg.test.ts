import { afterEach, beforeEach, describe, expect, inject, test, vi } from 'vitest';

import { createAlertCheck } from '../../shared/integrations/alerts.ts';
import { createQueue } from '../../shared/queue.ts';
import { NUMBER, useDatabase } from '../support/database.ts';
import { useWorld } from './world.ts';

const { db } = useDatabase();
const world = useWorld(db);

let dead: number | undefined = 0;
const told: string[] = [];
const check = createAlertCheck({
  db,
  alert: async (_key, text) => void told.push(text),
  queues: {
    crm: {
      deadLetters: async () => {
        if (dead === -1) throw new Error('the queue is away');
        return dead;
      },
    },
  },
});

beforeEach(() => {
  told.length = 0;
  dead = 0;
});

/** What the operator is told by one run. */
async function tell(): Promise<string[]> {
  told.length = 0;
  await check();
  return [...told];
}

const pause = () => db`
  insert into integration_states (enterprise_number, integration_type, paused_at, pause_reason)
  values (${NUMBER}, 'retailcrm', now(), 'Ключ API неверный')`;
const resume = () => db`update integration_states set paused_at = null`;

describe('a paused integration', () => {
  test('is told once, and its end once', async () => {
    await pause();
    expect(await tell()).toEqual([
      `⛔ ${NUMBER}: интеграция RetailCRM приостановлена. Ключ API неверный`,
    ]);
    expect(await tell()).toEqual([]);
    await resume();
    expect(await tell()).toEqual([`✅ ${NUMBER}: интеграция RetailCRM больше не приостановлена`]);
    expect(await tell()).toEqual([]);
  });

  test('that the dispatcher told of is not told of again', async () => {
    await world.control('retailcrm/demo', { key: 'another-key' });
    const { ids } = await world.owe([{ step: 'hangup' }]);
    await world.dispatch(ids[0] ?? '');
    expect(world.alerts).toEqual([
      `⛔ ${NUMBER}: интеграция RetailCRM приостановлена. Ключ API неверный`,
    ]);
    expect(await tell()).toEqual([]);
    await resume();
    expect(await tell()).toEqual([`✅ ${NUMBER}: интеграция RetailCRM больше не приостановлена`]);
  });

  test('that the sweeper found first is not told of by the dispatcher', async () => {
    await world.control('retailcrm/demo', { key: 'another-key' });
    await pause();
    await tell();
    await resume();
    const { ids } = await world.owe([{ step: 'hangup' }]);
    await world.dispatch(ids[0] ?? '');
    expect(world.alerts).toEqual([]);
  });

  test('is told once by two sweepers at once', async () => {
    await pause();
    await Promise.all([check(), check()]);
    expect(told).toHaveLength(1);
  });

  test('removed together with its integration is over', async () => {
    await pause();
    await tell();
    await world.post('integrations/config', { retailcrm: null });
    expect(await tell()).toHaveLength(1);
  });
});

describe('the rate of errors', () => {
  async function attempts(good: number, bad: number, age = '1 minute'): Promise<void> {
    const { ids } = await world.owe([{ step: 'hangup', state: 'delivered' }]);
    await db`
      insert into integration_logs (enterprise_number, integration_type, event_type, status, delivery_id,
        response_time_ms, created_at)
      select ${NUMBER}, 'retailcrm', 'hangup', case when n <= ${bad} then 'error' else 'success' end,
        ${ids[0] ?? ''}::bigint, 10, now() - ${age}::interval
      from generate_series(1, ${good + bad}) as n`;
  }

  test.each([
    ['over 10 % of 20', 17, 3, true],
    ['10 % of 20', 18, 2, false],
    ['all of 19', 0, 19, false],
    ['over 10 % of many', 880, 120, true],
  ])('%s', async (_what, good, bad, isTold) => {
    await attempts(good, bad);
    expect(await tell()).toEqual(
      isTold ? [`⚠️ ${NUMBER}: RetailCRM: ошибок ${bad} из ${good + bad} попыток за 15 минут`] : [],
    );
  });

  test('of longer ago does not count', async () => {
    await attempts(0, 30, '16 minutes');
    expect(await tell()).toEqual([]);
  });

  test('is told once, and once when it is low again; silence is no recovery', async () => {
    await attempts(0, 25);
    expect(await tell()).toHaveLength(1);
    expect(await tell()).toEqual([]);
    await db`update integration_logs set created_at = now() - interval '1 hour'`;
    expect(await tell()).toEqual([]);
    await attempts(2, 1);
    expect(await tell()).toEqual([]);
    await attempts(10, 0);
    expect(await tell()).toEqual([`✅ ${NUMBER}: RetailCRM: ошибок снова не больше 10 %`]);
  });

  test('of a paused integration is not told besides', async () => {
    await pause();
    await tell();
    await attempts(0, 25);
    expect(await tell()).toEqual([]);
  });

  test('counts attempts only: neither tests nor what was never sent', async () => {
    await db`
      insert into integration_logs (enterprise_number, integration_type, event_type, status, response_time_ms)
      select ${NUMBER}, 'retailcrm', 'test', 'error', 10
      from generate_series(1, 30)`;
    expect(await tell()).toEqual([]);
  });
});

describe('dead letters', () => {
  beforeEach(() => {
    vi.stubEnv('AWS_REGION', 'eu-central-1');
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'test');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test');
  });
  afterEach(() => void vi.unstubAllEnvs());

  test('are told once, and once when they are gone; while nobody can say, nothing is', async () => {
    expect(await tell()).toEqual([]);
    dead = 3;
    expect(await tell()).toEqual(['⚠️ Очередь crm: сообщений, которые не удалось обработать: 3']);
    dead = 4;
    expect(await tell()).toEqual([]);
    dead = -1;
    expect(await tell()).toEqual([]);
    dead = undefined;
    expect(await tell()).toEqual([]);
    dead = 0;
    expect(await tell()).toEqual(['✅ Очередь crm: необработанных сообщений больше нет']);
  });

  test('are counted where the queue sends them', async () => {
    const endpoint = `http://127.0.0.1:${inject('sqsPort')}`;
    const ask = async (target: string, body: object) => {
      const response = await fetch(endpoint, {
        method: 'POST',
        headers: {
          'content-type': 'application/x-amz-json-1.0',
          'x-amz-target': `AmazonSQS.${target}`,
          authorization:
            'AWS4-HMAC-SHA256 Credential=test/20260101/eu-central-1/sqs/aws4_request, SignedHeaders=host, Signature=x',
        },
        body: JSON.stringify(body),
      });
      return (await response.json()) as { QueueUrl?: string; Attributes?: Record<string, string> };
    };
    const Attributes = { FifoQueue: 'true' };
    const { QueueUrl: deadUrl = '' } = await ask('CreateQueue', {
      QueueName: 'alerts-dead.fifo',
      Attributes,
    });
    const { Attributes: found } = await ask('GetQueueAttributes', {
      QueueUrl: deadUrl,
      AttributeNames: ['QueueArn'],
    });
    const RedrivePolicy = JSON.stringify({
      deadLetterTargetArn: found?.['QueueArn'],
      maxReceiveCount: 50,
    });
    const { QueueUrl: url = '' } = await ask('CreateQueue', {
      QueueName: 'alerts.fifo',
      Attributes: { ...Attributes, RedrivePolicy },
    });
    expect(await createQueue(url, { endpoint }).deadLetters()).toBe(0);
    await createQueue(deadUrl, { endpoint }).send({ body: { n: 1 }, group: 'g', dedup: 'd' });
    expect(await createQueue(url, { endpoint }).deadLetters()).toBe(1);
    expect(await createQueue(deadUrl, { endpoint }).deadLetters()).toBeUndefined();
  });
});
