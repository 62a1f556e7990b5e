import type { Context, SQSRecord } from 'aws-lambda';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import * as z from 'zod';

import { ComeBackLater } from '../../shared/errors.ts';
import { log } from '../../shared/lambda/log.ts';
import { queue } from '../../shared/lambda/queue.ts';

const LAMBDA = { functionName: 'tested', awsRequestId: 'a-1' } as Context;
const Message = z.object({ id: z.string() });

/** `crm-1` is the first message of the group `crm`. */
function record(id: string, { body = JSON.stringify({ id }), receives = 1 } = {}): SQSRecord {
  return {
    messageId: id,
    receiptHandle: `handle of ${id}`,
    body,
    attributes: {
      MessageGroupId: id.split('-')[0] ?? '',
      ApproximateReceiveCount: String(receives),
      SentTimestamp: '1757840723000',
      SenderId: 'AIDA',
      ApproximateFirstReceiveTimestamp: '1757840723000',
    },
    messageAttributes: {},
    md5OfBody: '',
    eventSource: 'aws:sqs',
    eventSourceARN: 'arn:aws:sqs:eu-central-1:000000000000:calls.fifo',
    awsRegion: 'eu-central-1',
  };
}

type Work = (id: string) => Promise<void>;

/** Runs a batch; `work` is asked for every message that is handled. */
async function run(records: SQSRecord[], work: Work, { delayFails = false } = {}) {
  const handled: string[] = [];
  const delays: [id: string, seconds: number][] = [];
  const handler = queue({
    queue: {
      async delay(receiptHandle, seconds) {
        delays.push([receiptHandle.replace('handle of ', ''), seconds]);
        if (delayFails) throw new Error('connect ECONNREFUSED');
      },
    },
    schema: Message,
    async handle({ id }) {
      await work(id);
      handled.push(id);
    },
  });
  const { batchItemFailures } = await handler({ Records: records }, LAMBDA);
  return {
    handled,
    delays,
    givenBack: batchItemFailures.map(({ itemIdentifier }) => itemIdentifier),
  };
}

const batch = (...ids: string[]) => ids.map((id) => record(id));
/** Does nothing for most messages and throws for some. */
const failing =
  (errors: Record<string, Error>): Work =>
  async (id) => {
    if (errors[id]) throw errors[id];
  };

const reported = vi.spyOn(log, 'error');
beforeEach(() => void reported.mockImplementation(() => {}));
afterEach(() => void reported.mockReset());

test('a batch that went well is acknowledged as a whole', async () => {
  const result = await run(batch('a-1', 'b-1', 'a-2'), failing({}));
  expect(result.handled.toSorted()).toEqual(['a-1', 'a-2', 'b-1']);
  expect(result).toMatchObject({ delays: [], givenBack: [] });
});

describe('within a group', () => {
  test('messages are handled one after the other', async () => {
    let underWay = 0;
    const most: number[] = [];
    await run(batch('a-1', 'a-2', 'a-3'), async () => {
      most.push((underWay += 1));
      await Promise.resolve();
      underWay -= 1;
    });
    expect(most).toEqual([1, 1, 1]);
  });

  test('after the first failure the rest goes back, unseen and in order', async () => {
    const work = vi.fn<Work>(failing({ 'a-2': new Error('broken') }));
    const { handled, givenBack } = await run(batch('a-1', 'a-2', 'a-3', 'a-4'), work);
    expect(handled).toEqual(['a-1']);
    expect(givenBack).toEqual(['a-2', 'a-3', 'a-4']);
    expect(work.mock.calls.flat()).toEqual(['a-1', 'a-2']);
  });

  test('every message that goes back gets the same pause, so that none overtakes another', async () => {
    const later = new ComeBackLater(5, 'the limit is reached');
    const { delays } = await run(batch('a-1', 'a-2', 'b-1', 'a-3'), failing({ 'a-1': later }));
    expect(delays).toEqual([
      ['a-1', 5],
      ['a-2', 5],
      ['a-3', 5],
    ]);
  });
});

