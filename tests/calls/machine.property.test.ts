import fc from 'fast-check';
import { expect, test } from 'vitest';

import {
  type CallEvent,
  EVENT_KINDS,
  type EventKind,
  parseEventBody,
} from '../../shared/calls/call-event.ts';
import { type Call, hasEnded } from '../../shared/calls/call.ts';
import { groupIntoCalls, linkKeys, outsideNumber } from '../../shared/calls/correlate.ts';
import { foldCall } from '../../shared/calls/fold-call.ts';

/** To look further: PROPERTY_SEED=7 PROPERTY_RUNS=8 npx vitest run tests/calls/machine.property.test.ts */
const SEED = Number(process.env['PROPERTY_SEED'] ?? 20_251_121);
const RUNS = Number(process.env['PROPERTY_RUNS'] ?? 1);
const REAPED_MS = 4 * 60 * 60_000 + 1;
const timezone = 'Europe/Minsk';

/** Few values, so that random events of one box meet each other; every field also as boxes garble it. */
const often = <Value>(...values: Value[]) =>
  fc.option(fc.constantFrom(...values), { nil: undefined, freq: 6 });
const phones = ['375291110001', '+375291110001', '-375291110001', '+000000000000', '0001363'];
const people = ['151', '152', '153', '375297770007'];
const times = ['2025-09-14 12:05:23', '2025-09-14 12:05:46', '2025-09-14 12:06:13', '', '12:06'];
/** A channel keeps its name for life; the last three say nothing of themselves. */
const channels = [
  { UniqueId: '1757840726.6', Channel: 'SIP/0001363-00000004' },
  { UniqueId: '1757840727.7', Channel: 'SIP/151-00000006' },
  { UniqueId: '1757840728.8', Channel: 'SIP/152-00000007' },
  { UniqueId: '1757840731.9', Channel: 'Local/152@dialexecute-00000000;1' },
  { UniqueId: '1757840731.10', Channel: 'Local/152@dialexecute-00000000;2' },
  { UniqueId: '1757840732.11', Channel: undefined },
  { UniqueId: 'odd', Channel: 'odd' },
  { UniqueId: '', Channel: '' },
];

const ofCall = {
  Phone: often(...phones, ...people),
  Extensions: often<unknown>(['151'], ['151&152'], ['152'], ['375297770007'], [''], [], null),
  CallType: often<unknown>(0, 1, 2, '0', '1', '2', ''),
  Trunk: often('0001363', '0001366', ''),
  ExternalInitiated: fc.option(fc.constant(true), { nil: undefined, freq: 1 }),
};
const ofHangup = {
  CallStatus: often<unknown>(0, 1, 2, 5, '0', '2', '', 9),
  Cause: often<unknown>(16, 17, '19', 34, 'odd'),
  DialStatus: often('ANSWER', 'BUSY', 'NOANSWER', 'CHANUNAVAIL'),
  StartTime: often(...times),
  EndTime: often(...times),
  DateReceived: often(...times),
};
const ofBridge = {
  BridgeUniqueid: fc.constantFrom('b1', 'b2', 'b3', ''),
  CallerIDNum: often('<unknown>', ...phones, ...people),
  ConnectedLineNum: often('<unknown>', ...phones, ...people),
  BridgeNumChannels: often('0', '1', '2', ''),
};

/** Each kind with the fields that boxes send on it. */
const posts = fc.oneof(
  fc.tuple(fc.constantFrom('start', 'dial'), fc.record({ ...ofCall, Phone: often(...phones) })),
  fc.tuple(fc.constant('hangup'), fc.record({ ...ofCall, ...ofHangup })),
  fc.tuple(
    fc.constantFrom('bridge', 'bridge_leave', 'bridge_create', 'bridge_destroy', 'new_callerid'),
    fc.record(ofBridge),
  ),
) satisfies fc.Arbitrary<[EventKind, object]>;

/** Any field on any kind. */
const anything = fc.record({ ...ofCall, ...ofHangup, ...ofBridge });
const oddPosts = fc.tuple(fc.constantFrom(...EVENT_KINDS), anything);

const eventsFrom = (arbitrary: fc.Arbitrary<[EventKind, object]>) =>
  fc
    .array(fc.tuple(arbitrary, fc.constantFrom(...channels), fc.nat({ max: 90_000 })), {
      minLength: 1,
      maxLength: 14,
    })
    .map((list) =>
      list.flatMap(([[kind, body], channel, after], index): CallEvent[] => {
        const parsed = parseEventBody(kind, { ...body, ...channel });
        const receivedAt = new Date(Date.parse('2025-09-14T09:05:28Z') + after);
        return parsed.success ? [{ ...parsed.data, id: `e${index}`, kind, receivedAt }] : [];
      }),
    );
const events = eventsFrom(posts);
const oddEvents = fc.oneof(events, eventsFrom(oddPosts));

const check = (property: fc.IProperty<[CallEvent[]]>, numRuns: number) =>
  fc.assert(property, { seed: SEED, numRuns: numRuns * RUNS });

