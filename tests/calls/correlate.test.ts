import { describe, expect, test } from 'vitest';

import type { CallEvent } from '../../shared/calls/call-event.ts';
import type { Call } from '../../shared/calls/call.ts';
import { groupIntoCalls, linkKeys, outsideNumber } from '../../shared/calls/correlate.ts';
import { foldCall } from '../../shared/calls/fold-call.ts';
import { foldAll } from './fold-all.ts';
import { seedRandom, shuffle } from './random.ts';
import { findScenario, receive, type Scenario, SCENARIOS } from './scenarios.ts';

const timezone = 'Europe/Minsk';

/** The scenario as if it had begun at another moment, on other channels and bridges of the same box. `skip`: channels the box made meanwhile. */
function move(
  { name, events }: Scenario,
  { to, phone, skip = 0 }: { to: Date; phone?: string; skip?: number },
): CallEvent[] {
  const first = +(events[0]?.receivedAt ?? 0);
  const shift = Math.round((+to - first) / 1000) * 1000;
  const shiftText = (time: string | undefined) =>
    time && new Date(Date.parse(`${time}Z`) + shift).toISOString().slice(0, 19).replace('T', ' ');
  const own = events.find((event) => event.phone && event.phone.length > 9)?.phone;
  const rename = (number: string | null) => (phone && number === own ? phone : number);
  return events.map((event) => ({
    ...event,
    id: `${name}-at-${shift}-${event.id}`,
    receivedAt: new Date(+event.receivedAt + shift),
    uniqueId: event.uniqueId?.replace(
      /^(\d+)\.(\d+)$/,
      (_, second, serial) => `${Number(second) + shift / 1000}.${Number(serial) + skip}`,
    ),
    bridgeId: event.bridgeId && `${event.bridgeId}-${name}`,
    channel: event.channel?.replace(/-(?=[0-9a-f]{8})/, `-${name.length}${name.at(-1)}`),
    phone: rename(event.phone),
    callerIdNum: rename(event.callerIdNum),
    connectedLineNum: rename(event.connectedLineNum),
    startTime: shiftText(event.startTime),
    endTime: shiftText(event.endTime),
    dateReceived: shiftText(event.dateReceived),
  }));
}

function idsOf(groups: CallEvent[][]): string[] {
  return groups
    .map((group) =>
      group
        .map(({ id }) => id)
        .toSorted()
        .join(' '),
    )
    .toSorted();
}

describe('linkKeys', () => {
  const at = { at: '2025-09-14T09:05:30Z', id: 'a' };

  test.each([
    ['start', { UniqueId: '1757840723.6', Phone: '375291110001' }, ['channel:1757840723.6']],
    ['bridge_create', { UniqueId: '', BridgeUniqueid: 'b1' }, ['bridge:b1']],
    [
      'bridge',
      {
        UniqueId: '1757840723.8',
        BridgeUniqueid: 'b1',
        Channel: 'Local/152@dialexecute-00000000;2',
      },
      ['channel:1757840723.8', 'bridge:b1', 'local:Local/152@dialexecute-00000000'],
    ],
  ] as const)('%s', (kind, body, keys) => {
    expect(linkKeys(receive(kind, body, at))).toEqual(keys);
  });

  test('a consult nobody answered shares a key with the bridge its asker is in, and only with his', () => {
    const asked = linkKeys(
      receive(
        'hangup',
        { UniqueId: '1757840999.50', Phone: '151', CallType: 2, CallStatus: '0', Extensions: [''] },
        at,
      ),
    );
    const bridge = (Channel: string) =>
      linkKeys(receive('bridge', { UniqueId: '1.2', BridgeUniqueid: 'b1', Channel }, at));
    expect(bridge('SIP/151-00000006').some((key) => asked.includes(key))).toBe(true);
    expect(bridge('SIP/152-00000006').some((key) => asked.includes(key))).toBe(false);
  });
});

test.each([
  [{ Phone: '375291110001' }, '375291110001'],
  [{ Phone: '+375291110001' }, '375291110001'],
  [{ Phone: '151', ConnectedLineNum: '375291110001' }, '375291110001'],
  [{ CallerIDNum: '375291110001', ConnectedLineNum: '151' }, '375291110001'],
  [{ Phone: '+000000000000', CallerIDNum: '<unknown>' }, null],
  [{ Phone: '0001363' }, null],
  [{ Phone: '151', CallerIDNum: '152' }, null],
])('the outside number of %j is %s', (body, number) => {
  const event = receive('new_callerid', { UniqueId: '1.2', ...body }, { at: new Date(0), id: 'a' });
  expect(outsideNumber(event)).toBe(number);
});

