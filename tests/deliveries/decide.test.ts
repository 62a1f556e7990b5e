import { describe, expect, test } from 'vitest';

import { type Candidate, decide, type Decision } from '../../shared/deliveries/decide.ts';

const NOW = new Date('2026-01-31T09:05:00Z');
const inSeconds = (seconds: number) => new Date(NOW.getTime() + seconds * 1000);

/** A card that is due at this moment, with nothing against it. */
const DIAL: Candidate = {
  state: 'pending',
  step: 'dial',
  attempts: 0,
  maybeApplied: false,
  dueAt: NOW,
  nextAttemptAt: NOW,
  leasedUntil: null,
  callEnded: false,
  working: true,
  pausedAt: null,
  openUntil: null,
  blocked: false,
  isOldest: true,
  inFlight: 0,
};
/** The end of a call, due at this moment, with nothing against it. */
const HANGUP: Candidate = { ...DIAL, step: 'hangup', callEnded: true };

const SEND: Decision = { do: 'send', maybeApplied: false };
const SEND_AGAIN: Decision = { do: 'send', maybeApplied: true };
const LEAVE: Decision = { do: 'leave' };
const IGNORE: Decision = { do: 'ignore' };
const finish = (state: 'skipped' | 'expired' | 'parked') => ({
  do: 'finish',
  state,
  reason: expect.any(String),
});
const later = (seconds: number) => ({ do: 'later', seconds, why: expect.any(String) });

type Row = [rule: string, delivery: Candidate, expected: object];

describe('what is due and free is sent', () => {
  test.each<Row>([
    ['a card', DIAL, SEND],
    ['a talk', { ...DIAL, step: 'bridge' }, SEND],
    ['an end', HANGUP, SEND],
    ['a recording', { ...HANGUP, step: 'recording' }, SEND],
    ['a late call', { ...HANGUP, step: 'download' }, SEND],
    [
      'what is tried again and whose time has come',
      { ...HANGUP, state: 'retrying', attempts: 3 },
      SEND,
    ],
    [
      'what was perhaps applied, as such',
      { ...HANGUP, state: 'retrying', maybeApplied: true },
      SEND_AGAIN,
    ],
  ])('%s', (_rule, delivery, expected) => {
    expect(decide(delivery, NOW)).toEqual(expected);
  });
});

describe('what is finished is not touched', () => {
  test.each<Row>([
    ['delivered', { ...HANGUP, state: 'delivered' }, IGNORE],
    ['skipped', { ...HANGUP, state: 'skipped' }, IGNORE],
    ['failed', { ...HANGUP, state: 'failed' }, IGNORE],
    ['expired', { ...HANGUP, state: 'expired' }, IGNORE],
    ['parked', { ...HANGUP, state: 'parked' }, IGNORE],
    [
      'whatever else is true of it',
      { ...DIAL, state: 'delivered', working: false, pausedAt: NOW, blocked: true },
      IGNORE,
    ],
  ])('%s', (_rule, delivery, expected) => {
    expect(decide(delivery, NOW)).toEqual(expected);
  });
});

describe('what another worker sends', () => {
  test.each<Row>([
    [
      'waits for the end of its lease',
      { ...HANGUP, state: 'sending', leasedUntil: inSeconds(20) },
      later(20),
    ],
    [
      'is taken over when the lease has ended',
      { ...HANGUP, state: 'sending', leasedUntil: inSeconds(-1) },
      SEND_AGAIN,
    ],
    [
      'is taken over at the moment it ends',
      { ...HANGUP, state: 'sending', leasedUntil: NOW },
      SEND_AGAIN,
    ],
    ['is taken over without a lease', { ...HANGUP, state: 'sending' }, SEND_AGAIN],
    [
      'as a card is not shown twice',
      { ...DIAL, state: 'sending', leasedUntil: inSeconds(-1) },
      finish('expired'),
    ],
  ])('%s', (_rule, delivery, expected) => {
    expect(decide(delivery, NOW)).toEqual(expected);
  });
});

