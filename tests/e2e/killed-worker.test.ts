import { spawn } from 'node:child_process';
import { once } from 'node:events';

import { v7 as newUuid } from 'uuid';
import { expect, test } from 'vitest';

import { childEnvironment } from '../../infra/local/environment.ts';
import { control, crm, db, environment, eventually, freshStart, invoke } from './stack.ts';

/** Serves one queue message in a process of its own, as one Lambda instance would. */
const WORKER = `
  const { handler } = require(process.argv[1]);
  const body = JSON.stringify({ deliveryId: process.argv[2] });
  const attributes = { MessageGroupId: 'g', ApproximateReceiveCount: '1' };
  handler({ Records: [{ messageId: 'm', receiptHandle: 'r', body, attributes }] }, { awsRequestId: 'killed' });
`;
const BUILT = '.local/e2e/build/.build/functions/crm-dispatch/handler.cjs';

test('a dispatch worker killed in mid-flight: nothing is lost and nothing is doubled', async () => {
  await freshStart();
  const { deliveryId, uniqueId } = await oweHangup();
  // The worst moment: the CRM has taken the journal entry and the answer is still to come.
  await control('behave', {
    peer: 'retailcrm',
    account: 'demo',
    path: 'calls/upload',
    mode: 'applied_then_hang',
    times: 1,
  });
  const worker = spawn(process.execPath, ['-e', WORKER, `${process.cwd()}/${BUILT}`, deliveryId], {
    env: childEnvironment(environment),
    stdio: 'inherit',
  });
  const own = async () => (await crm()).journal.filter(({ externalId }) => externalId === uniqueId);
  await eventually(own, (entries) => entries.length === 1);
  worker.kill('SIGKILL');
  await once(worker, 'exit');
  await control('behave', { peer: 'retailcrm', account: 'demo', mode: 'ok' });
  expect(await row(deliveryId)).toMatchObject({ state: 'sending', attempts: 1 });

  // The lease ends by itself after 25 s; the sweeper of the next minute brings the delivery back.
  await eventually(
    () => row(deliveryId),
    ({ lapsed }) => lapsed === true,
    30_000,
  );
  await db`update deliveries set queued_at = now() - interval '1 minute' where id = ${deliveryId}`;
  await invoke('outbox-sweep');

  const delivered = await eventually(
    () => row(deliveryId),
    ({ state }) => state === 'delivered',
  );
  expect(delivered).toMatchObject({ state: 'delivered', attempts: 2, maybe_applied: true });
  expect(await own()).toHaveLength(1);
  const logs = await db`
    select status from integration_logs where delivery_id = ${deliveryId} order by id`;
  expect(logs.map(({ status }) => status as string)).toEqual(['error', 'success']);
});

async function oweHangup() {
  const callId = newUuid();
  const uniqueId = `killed-${callId}`;
  await db`
    insert into calls (id, enterprise_number, main_unique_id, direction, status, phone, rang, last_talked_by,
      started_at, ended_at, wait_seconds, talk_seconds, last_event_at, telegram_version)
    values (${callId}, '0367', ${uniqueId}, 'in', 'answered', '375291110099', '{151}', '151',
      now() - interval '40 seconds', now(), 10, 30, now(), 1)`;
  const [delivery] = await db`
    insert into deliveries (enterprise_number, integration_type, call_id, step, queued_at, sends)
    values ('0367', 'retailcrm', ${callId}, 'hangup', now(), 1)
    returning id`;
  return { deliveryId: String(delivery?.['id']), uniqueId };
}

async function row(deliveryId: string) {
  const [found] = await db`
    select state, attempts, maybe_applied, leased_until < now() as lapsed
    from deliveries where id = ${deliveryId}`;
  return found ?? {};
}
