/** Single things that boxes do and the scenarios do not show. */
import { expect, test } from 'vitest';

import type { EventKind } from '../../shared/calls/call-event.ts';
import { groupIntoCalls } from '../../shared/calls/correlate.ts';
import { foldCall } from '../../shared/calls/fold-call.ts';
import { receive } from './scenarios.ts';

const timezone = 'Europe/Minsk';
const START = Date.parse('2025-09-14T09:05:23Z');
const CLIENT = '375291110001';

const main = { UniqueId: '1757840723.6', Phone: CLIENT, CallType: 0, Extensions: ['151'] };
const out = { ...main, CallType: 1 };
const ended = { StartTime: '2025-09-14 12:05:23', EndTime: '2025-09-14 12:06:13' };
const client = { UniqueId: main.UniqueId, Channel: 'SIP/0001363-00000004', CallerIDNum: CLIENT };
const desk = { UniqueId: '1757840723.8', Channel: 'SIP/151-00000006', CallerIDNum: '151' };

type Post = [second: number, kind: EventKind, body: object];

const receiveAll = (posts: Post[]) =>
  posts.map(([second, kind, body], index) =>
    receive(kind, body, { at: new Date(START + second * 1000), id: `e${index}` }),
  );
const fold = (posts: Post[]) => foldCall(receiveAll(posts), { timezone });
const inBridge = (BridgeUniqueid: string, body: object) => ({ ...body, BridgeUniqueid });

test('a start alone is a call of its own beside a living one of the same client', () => {
  const events = receiveAll([
    [6, 'start', main],
    [7, 'dial', main],
    [20, 'start', { UniqueId: '1757840737.12', Phone: CLIENT, CallType: 0 }],
  ]);
  expect(groupIntoCalls(events)).toHaveLength(2);
});

test('who joined and hung up in one moment was there', () => {
  const call = fold([
    [6, 'dial', main],
    [16, 'bridge', inBridge('b1', client)],
    [16, 'bridge', inBridge('b1', desk)],
    [16, 'hangup', { ...main, ...ended, CallStatus: 2 }],
  ]);
  expect(call?.talkers.map(({ extension }) => extension)).toEqual(['151']);
});

test('a channel that hung up is in no bridge, though its leave was lost', () => {
  const call = fold([
    [6, 'dial', main],
    [16, 'bridge', inBridge('b1', client)],
    [16, 'bridge', inBridge('b1', desk)],
    [55, 'bridge_leave', inBridge('b1', desk)],
    [56, 'hangup', { ...main, ...ended, CallStatus: 2 }],
  ]);
  expect(call?.settled).toBe(true);
});

test('a leave that overtook its join is paired with it', () => {
  const call = fold([
    [6, 'dial', main],
    [16, 'bridge', inBridge('b1', client)],
    [40, 'bridge_leave', inBridge('b1', desk)],
    [41, 'bridge', inBridge('b1', desk)],
    [55, 'bridge_leave', inBridge('b1', client)],
    [56, 'hangup', { ...main, ...ended, CallStatus: 2 }],
  ]);
  expect(call).toMatchObject({ settled: true, lastTalkedBy: '151' });
});

test('the phone behind a Local pair is who talks, not whom the pair was made for', () => {
  const half = (serial: number) => ({
    UniqueId: `1757840724.${serial}`,
    Channel: `Local/152@followme-00000001;${serial - 8}`,
  });
  const mobile = {
    UniqueId: '1757840724.11',
    Channel: 'SIP/0001366-00000009',
    CallerIDNum: '375297770007',
  };
  const call = fold([
    [6, 'dial', main],
    [16, 'bridge', inBridge('b2', half(10))],
    [16, 'bridge', inBridge('b2', mobile)],
    [17, 'bridge', inBridge('b1', client)],
    [17, 'bridge', inBridge('b1', half(9))],
    [56, 'hangup', { ...main, ...ended, CallStatus: 2 }],
  ]);
  expect(call?.talkers.map(({ extension }) => extension)).toEqual(['375297770007']);
});

test('two phones in one bridge are an answer, whoever the second one was', () => {
  const call = fold([
    [6, 'dial', main],
    [16, 'bridge', inBridge('b1', client)],
    [16, 'bridge', inBridge('b1', { UniqueId: '1757840723.8' })],
    [56, 'hangup', { ...main, ...ended, CallStatus: 0 }],
  ]);
  expect(call?.status).toBe('lost_in_transfer');
});

