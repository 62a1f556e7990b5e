import { describe, expect, test as plain } from 'vitest';

import { END_STATUSES, type EndStatus } from '../../shared/calls/call.ts';
import { bitrix24 } from '../../shared/crm/bitrix24/crm.ts';
import type { DeliveryStep } from '../../shared/crm/crm.ts';
import { test } from '../peers/bitrix24-fixture.ts';
import { CALL } from '../support/crm-call.ts';

const DELIVERED = { outcome: 'delivered' };
const RECORD = 'https://store.example/call-recordings/1757840723.6.mp3?signature=1';

describe('dial', () => {
  test('registers once and shows the card to all who ring', async ({ world }) => {
    expect(await world.deliver('dial', { extensions: ['150', '151', '152'] })).toEqual(DELIVERED);
    expect(world.seeing()).toEqual([26, 27, 28]);
    expect([...world.portal.live.values()]).toMatchObject([
      {
        externalCallId: '1757840723.6',
        userId: 26,
        phone: '375291110001',
        type: 2,
        line: '0001363',
      },
    ]);
    expect(world.counts()).toMatchObject({ registered: 1, cardsShown: 3 });
  });

  test('of one extension is one request: Bitrix24 finds the user itself', async ({ world }) => {
    await world.deliver('dial', { extensions: ['151'] });
    expect(world.asked()).toEqual(['register']);
    expect(world.seeing()).toEqual([27]);
  });

  test('of mapped extensions is one request, and the map goes first', async ({ world }) => {
    const users = new Map([
      ['150', '28'],
      ['151', '27'],
    ]);
    await bitrix24.deliver(
      { step: 'dial', extensions: ['150', '151'], maybeApplied: false },
      CALL,
      { ...world.context, users },
    );
    expect(world.requests()).toBe(1);
    expect(world.seeing()).toEqual([28, 27]);
  });

  test('of an outgoing call says so', async ({ world }) => {
    await world.deliver('dial', { extensions: ['151'], call: { direction: 'out', line: null } });
    expect([...world.portal.live.values()]).toMatchObject([{ type: 1, line: null }]);
  });

  test('of an extension that nobody has comes to the configured user', async ({ world }) => {
    expect(await world.deliver('dial', { extensions: ['199'] })).toEqual({
      outcome: 'delivered',
      note: expect.stringContaining('199'),
    });
    expect(world.asked()).toEqual(['register', 'register']);
    expect(world.seeing()).toEqual([1]);
  });

  test('of a group that nobody knows comes to the configured user', async ({ world }) => {
    const result = await world.deliver('dial', { extensions: ['198', '199'] });
    expect(result).toMatchObject({ note: expect.stringContaining('198, 199') });
    expect(world.seeing()).toEqual([1]);
  });

  test('of a group with a stranger comes to the others', async ({ world }) => {
    const result = await world.deliver('dial', { extensions: ['199', '152'] });
    expect(result).toMatchObject({ note: expect.stringContaining('199') });
    expect(world.seeing()).toEqual([28]);
  });

  test('of a mapped user who has left comes to the configured one and to the others', async ({
    world,
  }) => {
    const users = new Map([
      ['159', '29'],
      ['151', '27'],
    ]);
    const result = await bitrix24.deliver(
      { step: 'dial', extensions: ['159', '151'], maybeApplied: false },
      CALL,
      { ...world.context, users },
    );
    expect(result).toMatchObject({ note: expect.stringContaining('159') });
    expect(world.seeing()).toEqual([1, 27]);
    expect(world.counts().registered).toBe(1);
  });

  test('of a second round registers nothing: shown to the new, hidden from the rest', async ({
    world,
  }) => {
    await world.deliver('dial', { extensions: ['150', '151'] });
    expect(await world.deliver('dial', { extensions: ['151', '152'] })).toEqual(DELIVERED);
    expect(world.seeing()).toEqual([27, 28]);
    expect(world.counts()).toMatchObject({ registered: 1, registeredAgain: 0, cardsShown: 3 });
  });

  test('of a second round after a single extension hides its card too', async ({ world }) => {
    await world.deliver('dial', { extensions: ['150'] });
    await world.deliver('dial', { extensions: ['152'] });
    expect(world.seeing()).toEqual([28]);
  });

  test('of a call that a manager began in Bitrix24 registers nothing', async ({ world }) => {
    const { body } = await world.control('bitrix24/demo/click', {
      phone: '+375291110001',
      extension: '151',
    });
    await world.context.memory.write('call_id', (body as { callId: string }).callId);
    await world.deliver('dial', { extensions: ['151'], call: { direction: 'out' } });
    await world.deliver('hangup', { call: { direction: 'out', rang: ['151'] } });
    expect(world.counts()).toMatchObject({ registered: 1, journal: 1, live: 0, cardsOpen: 0 });
  });
});

