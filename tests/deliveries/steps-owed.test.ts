import { describe, expect, test } from 'vitest';

import { type Call, END_STATUSES } from '../../shared/calls/call.ts';
import {
  type DeliveryState,
  type ExistingStep,
  stepsOwed,
} from '../../shared/deliveries/steps-owed.ts';

const NOW = new Date('2026-01-31T09:05:00Z');
const IN_A_MINUTE = new Date('2026-01-31T09:06:00Z');

const RINGING: Call = {
  mainUniqueId: '1757840723.6',
  direction: 'in',
  status: 'ringing',
  phone: '375291110001',
  line: '0001363',
  ringing: ['150', '151'],
  rang: ['150', '151'],
  caller: null,
  talkers: [],
  firstAnsweredBy: null,
  lastTalkedBy: null,
  transfer: null,
  clickToCall: false,
  startedAt: NOW,
  answeredAt: null,
  endedAt: null,
  waitSeconds: null,
  talkSeconds: null,
  settled: false,
  uniqueIds: ['1757840723.6'],
};
const TALKING: Call = {
  ...RINGING,
  status: 'talking',
  ringing: [],
  talkers: [{ extension: '151', from: NOW, to: null }],
};
const TRANSFERRED: Call = {
  ...TALKING,
  talkers: [
    { extension: '151', from: NOW, to: NOW },
    { extension: '152', from: NOW, to: null },
  ],
};
const ENDED: Call = { ...RINGING, status: 'answered', ringing: [], endedAt: NOW, settled: true };

/** `dial 1 pending 150,151`: step, round, state, whom it is about. */
function owedBefore(text: string, index: number): ExistingStep {
  const [step = '', round = '', state = '', extensions = ''] = text.split(' ');
  return {
    id: String(index + 1),
    integrationType: 'retailcrm',
    step: step as ExistingStep['step'],
    round: Number(round),
    state: state as DeliveryState,
    maybeApplied: false,
    extensions: extensions.split(',').filter(Boolean),
  };
}
const changesOf = (call: Call, existing: string[] = []) =>
  stepsOwed(call, existing.map(owedBefore), ['retailcrm'], { now: NOW });

const NOTHING = { owed: [], superseded: [], moved: [] };
const owes = (step: string, round: number, extensions: string[], dueAt = NOW) => ({
  ...NOTHING,
  owed: [{ integrationType: 'retailcrm', step, round, extensions, dueAt }],
});

type Row = [rule: string, call: Call, existing: string[], expected: object];

describe('a card', () => {
  test.each<Row>([
    ['for those who ring', RINGING, [], owes('dial', 1, ['150', '151'])],
    [
      'for who places the call',
      { ...RINGING, direction: 'out', ringing: ['151'] },
      [],
      owes('dial', 1, ['151']),
    ],
    ['not during the greeting', { ...RINGING, status: 'greeting', ringing: [] }, [], NOTHING],
    [
      'for who talks, while others no longer ring',
      TALKING,
      ['dial 1 delivered 150,151'],
      owes('bridge', 1, ['151']),
    ],
    [
      'not between two talks',
      { ...TALKING, status: 'transferring', talkers: [] },
      ['bridge 1 delivered 151'],
      NOTHING,
    ],
    [
      'for those who are asked to take a transfer',
      { ...TALKING, status: 'transferring', ringing: ['152'] },
      ['dial 1 delivered 151'],
      owes('dial', 2, ['152']),
    ],
    [
      'while they talk, for the talkers only',
      { ...TALKING, ringing: ['152'] },
      [],
      owes('bridge', 1, ['151']),
    ],
  ])('%s', (_rule, call, existing, expected) => {
    expect(changesOf(call, existing)).toEqual(expected);
  });
});