test('a leg that took the client is an answer, also on a box without bridges', () => {
  const leg = { ...main, UniqueId: '1757840735.11', CallType: 2, Extensions: ['152'] };
  const call = fold([
    [6, 'dial', main],
    [30, 'hangup', { ...leg, CallStatus: 2, EndTime: '2025-09-14 12:05:46' }],
    [56, 'hangup', { ...main, ...ended, CallStatus: 0 }],
  ]);
  expect(call?.status).toBe('lost_in_transfer');
});

test('an unanswered consult leg of an outgoing call that ended before it loses nothing', () => {
  const leg = { ...out, UniqueId: '1757840735.11', CallType: 2, Extensions: ['152'] };
  const call = fold([
    [6, 'dial', out],
    [30, 'hangup', { ...leg, CallStatus: 0, EndTime: '2025-09-14 12:05:46' }],
    [56, 'hangup', { ...out, ...ended, CallStatus: 2 }],
  ]);
  expect(call).toMatchObject({ status: 'answered', lastTalkedBy: '151' });
});

test('the leg of a mobile alone is part of an incoming call', () => {
  const leg = { ...out, Extensions: ['375297770007'], CallStatus: 2 };
  expect(fold([[56, 'hangup', { ...leg, ...ended }]])?.direction).toBe('in');
});

test("a Local half that shows the client's number is not the client", () => {
  const call = fold([
    [6, 'dial', out],
    [16, 'bridge', inBridge('b1', { UniqueId: out.UniqueId, Channel: 'SIP/151-00000006' })],
    [16, 'bridge', inBridge('b1', { ...client, UniqueId: '1757840723.8' })],
    [30, 'bridge', inBridge('b3', { UniqueId: '1757840735.11', Channel: 'SIP/152-00000009' })],
    [
      30,
      'bridge',
      inBridge('b3', {
        UniqueId: '1757840735.10',
        Channel: 'Local/152@dialexecute-00000000;2',
        CallerIDNum: CLIENT,
      }),
    ],
    [56, 'hangup', { ...out, ...ended, CallStatus: 2 }],
  ]);
  expect(call?.talkers.map(({ extension }) => extension)).toEqual(['151']);
});

test('of two channels of one second the one made first is the main one', () => {
  const dial = { ...main, CallType: 2, Phone: '150' };
  const call = fold([
    [6, 'dial', { ...dial, UniqueId: '1757840723.10' }],
    [7, 'dial', { ...dial, UniqueId: '1757840723.9' }],
  ]);
  expect(call?.mainUniqueId).toBe('1757840723.9');
});

test('another number in the hangup of an outgoing call takes no answer back', () => {
  const beginning: Post[] = [
    [6, 'start', { UniqueId: out.UniqueId, CallType: 1 }],
    [16, 'bridge', inBridge('b1', { ...desk, UniqueId: out.UniqueId, ConnectedLineNum: CLIENT })],
    [
      16,
      'bridge',
      inBridge('b1', { UniqueId: '1757840723.8', Channel: 'odd', CallerIDNum: CLIENT }),
    ],
  ];
  expect(fold(beginning)?.status).toBe('talking');
  for (const Phone of ['375297770007', '152']) {
    const hangup = { ...ended, UniqueId: out.UniqueId, Phone, CallType: 1 };
    const call = fold([...beginning, [56, 'hangup', hangup]]);
    expect(call).toMatchObject({ status: 'answered', lastTalkedBy: '151' });
  }
});

test('the client known by the line stays known when a number is seen elsewhere', () => {
  const call = fold([
    [6, 'dial', out],
    [16, 'bridge', inBridge('b1', { UniqueId: '1757840723.8', Channel: 'SIP/0001363-00000004' })],
    [16, 'bridge', inBridge('b1', { ...desk, UniqueId: out.UniqueId })],
    [20, 'bridge', { UniqueId: '1757840723.9', Channel: 'odd', CallerIDNum: CLIENT }],
    [56, 'hangup', { UniqueId: out.UniqueId, CallType: 1 }],
  ]);
  expect(call).toMatchObject({ status: 'answered', lastTalkedBy: '151' });
});