describe('bridge', () => {
  test('leaves the card with who answered', async ({ world }) => {
    await world.deliver('dial');
    expect(await world.deliver('bridge', { extensions: ['151'] })).toEqual(DELIVERED);
    expect(world.seeing()).toEqual([27]);
    expect(world.counts().cardsShown).toBe(2);
  });

  test('shows the card to who answered from elsewhere', async ({ world }) => {
    await world.deliver('dial');
    await world.deliver('bridge', { extensions: ['152'] });
    expect(world.seeing()).toEqual([28]);
  });

  test('asks nothing when the only one who rang answers', async ({ world }) => {
    await world.deliver('dial', { extensions: ['151'] });
    expect(await world.deliver('bridge', { extensions: ['151'] })).toMatchObject({
      outcome: 'skipped',
    });
    expect(world.requests()).toBe(1);
  });

  test('makes up for a dial that came to nothing', async ({ world }) => {
    await world.deliver('bridge', { extensions: ['151'] });
    expect(world.seeing()).toEqual([27]);
    expect(world.counts().registered).toBe(1);
  });

  test.for(['applied_then_hang', 'cut'] as const)(
    'after a dial without an answer (%s) stays one call, and one card',
    async (mode, { world }) => {
      await world.misbehave(mode, '^/batch$');
      const users = new Map([
        ['150', '26'],
        ['151', '27'],
      ]);
      const context = { ...world.context, users };
      const dial: DeliveryStep = { step: 'dial', extensions: ['150', '151'], maybeApplied: false };
      await expect(bitrix24.deliver(dial, CALL, context)).rejects.toMatchObject({
        failureClass: 'retry',
        maybeApplied: true,
      });
      await bitrix24.deliver({ ...dial, step: 'bridge', extensions: ['151'] }, CALL, context);
      expect(world.seeing()).toEqual([27]);
      expect(world.counts()).toMatchObject({ registered: 1, registeredAgain: 1 });
    },
  );
});

describe('hangup', () => {
  test('closes every card and enters the call', async ({ world }) => {
    await world.deliver('dial');
    expect(await world.deliver('hangup')).toEqual(DELIVERED);
    expect(world.seeing()).toEqual([]);
    expect(world.portal.journal).toMatchObject([
      {
        externalCallId: '1757840723.6',
        userId: 27,
        duration: 60,
        statusCode: '200',
        successful: true,
      },
    ]);
    expect(world.counts()).toMatchObject({ live: 0, missed: 0, doubled: 0 });
  });

  test('without a dial registers and finishes in one request, with the real date', async ({
    world,
  }) => {
    await world.deliver('hangup');
    expect(world.requests()).toBe(1);
    expect(world.portal.journal).toMatchObject([
      { startedAt: '2026-01-31T09:05:09.000Z', userId: 27 },
    ]);
    expect(world.counts()).toMatchObject({ cardsShown: 0, live: 0 });
  });

  const CODES: Record<
    Exclude<EndStatus, `internal_${string}`>,
    [incoming: string, outgoing: string]
  > = {
    answered: ['200', '200'],
    lost_in_transfer: ['200', '200'],
    missed: ['304', '480'],
    abandoned: ['304', '603-S'],
    no_answer: ['304', '480'],
    busy: ['304', '486'],
    failed: ['304', '503'],
  };
  test.for(Object.entries(CODES) as [EndStatus, [string, string]][])(
    '%s is %j: incoming, outgoing; only a talk has a duration',
    async ([status, codes], { world }) => {
      const talkSeconds = codes[0] === '200' ? 60 : 0;
      for (const [direction, statusCode] of [
        ['in', codes[0]],
        ['out', codes[1]],
      ] as const) {
        const mainUniqueId = `1757840723.${direction}`;
        const call = { status, direction, mainUniqueId, talkSeconds: 60, waitSeconds: 30 };
        const { context } = world;
        const memory = { read: async () => null, write: async () => {} };
        await bitrix24.deliver(
          { step: 'hangup', extensions: [], maybeApplied: false },
          { ...CALL, ...call },
          { ...context, memory },
        );
        expect(world.portal.journal.at(-1)).toMatchObject({ statusCode, duration: talkSeconds });
      }
      expect(world.counts().missed).toBe(codes[0] === '304' ? 1 : 0);
    },
  );

  plain('leaves no end of a call without a code', () => {
    const outside = END_STATUSES.filter((status) => !status.startsWith('internal'));
    expect(Object.keys(CODES).toSorted()).toEqual(outside.toSorted());
  });

  test('of an answered call of no seconds still counts as a talk', async ({ world }) => {
    await world.deliver('hangup', { call: { talkSeconds: 0 } });
    expect(world.portal.journal).toMatchObject([{ duration: 1, successful: true }]);
  });

  test.for<[rule: string, call: Partial<typeof CALL>, userId: number]>([
    ['who talked last', { lastTalkedBy: '152' }, 28],
    ['the only one who rang', { status: 'missed', lastTalkedBy: null, rang: ['150'] }, 26],
    [
      'the configured user, when a whole group missed it',
      { status: 'missed', lastTalkedBy: null },
      1,
    ],
    ['the configured user, when a mobile talked', { lastTalkedBy: '375290000099' }, 1],
  ])('belongs to %s', async ([, call, userId], { world }) => {
    await world.deliver('dial');
    await world.deliver('hangup', { call });
    expect(world.portal.journal).toMatchObject([{ userId }]);
    expect(world.counts()).toMatchObject({ live: 0, cardsOpen: 0 });
  });

  test.for(['dial', 'bridge', 'hangup', 'recording', 'download'] as const)(
    'a hidden number: %s sends nothing',
    async (step, { world }) => {
      expect(await world.deliver(step, { call: { phone: null } })).toMatchObject({
        outcome: 'skipped',
      });
      expect(world.requests()).toBe(0);
    },
  );
});