describe('groupIntoCalls', () => {
  test.each(SCENARIOS)('$name is one call, whatever the order', ({ events }) => {
    const random = seedRandom(4);
    const groups = groupIntoCalls(events);
    expect(groups).toHaveLength(1);
    for (let round = 0; round < 10; round++) {
      expect(idsOf(groupIntoCalls(shuffle(events, random)))).toEqual(idsOf(groups));
    }
  });

  test.each(SCENARIOS)('$name and any other at once stay apart', (one) => {
    const to = new Date('2025-10-01T09:00:00Z');
    const random = seedRandom(5);
    const first = move(one, { to, phone: '375291110101' });
    const mixed = SCENARIOS.flatMap((other) => {
      const second = move(other, {
        to: new Date(+to + 4_000),
        phone: '375291110102',
        skip: 1000,
      });
      const groups = groupIntoCalls(shuffle([...first, ...second], random));
      // Both have 151 in a talk, and a consult that only names 151 cannot tell which of his calls it was for.
      const vague = namesOnlyItsAsker(one) || namesOnlyItsAsker(other);
      const apart = vague
        ? groups.length === 2
        : idsOf(groups).join() === idsOf([first, second]).join();
      return apart || one === other ? [] : other.name;
    });
    expect(mixed).toEqual([]);
  });

  test('two calls of one client at the same time stay apart', () => {
    const to = new Date('2025-10-01T09:00:00Z');
    const phone = '375291110101';
    const first = move(findScenario('in-group-answered'), { to, phone });
    const second = move(findScenario('out-answered'), { to: new Date(+to + 9_000), phone });
    expect(idsOf(groupIntoCalls([...first, ...second]))).toEqual(idsOf([first, second]));
  });

  test('a client who calls again after his call is over has two calls', () => {
    const to = new Date('2025-10-01T09:00:00Z');
    const phone = '375291110101';
    const first = move(findScenario('in-consult-accepted.b'), { to, phone });
    const second = move(findScenario('in-chain-of-two-transfers.b'), {
      to: new Date(+to + 120_000),
      phone,
    });
    expect(idsOf(groupIntoCalls([...second, ...first]))).toEqual(idsOf([first, second]));
  });

  test('a parallel internal call between the two of a consult stays apart', () => {
    const to = new Date('2025-10-01T09:00:00Z');
    const internal = findScenario('internal-answered');
    for (const name of ['in-consult-accepted', 'in-consult-refused', 'out-consult-accepted']) {
      const consult = move(findScenario(name), { to });
      const parallel = move(internal, { to: new Date(+to + 20_000) }).map(swapNumbers);
      const groups = groupIntoCalls([...parallel, ...consult]);
      expect(idsOf(groups)).toEqual(idsOf([consult, parallel]));
      const statuses = groups.map((group) => foldCall(group, { timezone })?.status);
      expect(statuses).toEqual(['answered', 'internal_answered']);
    }
  });

  describe('a leg that hangs up with nothing but a number', () => {
    const start = { CallType: 0, UniqueId: '1757840723.6', Phone: '375291110001' };
    const dial = { ...start, Extensions: ['151'] };
    const leg = {
      CallType: 2,
      CallStatus: '2',
      UniqueId: '1757840735.11',
      Phone: '375291110001',
      Extensions: ['152'],
      StartTime: '',
      DateReceived: '2025-09-14 12:05:35',
      EndTime: '2025-09-14 12:05:46',
    };
    const end = {
      ...dial,
      CallStatus: '2',
      StartTime: '2025-09-14 12:05:23',
      EndTime: '2025-09-14 12:06:13',
    };
    const incoming = (more: Record<string, string> = {}) => [
      receive('start', { ...start, ...more }, { at: '2025-09-14T09:05:29Z', id: '1' }),
      receive('dial', { ...dial, ...more }, { at: '2025-09-14T09:05:30Z', id: '2' }),
      receive('hangup', { ...end, ...more }, { at: '2025-09-14T09:06:19Z', id: '4' }),
    ];
    const legOf = (more: Record<string, string> = {}, at = '2025-09-14T09:05:52Z') =>
      receive('hangup', { ...leg, ...more }, { at, id: '3' });

    test('joins the living call of that number', () => {
      expect(groupIntoCalls([...incoming(), legOf()])).toHaveLength(1);
    });

    test('joins it even when its hangup arrives after the end', () => {
      expect(groupIntoCalls([...incoming(), legOf({}, '2025-09-14T09:07:00Z')])).toHaveLength(1);
    });

    test('written with 80 it is the same number', () => {
      expect(groupIntoCalls([...incoming(), legOf({ Phone: '80291110001' })])).toHaveLength(1);
    });

    test('joins no call that is over', () => {
      const late = legOf({ UniqueId: '1757840775.19' }, '2025-09-14T09:06:30Z');
      expect(groupIntoCalls([...incoming(), late])).toHaveLength(2);
    });

    test('joins no call of another number', () => {
      expect(groupIntoCalls([...incoming(), legOf({ Phone: '375291110002' })])).toHaveLength(2);
    });

    test('a hidden number never links', () => {
      const hidden = { Phone: '+000000000000' };
      expect(groupIntoCalls([...incoming(hidden), legOf(hidden)])).toHaveLength(2);
    });

    test('without usable channel times arrival decides', () => {
      const odd = { UniqueId: 'leg' };
      expect(groupIntoCalls([...incoming(), legOf(odd)])).toHaveLength(1);
      const late = legOf(odd, '2025-09-14T09:06:30Z');
      expect(groupIntoCalls([...incoming(), late])).toHaveLength(2);
    });

    test('the hangup of a main channel is a call of its own, also beside a living one', () => {
      const lostStart = legOf({ CallType: '0' });
      expect(groupIntoCalls([...incoming(), lostStart])).toHaveLength(2);
    });
  });

  test('a second dial with CallType 1 on the same channel stays inside the incoming call', () => {
    const { events } = findScenario('in-one-by-one-mobile');
    const [call, ...others] = foldAll({ events, timezone });
    expect(others).toEqual([]);
    expect(call?.direction).toBe('in');
  });

  test('Local names that come again after a restart of the box do not join two days', () => {
    const bridge = (UniqueId: string, BridgeUniqueid: string, at: string) =>
      receive(
        'bridge',
        { UniqueId, BridgeUniqueid, Channel: 'Local/152@dialexecute-00000000;1' },
        { at, id: UniqueId },
      );
    const events = [
      bridge('1757840735.10', 'b1', '2025-09-14T09:05:40Z'),
      bridge('1757927135.10', 'b2', '2025-09-15T09:05:40Z'),
    ];
    expect(groupIntoCalls(events)).toHaveLength(2);
  });
});

