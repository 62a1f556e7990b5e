import { describe, expect, test } from 'vitest';

import type { CallEvent } from '../../shared/calls/call-event.ts';
import { foldCall } from '../../shared/calls/fold-call.ts';
import { findScenario, receive, SCENARIOS } from './scenarios.ts';

const timezone = 'Europe/Minsk';
const HOUR_MS = 60 * 60_000;

/** How the call looks after each event, without repeating what did not change. */
function watch({ events }: { events: CallEvent[] }) {
  const looks = events.map((event, index) => {
    const call = foldCall(events.slice(0, index + 1), { timezone });
    if (!call) return `${event.kind}: -`;
    const { status, ringing, talkers, transfer } = call;
    const talking = talkers.filter(({ to }) => to === null).map(({ extension }) => extension);
    const people = [...ringing.map((name) => `${name}?`), ...talking].join(',');
    const passing = transfer && `${transfer.from}>${transfer.to}`;
    return [status, people, passing].filter(Boolean).join(' ');
  });
  return looks.filter((look, index) => look !== looks[index - 1]);
}

describe('a living call', () => {
  test('greeting, ringing, talking, ended', () => {
    expect(watch(findScenario('in-greeting-group-answered'))).toEqual([
      'greeting',
      'ringing 152?,151?,150?',
      'talking 151',
      'transferring',
      'answered',
    ]);
  });

  test('nobody has talked to anybody before both are in the bridge', () => {
    expect(watch(findScenario('out-answered'))).toEqual([
      'new_callerid: -',
      'ringing 151?',
      'talking 151',
      'transferring',
      'answered',
    ]);
  });

  test('a consult: the client waits, then talks with who took him', () => {
    expect(watch(findScenario('in-consult-accepted'))).toEqual([
      'greeting',
      'ringing 151?',
      'talking 151',
      'transferring',
      'transferring 151>152',
      'talking 152',
      'transferring',
      'answered',
    ]);
  });

  test('a consult refused: back to who asked', () => {
    expect(watch(findScenario('in-consult-refused'))).toEqual([
      'greeting',
      'ringing 151?',
      'talking 151',
      'transferring',
      'transferring 151>152',
      'talking 151',
      'answered',
    ]);
  });

  test('a blind transfer: the next one rings while the call is transferring', () => {
    expect(watch(findScenario('in-blind-nobody'))).toEqual([
      'greeting',
      'ringing 151?',
      'talking 151',
      'transferring',
      'transferring 152? 151>152',
      'lost_in_transfer 151>152',
    ]);
  });

  test('the second dial of a channel replaces the first, a mobile rings beside the desks', () => {
    expect(watch(findScenario('in-one-by-one-nobody'))).toEqual([
      'greeting',
      'ringing 150?',
      'ringing 151?',
      'ringing 375297770007?',
      'missed',
    ]);
    expect(watch(findScenario('in-group-and-mobile-mobile')).slice(0, 4)).toEqual([
      'greeting',
      'ringing 150?,151?',
      'ringing 150?,151?,375297770007?',
      'talking 375297770007',
    ]);
  });

  test('an internal call is one from its first bridge on', () => {
    expect(watch(findScenario('internal-answered'))).toEqual([
      'new_callerid: -',
      'bridge_create: -',
      'ringing',
      'talking 151',
      'transferring',
      'internal_answered',
    ]);
  });

  test('times: the wait is known with the answer, the talk with the end', () => {
    const { events } = findScenario('in-group-answered');
    const atAnswer = events.findIndex(({ kind }) => kind === 'bridge') + 2;
    expect(foldCall(events.slice(0, 2), { timezone })).toMatchObject({
      answeredAt: null,
      endedAt: null,
      waitSeconds: null,
      talkSeconds: null,
      settled: false,
    });
    expect(foldCall(events.slice(0, atAnswer), { timezone })).toMatchObject({
      endedAt: null,
      waitSeconds: 7,
      talkSeconds: null,
      settled: false,
    });
  });
});