describe('recordings and late calls', () => {
  const recorded = { recordingDirectUrl: RECORD };

  test('a recording comes to the finished call; a repeat replaces it', async ({ world }) => {
    await world.deliver('dial');
    await world.deliver('hangup');
    expect(await world.deliver('recording', { call: recorded })).toEqual(DELIVERED);
    await world.deliver('recording', { call: recorded });
    expect(world.portal.journal).toMatchObject([
      { record: { url: RECORD, fileName: 'call_1757840723.6.mp3', attached: 2 } },
    ]);
  });

  test('no recording, nothing to send', async ({ world }) => {
    expect(await world.deliver('recording')).toMatchObject({ outcome: 'skipped' });
    expect(world.requests()).toBe(0);
  });

  test('a recording before the end waits for it', async ({ world }) => {
    await world.deliver('dial');
    await expect(world.deliver('recording', { call: recorded })).rejects.toMatchObject({
      failureClass: 'retry',
    });
  });

  test('a recording whose link does not answer waits', async ({ world }) => {
    await world.deliver('hangup');
    await world.control('bitrix24/demo', { recordStatus: 404 });
    await expect(world.deliver('recording', { call: recorded })).rejects.toMatchObject({
      failureClass: 'retry',
    });
  });

  test('a late call is one batch: no card, the real date, its recording', async ({ world }) => {
    world.clock.advance(3 * 3_600_000);
    expect(await world.deliver('download', { call: recorded })).toEqual(DELIVERED);
    expect(world.requests()).toBe(1);
    expect(world.asked()).toEqual(['register', 'finish', 'attachRecord']);
    expect(world.portal.journal).toMatchObject([
      { startedAt: '2026-01-31T09:05:09.000Z', record: { url: RECORD } },
    ]);
    expect(world.counts()).toMatchObject({ cardsShown: 0, live: 0, doubled: 0 });
  });

  test('a late call that is in the journal gets only its recording', async ({ world }) => {
    await world.deliver('hangup');
    await world.deliver('download', { call: recorded });
    expect(world.asked().slice(2)).toEqual(['attachRecord']);
    expect(world.counts()).toMatchObject({ journal: 1, records: 1 });
  });

  test('a late call with an unknown extension belongs to the configured user', async ({
    world,
  }) => {
    await world.deliver('download', { call: { lastTalkedBy: '199' } });
    expect(world.portal.journal).toMatchObject([{ userId: 1 }]);
  });

  test('a late call whose recording fails is entered once; the retry brings the recording', async ({
    world,
  }) => {
    await world.control('bitrix24/demo', { recordStatus: 503 });
    await expect(world.deliver('download', { call: recorded })).rejects.toMatchObject({
      failureClass: 'retry',
    });
    await world.control('bitrix24/demo', { recordStatus: 200 });
    await world.deliver('download', { call: recorded });
    expect(world.counts()).toMatchObject({ journal: 1, doubled: 0, records: 1 });
  });
});