describe('a new round', () => {
  test.each<Row>([
    ['does not start while the same ones ring', RINGING, ['dial 1 pending 150,151'], NOTHING],
    [
      'does not start when they are named in another order',
      RINGING,
      ['dial 1 delivered 151,150'],
      NOTHING,
    ],
    ['does not start when the card had no success', RINGING, ['dial 1 expired 150,151'], NOTHING],
    [
      'starts when others ring',
      { ...RINGING, ringing: ['152'] },
      ['dial 1 delivered 150,151'],
      owes('dial', 2, ['152']),
    ],
    [
      'starts when one more rings',
      { ...RINGING, ringing: ['150', '151', '152'] },
      ['dial 1 delivered 150,151'],
      owes('dial', 2, ['150', '151', '152']),
    ],
    [
      'starts when another one talks',
      TRANSFERRED,
      ['bridge 1 delivered 151'],
      owes('bridge', 2, ['152']),
    ],
    [
      'counts from the latest round',
      { ...RINGING, ringing: ['150'] },
      ['dial 2 delivered 152', 'dial 1 delivered 150'],
      owes('dial', 3, ['150']),
    ],
    [
      'takes the place of a card that nobody has seen',
      { ...RINGING, ringing: ['152'] },
      ['dial 1 pending 150,151'],
      { ...owes('dial', 2, ['152']), superseded: ['1'] },
    ],
    [
      'leaves a card that is under way',
      { ...RINGING, ringing: ['152'] },
      ['dial 1 sending 150'],
      owes('dial', 2, ['152']),
    ],
    [
      'replaces a card that was tried and surely not shown',
      { ...RINGING, ringing: ['152'] },
      ['dial 1 retrying 150'],
      { ...owes('dial', 2, ['152']), superseded: ['1'] },
    ],
    [
      'of talkers leaves the card of who rang',
      TALKING,
      ['dial 1 pending 150,151'],
      owes('bridge', 1, ['151']),
    ],
  ])('%s', (_rule, call, existing, expected) => {
    expect(changesOf(call, existing)).toEqual(expected);
  });
});

describe('the end', () => {
  test.each(END_STATUSES)('is owed at once when the call is %s and settled', (status) => {
    expect(changesOf({ ...ENDED, status })).toEqual(owes('hangup', 1, []));
  });

  test.each<Row>([
    [
      'is owed a minute later while more may come',
      { ...ENDED, settled: false },
      [],
      owes('hangup', 1, [], IN_A_MINUTE),
    ],
    ['is owed without any card', ENDED, ['dial 1 expired 150,151'], owes('hangup', 1, [])],
    [
      'not sent yet goes at once when the call is settled',
      ENDED,
      ['hangup 1 pending'],
      { ...NOTHING, moved: [{ id: '1', dueAt: NOW }] },
    ],
    [
      'not sent yet waits on when more has come',
      { ...ENDED, settled: false },
      ['hangup 1 pending'],
      { ...NOTHING, moved: [{ id: '1', dueAt: IN_A_MINUTE }] },
    ],
    ['under way is left alone', ENDED, ['hangup 1 sending'], NOTHING],
    ['told already is never told again', ENDED, ['hangup 1 delivered'], NOTHING],
    ['tried already keeps its time', ENDED, ['hangup 1 retrying'], NOTHING],
    ['parked stays parked', ENDED, ['hangup 1 parked'], NOTHING],
    [
      'of a call that goes on waits, and no card follows',
      TALKING,
      ['hangup 1 pending'],
      { ...NOTHING, moved: [{ id: '1', dueAt: IN_A_MINUTE }] },
    ],
    ['told already lets no card follow', RINGING, ['hangup 1 delivered'], NOTHING],
  ])('%s', (_rule, call, existing, expected) => {
    expect(changesOf(call, existing)).toEqual(expected);
  });
});

describe('who is owed', () => {
  test('nothing to anybody for an internal call', () => {
    expect(changesOf({ ...RINGING, direction: 'internal' })).toEqual(NOTHING);
    expect(changesOf({ ...ENDED, direction: 'internal' })).toEqual(NOTHING);
  });

  test('nothing without an integration that works', () => {
    expect(stepsOwed(ENDED, [], [], { now: NOW })).toEqual(NOTHING);
  });

  test('what another integration was told does not count', () => {
    const other = { ...owedBefore('hangup 1 delivered', 0), integrationType: 'bitrix24' };
    expect(stepsOwed(ENDED, [other], ['retailcrm'], { now: NOW })).toEqual(owes('hangup', 1, []));
  });
});