test.each([
  ['nothing', []],
  ['a caller id', ['new_callerid']],
  ['an empty bridge', ['bridge_create', 'bridge_destroy']],
] as const)('%s is not a call', (_what, kinds) => {
  const events = kinds.map((kind, index) =>
    receive(kind, { UniqueId: '1.2', BridgeUniqueid: 'b' }, { at: new Date(index), id: kind }),
  );
  expect(foldCall(events, { timezone })).toBeUndefined();
});

describe('settled', () => {
  test.each(SCENARIOS)('$name: when it began with a start or a dial', ({ events }) => {
    const announced = events.some(({ kind }) => kind === 'start' || kind === 'dial');
    expect(foldCall(events, { timezone })?.settled).toBe(announced);
  });

  test('not while somebody is left in a bridge', () => {
    const { events } = findScenario('out-consult-accepted');
    const end = events.findIndex(({ kind, callType }) => kind === 'hangup' && callType === 1);
    expect(foldCall(events.slice(0, end + 1), { timezone })).toMatchObject({
      status: 'answered',
      settled: false,
    });
  });
});

describe('the reaper', () => {
  /** The scenario up to the first event of a kind, the rest lost. */
  function cut(name: string, kind: CallEvent['kind'], more = 0): CallEvent[] {
    const { events } = findScenario(name);
    return events.slice(0, events.findIndex((event) => event.kind === kind) + more);
  }
  const reap = (events: CallEvent[], after: number) =>
    foldCall(events, { timezone, now: new Date(+(events.at(-1)?.receivedAt ?? 0) + after) });

  test.each([
    ['greeting', cut('in-greeting-group-answered', 'dial'), 'abandoned'],
    ['ringing in', cut('in-group-missed', 'hangup'), 'missed'],
    ['talking in', cut('in-group-answered', 'bridge_leave'), 'answered'],
    ['in a blind transfer', cut('in-blind-nobody', 'hangup'), 'answered'],
    ['ringing out', cut('out-no-answer', 'hangup'), 'no_answer'],
    ['talking out', cut('out-answered', 'bridge_leave'), 'answered'],
    ['talking internally', cut('internal-answered', 'bridge_leave'), 'internal_answered'],
    ['an internal call half seen', cut('internal-answered', 'bridge', 1), 'internal_missed'],
  ] as const)('%s', (_what, events, status) => {
    const living = foldCall(events, { timezone });
    expect(living?.endedAt).toBeNull();
    expect(reap([...events], 4 * HOUR_MS)).toEqual(living);
    const reaped = reap([...events], 4 * HOUR_MS + 1);
    expect(reaped).toMatchObject({ status, endedAt: events.at(-1)?.receivedAt, settled: true });
    expect(reaped?.ringing).toEqual([]);
    expect(reaped?.talkers.every(({ to }) => to !== null)).toBe(true);
  });
});

describe('click-to-call', () => {
  const requestedAt = new Date('2025-09-14T09:05:25Z');
  const originates = [{ extension: '151', phone: '+375291110001', requestedAt }];
  const body = { CallType: 0, UniqueId: '1757840723.6', Phone: '375291110001' };
  const start = (after: number) =>
    receive('start', body, { at: new Date(+requestedAt + after), id: '1' });
  const dial = (Extensions: string[]) =>
    receive('dial', { ...body, Extensions }, { at: new Date(+requestedAt + 3_000), id: '2' });
  const outgoing = { direction: 'out', clickToCall: true };
  const incoming = { direction: 'in', clickToCall: false };

  test.each([
    ['the answer to our originate', [start(2_000), dial(['151'])], outgoing],
    ['its first event names nobody yet', [start(2_000)], outgoing],
    ['61 s later', [start(61_000)], incoming],
    ['another extension', [start(2_000), dial(['152'])], incoming],
    ['a group that has the extension', [start(2_000), dial(['151', '152'])], incoming],
  ] as const)('%s', (_what, events, expected) => {
    expect(foldCall(events, { timezone, originates })).toMatchObject(expected);
  });

  test('another number is another call', () => {
    const other = [{ extension: '151', phone: '375291110002', requestedAt }];
    expect(foldCall([start(2_000)], { timezone, originates: other })).toMatchObject(incoming);
  });
});