describe('an integration that does not work', () => {
  test.each<Row>([
    ['switched off: skipped', { ...HANGUP, working: false }, finish('skipped')],
    [
      'switched off while paused: skipped',
      { ...HANGUP, working: false, pausedAt: NOW },
      finish('skipped'),
    ],
    ['paused: parked', { ...HANGUP, pausedAt: inSeconds(-60) }, finish('parked')],
    [
      'paused while an earlier step waits: parked',
      { ...HANGUP, pausedAt: NOW, blocked: true },
      finish('parked'),
    ],
    [
      'resting after time-outs: left until a probe is answered',
      { ...HANGUP, openUntil: inSeconds(9), isOldest: false },
      { do: 'leave', nextAttemptAt: inSeconds(9) },
    ],
    ['rested enough: this one is the probe', { ...HANGUP, openUntil: inSeconds(-1) }, SEND],
  ])('%s', (_rule, delivery, expected) => {
    expect(decide(delivery, NOW)).toEqual(expected);
  });
});

describe('a pop-up', () => {
  test.each<Row>([
    ['is shown up to 15 s after its moment', { ...DIAL, dueAt: inSeconds(-15) }, SEND],
    ['has expired later than that', { ...DIAL, dueAt: inSeconds(-15.1) }, finish('expired')],
    [
      'of a talk expires in the same way',
      { ...DIAL, step: 'bridge', dueAt: inSeconds(-16) },
      finish('expired'),
    ],
    [
      'that was perhaps shown has expired',
      { ...DIAL, state: 'retrying', maybeApplied: true },
      finish('expired'),
    ],
    [
      'too late and not yet due again has expired at once',
      { ...DIAL, dueAt: inSeconds(-20), nextAttemptAt: inSeconds(30) },
      finish('expired'),
    ],
    [
      'behind an earlier step waits before it expires',
      { ...DIAL, blocked: true, dueAt: inSeconds(-60) },
      LEAVE,
    ],
  ])('%s', (_rule, delivery, expected) => {
    expect(decide(delivery, NOW)).toEqual(expected);
  });

  test.each<Row>([
    ['an end', { ...HANGUP, dueAt: inSeconds(-86_400) }, SEND],
    ['a recording', { ...HANGUP, step: 'recording', dueAt: inSeconds(-86_400) }, SEND],
  ])('%s never expires', (_rule, delivery, expected) => {
    expect(decide(delivery, NOW)).toEqual(expected);
  });
});

describe('what has to wait', () => {
  test.each<Row>([
    ['for an earlier step: left, that one brings it', { ...HANGUP, blocked: true }, LEAVE],
    ['for its time: on the queue', { ...HANGUP, nextAttemptAt: inSeconds(30) }, later(30)],
    ['for half a second: not at all', { ...HANGUP, nextAttemptAt: inSeconds(0.5) }, SEND],
    ['for a little more: on the queue', { ...HANGUP, nextAttemptAt: inSeconds(0.6) }, later(0.6)],
    ['for two minutes: on the queue', { ...HANGUP, nextAttemptAt: inSeconds(120) }, later(120)],
    [
      'for longer: off the queue, the sweeper brings it',
      { ...HANGUP, nextAttemptAt: inSeconds(121) },
      LEAVE,
    ],
    ['because the call goes on after all: left', { ...HANGUP, callEnded: false }, LEAVE],
    [
      'because it is the next probe: on the queue',
      { ...HANGUP, openUntil: inSeconds(9) },
      later(9),
    ],
    ['because four are under way: off the queue', { ...HANGUP, inFlight: 4 }, { do: 'leave' }],
    ['because three are under way: not at all', { ...HANGUP, inFlight: 3 }, SEND],
  ])('%s', (_rule, delivery, expected) => {
    expect(decide(delivery, NOW)).toEqual(expected);
  });
});