/** What the tracker does, in memory: it sees only the events of calls that share a key or the number with the event. */
describe('one event at a time', () => {
  test.each(SCENARIOS)('$name comes out as all at once, in any order', ({ events }) => {
    const random = seedRandom(6);
    const expected = foldAll({ events, timezone });
    for (let round = 0; round < 20; round++) {
      expect(trackOneByOne(shuffle(events, random))).toEqual(expected);
    }
  });
});

function trackOneByOne(events: CallEvent[]): Call[] {
  let groups: CallEvent[][] = [];
  for (const event of events) {
    const keys = new Set(linkKeys(event));
    const isNear = (group: CallEvent[]) =>
      group.some((member) => linkKeys(member).some((key) => keys.has(key))) ||
      sharesPhone(group, event);
    const near = groups.filter(isNear);
    const regrouped = groupIntoCalls([...near.flat(), event]);
    groups = [...groups.filter((group) => !near.includes(group)), ...regrouped];
  }
  return groups.flatMap((group) => foldCall(group, { timezone }) ?? []);
}

function sharesPhone(group: CallEvent[], event: CallEvent): boolean {
  const phone = foldCall(group, { timezone })?.phone;
  return typeof phone === 'string' && phone === outsideNumber(event);
}

function namesOnlyItsAsker({ events }: Scenario): boolean {
  return events.some(
    ({ kind, callType, callStatus, extensions, phone }) =>
      kind === 'hangup' &&
      callType === 2 &&
      callStatus === 0 &&
      extensions.length === 0 &&
      phone === '151',
  );
}

/** 150 calls 151 becomes 151 calls 152. */
function swapNumbers(event: CallEvent): CallEvent {
  const next = (text: string) => text.replaceAll(/15[01]/g, (number) => String(Number(number) + 1));
  return {
    ...event,
    phone: event.phone && next(event.phone),
    extensions: event.extensions.map(next),
    callerIdNum: event.callerIdNum && next(event.callerIdNum),
    connectedLineNum: event.connectedLineNum && next(event.connectedLineNum),
    channel: event.channel?.replace(/^SIP\/\d+/, next),
  };
}
