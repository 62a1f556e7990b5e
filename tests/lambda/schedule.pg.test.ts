import type { Context } from 'aws-lambda';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

import { connect } from '../../shared/db.ts';
import { log } from '../../shared/lambda/log.ts';
import { schedule } from '../../shared/lambda/schedule.ts';
import { useDatabase } from '../support/database.ts';

const { db, url } = useDatabase();
const LAMBDA = { functionName: 'tested', awsRequestId: 'a-1' } as Context;
const runs = () =>
  db`select name, result, counts, finished_at >= started_at as finished from job_runs order by id`;

const reported = vi.spyOn(log, 'error');
beforeEach(() => void reported.mockImplementation(() => {}));
afterEach(async () => {
  reported.mockReset();
  await db`truncate job_runs`;
});

describe('a run of a job', () => {
  test('that went well is a row with its figures, which are also the answer', async () => {
    const answer = await schedule(db, 'outbox-sweep', async () => ({ events: 2, refused: 0 }))(
      {},
      LAMBDA,
    );
    expect(answer).toEqual({ events: 2, refused: 0 });
    expect(await runs()).toEqual([
      { name: 'outbox-sweep', result: 'done', counts: { events: 2, refused: 0 }, finished: true },
    ]);
  });

  test('can be seen while it lasts', async () => {
    await schedule(db, 'maintenance', async () => {
      expect(await runs()).toEqual([
        { name: 'maintenance', result: null, counts: null, finished: null },
      ]);
      return {};
    })({}, LAMBDA);
  });

  test('that failed is a row with the reason, is reported, and fails', async () => {
    const error = new Error('the queue is away');
    const run = schedule(db, 'outbox-sweep', () => Promise.reject(error))({}, LAMBDA);
    await expect(run).rejects.toBe(error);
    expect(await runs()).toEqual([
      { name: 'outbox-sweep', result: 'failed: the queue is away', counts: {}, finished: true },
    ]);
    expect(reported).toHaveBeenCalledExactlyOnceWith('job failed', { job: 'outbox-sweep', error });
  });

  test('that failed together with the database is reported all the same, for its own reason', async () => {
    const dying = connect(url);
    const error = new Error('the queue is away');
    const run = schedule(dying, 'outbox-sweep', async () => {
      await dying.end();
      throw error;
    })({}, LAMBDA);
    await expect(run).rejects.toBe(error);
    expect(reported).toHaveBeenCalledWith('job failed', { job: 'outbox-sweep', error });
  });

  test('delivered twice by the schedule is two rows', async () => {
    const job = schedule(db, 'maintenance', async () => ({}));
    await Promise.all([job({}, LAMBDA), job({}, LAMBDA)]);
    expect(await runs()).toHaveLength(2);
  });
});
