import { describe, expect, test } from 'vitest';

import type { CallEvent, EventKind } from '../../shared/calls/call-event.ts';
import { foldCall } from '../../shared/calls/fold-call.ts';
import { receive } from './scenarios.ts';

/** 2025-09-14 12:05:23 in Minsk; the box's clock is that of the uniqueid. */
const START = Date.parse('2025-09-14T09:05:23Z');
const of = { UniqueId: '1757840723.6', Phone: '375291110001', CallType: 0, Extensions: ['151'] };
const bridge = { UniqueId: '1757840723.6', BridgeUniqueid: 'b1', CallerIDNum: '375291110001' };
const desk = { UniqueId: '1757840723.8', BridgeUniqueid: 'b1', Channel: 'SIP/151-00000006' };
const end = {
  ...of,
  CallStatus: 2,
  StartTime: '2025-09-14 12:05:23',
  EndTime: '2025-09-14 12:06:13',
};

/** Events by the second of their arrival after START. */
function fold(posts: [number, EventKind, object][], timezone = 'Europe/Minsk') {
  const events: CallEvent[] = posts.map(([second, kind, body], index) =>
    receive(kind, body, { at: new Date(START + second * 1000), id: String(index) }),
  );
  return foldCall(events, { timezone });
}

const at = (second: number) => new Date(START + second * 1000);

describe('times', () => {
  test('what the box wrote wins; the answer, told by arrival alone, is corrected by the skew', () => {
    const call = fold([
      [6, 'start', of],
      [7, 'dial', of],
      [16, 'bridge', bridge],
      [16, 'bridge', desk],
      [56, 'hangup', end],
    ]);
    expect(call).toMatchObject({
      startedAt: at(0),
      answeredAt: at(10),
      endedAt: at(50),
      waitSeconds: 10,
      talkSeconds: 40,
    });
  });

  test('while it lives the arrival has to do', () => {
    expect(fold([[6, 'start', of]])?.startedAt).toEqual(at(6));
  });

  test('the skew is that of the promptest hangup: a retry only adds to it', () => {
    const leg = { ...end, UniqueId: '1757840740.11', CallType: 2, EndTime: '2025-09-14 12:05:46' };
    const call = fold([
      [16, 'bridge', bridge],
      [16, 'bridge', desk],
      [29, 'hangup', leg],
      [95, 'hangup', end],
    ]);
    expect(call).toMatchObject({ answeredAt: at(10), endedAt: at(50) });
  });

  test.each([
    ['no times at all', { StartTime: '', EndTime: '', DateReceived: '' }, 6, 56],
    ['only the end', { StartTime: '' }, 0, 50],
    ['an internal leg', { StartTime: '', DateReceived: '2025-09-14 12:05:30' }, 7, 50],
    ['a start of another year', { StartTime: '2000-01-01 00:00:00' }, 0, 50],
    ['an end before the start', { EndTime: '2025-09-14 12:05:00' }, 0, 0],
  ])('%s', (_what, times, from, to) => {
    const call = fold([
      [6, 'start', of],
      [56, 'hangup', { ...end, ...times }],
    ]);
    expect(call).toMatchObject({ startedAt: at(from), endedAt: at(to) });
  });

  test.each([
    ['Europe/Minsk', '2025-07-01 12:00:00', '2025-07-01T09:00:00Z'],
    ['Europe/Warsaw', '2025-07-01 12:00:00', '2025-07-01T10:00:00Z'],
    ['Europe/Warsaw', '2025-01-01 12:00:00', '2025-01-01T11:00:00Z'],
    ['Asia/Almaty', '2025-01-01 03:00:00', '2024-12-31T22:00:00Z'],
    ['No/Where', '2025-07-01 12:00:00', '2025-07-01T09:00:00Z'],
    ['', '2025-07-01 12:00:00', '2025-07-01T09:00:00Z'],
  ])('the wall of a box in %j', (timezone, EndTime, expected) => {
    const call = fold([[6, 'hangup', { ...end, StartTime: EndTime, EndTime }]], timezone);
    expect(call?.endedAt).toEqual(new Date(expected));
  });
});