function isUnansweredEnd({ status }: Call): boolean {
  return ['missed', 'abandoned', 'no_answer', 'busy', 'failed', 'internal_missed'].includes(status);
}

function isAnswered({ status }: Call): boolean {
  const answered = ['talking', 'transferring', 'answered', 'internal_answered', 'lost_in_transfer'];
  return answered.includes(status);
}

test('no accepted events make the machine throw or contradict itself', () => {
  const property = fc.property(oddEvents, (input) => {
    for (const options of [{ timezone }, { timezone: 'No/Where', now: new Date(8.64e15) }]) {
      const call = foldCall(input, options);
      if (!call) continue;
      const { startedAt, endedAt, talkers } = call;
      const names = talkers.map(({ extension }) => extension);
      expect(hasEnded(call.status)).toBe(endedAt !== null);
      expect(+startedAt).not.toBeNaN();
      if (endedAt) expect(+endedAt).toBeGreaterThanOrEqual(+startedAt);
      for (const { from, to } of talkers) {
        expect(+from).toBeGreaterThanOrEqual(+startedAt);
        if (to) expect(+to).toBeGreaterThanOrEqual(+from);
        if (endedAt) expect(to).not.toBeNull();
      }
      expect(call.waitSeconds ?? 0).toBeGreaterThanOrEqual(0);
      expect(call.talkSeconds ?? 0).toBeGreaterThanOrEqual(0);
      expect(call.talkSeconds === null).toBe(endedAt === null);
      expect(isAnswered(call)).toBe(call.answeredAt !== null);
      if (call.firstAnsweredBy !== null) expect(names).toContain(call.firstAnsweredBy);
      expect(call.lastTalkedBy).toBe(names.at(-1) ?? null);
      if (endedAt) expect(call.ringing).toEqual([]);
      expect(call.direction === 'internal' ? call.phone : null).toBeNull();
      expect(call.uniqueIds[0]).toBe(call.mainUniqueId);
      expect(new Set(call.uniqueIds).size).toBe(call.uniqueIds.length);
    }
  });
  check(property, 4_000);
});

test('the order of processing and repetition do not matter', () => {
  const property = fc.property(oddEvents, (input) => {
    const call = foldCall(input, { timezone });
    expect(foldCall(input.toReversed(), { timezone })).toEqual(call);
    expect(foldCall([...input, ...input], { timezone })).toEqual(call);
    const groups = groupIntoCalls(input);
    expect(groupIntoCalls(input.toReversed())).toEqual(groups);
    expect(groupIntoCalls([...input.toReversed(), ...input])).toEqual(groups);
    const ids = groups.flatMap((group) => group.map(({ id }) => id));
    expect(ids.toSorted()).toEqual(input.map(({ id }) => id).toSorted());
  });
  check(property, 2_000);
});

test('a call that was answered never becomes a missed one', () => {
  const property = fc.property(events, (input) => {
    const before = new Map<string, Call>();
    for (const length of input.keys()) {
      const call = foldCall(input.slice(0, length + 1), { timezone });
      if (!call) continue;
      // Another main channel or direction is another call: what was seen first was a leg of it.
      const key = `${call.mainUniqueId} ${call.direction}`;
      const earlier = before.get(key);
      if (earlier && isUnansweredEnd(call)) expect(call).toEqual(earlier);
      if (isAnswered(call)) before.set(key, call);
    }
  });
  check(property, 4_000);
});

test('the reaper leaves no call open', () => {
  const property = fc.property(oddEvents, (input) => {
    const last = Math.max(...input.map(({ receivedAt }) => +receivedAt));
    const now = new Date(last + REAPED_MS);
    for (const group of groupIntoCalls(input)) {
      const call = foldCall(group, { timezone, now });
      expect(call === undefined || hasEnded(call.status)).toBe(true);
      const living = foldCall(group, { timezone });
      if (call && living && isAnswered(living)) expect(isUnansweredEnd(call)).toBe(false);
    }
  });
  check(property, 2_000);
});

test('any JSON is accepted or refused, never thrown over', () => {
  const property = fc.property(
    fc.constantFrom(...EVENT_KINDS),
    fc.oneof(
      anything,
      fc.jsonValue(),
      fc.dictionary(
        fc.constantFrom('UniqueId', 'Phone', 'Extensions', 'CallStatus'),
        fc.jsonValue(),
      ),
    ),
    (kind, payload) => {
      const parsed = parseEventBody(kind, payload);
      if (!parsed.success) expect(parsed.issues.length).toBeGreaterThan(0);
      else {
        const event = { ...parsed.data, id: 'e', kind, receivedAt: new Date(0) };
        expect(linkKeys(event).length).toBeGreaterThan(0);
        expect(outsideNumber(event) ?? '000000').toMatch(/^\d{6,}$/);
      }
    },
  );
  fc.assert(property, { seed: SEED, numRuns: 3_000 * RUNS });
});
