import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import {
  placeOf,
  ticksOf,
  type TimelineCall,
  timelineOf,
} from '../../web/admin/src/features/calls/timeline.ts';

const START = Date.parse('2026-01-31T09:00:00Z');
const at = (seconds: number): string => new Date(START + seconds * 1000).toISOString();
const now = new Date(START + 600_000);

function callOf(rest: Partial<TimelineCall>): TimelineCall {
  return {
    started_at: at(0),
    answered_at: null,
    ended_at: at(60),
    rang: [],
    talkers: [],
    events: [],
    ...rest,
  };
}
const dial = (seconds: number, ...extensions: string[]) => ({
  event: 'dial',
  source: 'live' as const,
  received_at: at(seconds),
  payload: { Extensions: extensions },
});
/** Segments of a lane in seconds since the start. */
const laneOf = (call: TimelineCall, who: string | null) =>
  timelineOf(call, now)
    .lanes.find((lane) => lane.who === who)
    ?.segments.map(({ kind, from, to }) => [kind, (from - START) / 1000, (to - START) / 1000]);

describe('the picture of a call', () => {
  test('of one that was answered: all ring until one talks', () => {
    const call = callOf({
      rang: ['150', '151'],
      events: [dial(5, '150', '151')],
      talkers: [{ extension: '151', from: at(12), to: at(58) }],
    });
    expect(laneOf(call, null)).toEqual([
      ['wait', 0, 12],
      ['talk', 12, 58],
      ['wait', 58, 60],
    ]);
    expect(laneOf(call, '150')).toEqual([['ring', 5, 12]]);
    expect(laneOf(call, '151')).toEqual([
      ['ring', 5, 12],
      ['talk', 12, 58],
    ]);
  });

  test('of one that nobody took: it rings until others are dialled, and then until the end', () => {
    const call = callOf({ rang: ['150', '152'], events: [dial(3, '150'), dial(23, '152')] });
    expect(laneOf(call, null)).toEqual([['wait', 0, 60]]);
    expect(laneOf(call, '150')).toEqual([['ring', 3, 23]]);
    expect(laneOf(call, '152')).toEqual([['ring', 23, 60]]);
  });

  test('of a transfer: whoever is asked rings while the other waits', () => {
    const call = callOf({
      rang: ['150', '152'],
      events: [dial(2, '150'), dial(30, '152')],
      talkers: [
        { extension: '150', from: at(6), to: at(30) },
        { extension: '152', from: at(41), to: null },
      ],
      ended_at: null,
    });
    expect(laneOf(call, '152')).toEqual([
      ['ring', 30, 41],
      ['talk', 41, 600],
    ]);
    expect(laneOf(call, null)).toEqual([
      ['wait', 0, 6],
      ['talk', 6, 30],
      ['wait', 30, 41],
      ['talk', 41, 600],
    ]);
  });

  test('takes no ringing from downloaded events: they arrived long after', () => {
    const event = { ...dial(5_000, '150'), source: 'downloaded' as const };
    expect(laneOf(callOf({ rang: ['150'], events: [event] }), '150')).toEqual([]);
  });

  test('of no length at all can still be drawn', () => {
    const timeline = timelineOf(callOf({ ended_at: at(0) }), now);
    expect(timeline.to - timeline.from).toBe(1_000);
  });

  test('whatever the events say: segments lie within the picture, in order, and do not overlap', () => {
    const seconds = fc.integer({ min: -500, max: 1_500 });
    const extension = fc.constantFrom('150', '151', '152');
    const talker = fc.record({
      extension,
      from: seconds.map(at),
      to: fc.option(seconds.map(at), { nil: null }),
    });
    const event = fc.tuple(seconds, fc.array(extension)).map(([when, who]) => dial(when, ...who));
    const calls = fc
      .record({
        rang: fc.array(extension),
        talkers: fc.array(talker),
        events: fc.array(event),
        ended_at: fc.option(seconds.map(at), { nil: null }),
      })
      .map(callOf);
    fc.assert(
      fc.property(calls, (call) => {
        const timeline = timelineOf(call, now);
        for (const { segments } of timeline.lanes) {
          let last = timeline.from;
          for (const segment of segments) {
            expect(segment.from).toBeGreaterThanOrEqual(last);
            expect(segment.to).toBeGreaterThan(segment.from);
            const { left, width } = placeOf(segment, timeline);
            expect(left + width).toBeLessThanOrEqual(100.000_001);
            last = segment.to;
          }
          expect(last).toBeLessThanOrEqual(timeline.to);
        }
      }),
    );
  });
});

test.each([
  [1, [0, 1]],
  [8, [0, 2, 4, 6, 8]],
  [60, [0, 10, 20, 30, 40, 50, 60]],
  [400, [0, 60, 120, 180, 240, 300, 360]],
])('the axis of %s seconds has few round marks', (seconds, ticks) => {
  expect(ticksOf({ from: START, to: START + seconds * 1000 })).toEqual(ticks);
});

test('the axis never has more than eight marks', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 400_000 }), (seconds) => {
      expect(ticksOf({ from: 0, to: seconds * 1000 }).length).toBeLessThanOrEqual(8);
    }),
  );
});