describe('how a call ended', () => {
  test.each<[string, object, string]>([
    ['in, answered', { CallStatus: '2' }, 'answered'],
    ['in, talk', { CallStatus: 5 }, 'answered'],
    ['in, nobody', { CallStatus: 0 }, 'missed'],
    ['in, left during the greeting', { CallStatus: 1 }, 'abandoned'],
    ['in, CallType 2 at the end', { CallStatus: 0, CallType: 2 }, 'lost_in_transfer'],
    ['in, only Cause: answered', { Cause: '16' }, 'answered'],
    ['in, only Cause: not', { Cause: '19' }, 'missed'],
    ['in, only DialStatus: answered', { DialStatus: 'ANSWER', Cause: '16' }, 'answered'],
    ['in, only DialStatus: not', { DialStatus: 'CANCEL', Cause: '16' }, 'missed'],
    ['in, an unknown CallStatus', { CallStatus: 9, Cause: 19 }, 'missed'],
    ['in, nothing said', {}, 'missed'],
    ['out, no answer', { CallType: 1, CallStatus: 0 }, 'no_answer'],
    ['out, no answer by cause', { CallType: 1, CallStatus: 0, Cause: 19 }, 'no_answer'],
    ['out, busy', { CallType: 1, CallStatus: 0, Cause: 17 }, 'busy'],
    ['out, busy by DialStatus', { CallType: 1, DialStatus: 'BUSY' }, 'busy'],
    ['out, no free channel', { CallType: 1, CallStatus: 0, Cause: 34 }, 'busy'],
    ['out, no such number', { CallType: 1, CallStatus: 0, Cause: 1 }, 'failed'],
    ['out, forbidden', { CallType: 1, Cause: 57 }, 'failed'],
    ['out, no channel', { CallType: 1, DialStatus: 'CHANUNAVAIL' }, 'failed'],
    ['internal, answered', { CallType: 2, Phone: '150', CallStatus: 2 }, 'internal_answered'],
    ['internal, not', { CallType: 2, Phone: '150', CallStatus: 0 }, 'internal_missed'],
  ])('%s, from the hangup alone', (_what, body, status) => {
    expect(fold([[56, 'hangup', { ...end, CallStatus: '', ...body }]])?.status).toBe(status);
  });

  test('a caller who hears only the greeting was not answered, though the line was cleared normally', () => {
    const start = { UniqueId: of.UniqueId, Phone: of.Phone, CallType: 0 };
    const hangup = { ...start, Cause: '16' };
    expect(
      fold([
        [6, 'start', start],
        [20, 'hangup', hangup],
      ])?.status,
    ).toBe('abandoned');
  });

  test('a leg never ends nor downgrades the call', () => {
    const leg = {
      ...of,
      UniqueId: '1757840740.11',
      CallType: 2,
      CallStatus: 0,
      Extensions: ['152'],
    };
    const living: [number, EventKind, object][] = [
      [6, 'start', of],
      [16, 'bridge', bridge],
      [16, 'bridge', desk],
      [30, 'hangup', leg],
    ];
    expect(fold(living)?.status).toBe('talking');
    expect(fold([...living, [56, 'hangup', end]])?.status).toBe('answered');
  });

  test('a second hangup of the main channel cannot take an answer back', () => {
    const call = fold([
      [7, 'dial', of],
      [56, 'hangup', end],
      [57, 'hangup', { ...end, CallStatus: 0 }],
    ]);
    expect(call?.status).toBe('lost_in_transfer');
  });
});

describe('whom the call is with', () => {
  test.each<[string, object[], string | null]>([
    ['as the box says it', [of], '375291110001'],
    ['a hidden number', [{ ...of, Phone: '+000000000000' }], null],
    [
      'a broken start with the line, then the dial',
      [{ ...of, Phone: '0001363' }, of],
      '375291110001',
    ],
    [
      'a line of another shape, known as such',
      [{ ...of, Phone: '172', Trunk: '172' }, of],
      '375291110001',
    ],
  ])('%s', (_what, bodies, phone) => {
    const posts = bodies.map((body, index): [number, EventKind, object] => [
      6 + index,
      index === 0 ? 'start' : 'dial',
      body,
    ]);
    expect(fold(posts)?.phone).toBe(phone);
  });

  test('a later leg with another CallType does not change the direction', () => {
    const call = fold([
      [6, 'dial', of],
      [20, 'dial', { ...of, CallType: 1, Extensions: ['375297770007'] }],
      [56, 'hangup', { ...end, CallType: 2 }],
    ]);
    expect(call).toMatchObject({ direction: 'in', status: 'answered' });
  });
});
