import { afterEach, beforeEach, expect, test } from 'vitest';

import { createSync } from '../../shared/recordings/sync.ts';
import { insertEnterprise, NUMBER, useDatabase } from '../support/database.ts';
import { createFakeQueue } from '../support/queues.ts';

const { db } = useDatabase();
let recordings = createFakeQueue();
let now = new Date();

beforeEach(async () => {
  recordings = createFakeQueue();
  now = new Date('2026-11-21T12:00:00Z');
  for (const number of [NUMBER, '0368', '0369', '0370'])
    await insertEnterprise(db, { number, token: `37529${number}` });
  await db`update enterprises set ip = '192.0.2.7', parameter_option_3 = true`;
  await db`update enterprises set ip = null, host = null where number = '0368'`;
  await db`update enterprises set parameter_option_3 = false where number = '0369'`;
  await db`update enterprises set active = false where number = '0370'`;
});
afterEach(() => db`truncate enterprises cascade`);

const sync = () => {
  const lateCalls = { makeOfRecordings: async () => 0 };
  return createSync({ db, recordings, lateCalls, tie: async () => 0, clock: () => now })();
};

test('asks for a look at each box whose recordings are copied', async () => {
  expect(await sync()).toEqual({ boxes: 1, refused: 0, calls: 0, tied: 0 });
  expect(recordings.messages).toMatchObject([
    { body: { enterpriseNumber: NUMBER }, group: NUMBER },
  ]);
});

test('a turn that fires twice is one look; to ask again later is another', async () => {
  await sync();
  now = new Date('2026-11-21T12:00:03Z');
  await sync();
  now = new Date('2026-11-21T12:01:00Z');
  await sync();
  expect(recordings.messages).toHaveLength(2);
});