describe('between groups', () => {
  test('a failure of one leaves the others alone', async () => {
    const records = batch('a-1', 'b-1', 'a-2', 'b-2', 'c-1');
    const { handled, givenBack } = await run(records, failing({ 'a-1': new Error('broken') }));
    expect(handled.toSorted()).toEqual(['b-1', 'b-2', 'c-1']);
    expect(givenBack).toEqual(['a-1', 'a-2']);
  });

  test('nobody waits: a slow group goes on beside a quick one', async () => {
    const quick = Promise.withResolvers<void>();
    const { handled } = await run(batch('slow-1', 'quick-1', 'quick-2'), async (id) => {
      if (id === 'slow-1') await quick.promise;
      if (id === 'quick-2') quick.resolve();
    });
    expect(handled.at(-1)).toBe('slow-1');
  });

  test('a message without a group is a group of its own', async () => {
    const records = batch('a-1', 'a-2');
    for (const { attributes } of records) delete attributes.MessageGroupId;
    const { givenBack } = await run(records, failing({ 'a-1': new Error('broken') }));
    expect(givenBack).toEqual(['a-1']);
  });
});

describe('the pause', () => {
  test.each([
    [0, 1],
    [7, 7],
    [0.2, 1],
    [119.5, 120],
    [-3, 1],
  ])('of ComeBackLater(%d) is %d s, and nothing is reported', async (asked, seconds) => {
    const { delays } = await run(batch('a-1'), failing({ 'a-1': new ComeBackLater(asked, 'why') }));
    expect(delays).toEqual([['a-1', seconds]]);
    expect(reported).not.toHaveBeenCalled();
  });

  test.each([
    [1, 1],
    [2, 2],
    [3, 4],
    [6, 32],
    [7, 60],
    [50, 60],
  ])('after an unexpected failure at receive %d is %d s', async (receives, seconds) => {
    const records = [record('a-1', { receives }), record('a-2')];
    const { delays } = await run(records, failing({ 'a-1': new Error('broken') }));
    expect(delays).toEqual([
      ['a-1', seconds],
      ['a-2', seconds],
    ]);
  });

  test('that cannot be set does no harm: the message comes back by itself', async () => {
    const work = failing({ 'a-1': new Error('broken') });
    const { handled, givenBack } = await run(batch('a-1', 'a-2', 'b-1'), work, {
      delayFails: true,
    });
    expect({ handled, givenBack }).toEqual({ handled: ['b-1'], givenBack: ['a-1', 'a-2'] });
  });
});

describe('what is reported', () => {
  test('an unexpected failure, once, by the id of its message', async () => {
    const error = new Error('broken');
    await run(batch('a-1', 'a-2'), failing({ 'a-1': error }));
    expect(reported).toHaveBeenCalledExactlyOnceWith('message failed', { messageId: 'a-1', error });
  });

  test.each([
    ['is not JSON', '{"id":'],
    ['is not what the queue carries', '{"callId":"a-1"}'],
    ['is empty', ''],
  ])('a message that %s, which goes back unhandled', async (_what, body) => {
    const { handled, givenBack } = await run([record('a-1', { body }), record('a-2')], failing({}));
    expect({ handled, givenBack }).toEqual({ handled: [], givenBack: ['a-1', 'a-2'] });
    expect(reported).toHaveBeenCalledOnce();
  });
});

test('whatever fails: of each group a prefix is handled in order, and exactly the rest goes back', async () => {
  const Outcome = fc.constantFrom('done', 'done', 'done', 'later', 'broken', 'garbled');
  const Batch = fc.array(fc.record({ group: fc.constantFrom('a', 'b', 'c'), outcome: Outcome }), {
    maxLength: 10,
  });

  await fc.assert(
    fc.asyncProperty(Batch, fc.scheduler(), async (messages, scheduler) => {
      const outcomes = new Map(
        messages.map(({ group, outcome }, index) => [`${group}-${index}`, outcome]),
      );
      const records = [...outcomes].map(([id, outcome]) =>
        record(id, outcome === 'garbled' ? { body: '?' } : {}),
      );
      const running = run(records, async (id) => {
        await scheduler.schedule(Promise.resolve());
        if (outcomes.get(id) === 'later') throw new ComeBackLater(3, 'why');
        if (outcomes.get(id) === 'broken') throw new Error('broken');
      });
      const { handled, givenBack, delays } = await scheduler.waitFor(running);

      for (const group of ['a', 'b', 'c']) {
        const of = (ids: string[]) => ids.filter((id) => id.startsWith(group));
        const all = of([...outcomes.keys()]);
        const firstFailure = all.findIndex((id) => outcomes.get(id) !== 'done');
        const good = firstFailure < 0 ? all.length : firstFailure;
        expect(of(handled)).toEqual(all.slice(0, good));
        expect(of(givenBack)).toEqual(all.slice(good));
        expect(of(delays.map(([id]) => id))).toEqual(all.slice(good));
      }
    }),
  );
});
