import { describe, expect, test } from 'vitest';
import * as z from 'zod';

import {
  EVENT_KINDS,
  type EventBody,
  EventBodySchemas,
  type EventKind,
  parseEventBody,
} from '../../shared/calls/call-event.ts';

const enough = { UniqueId: '1757840723.6', BridgeUniqueid: 'c50e' };

function parse(body: Record<string, unknown>, kind: EventKind = 'hangup'): EventBody {
  const parsed = parseEventBody(kind, { ...enough, ...body });
  if (!parsed.success) throw new Error(JSON.stringify(parsed.issues));
  return parsed.data;
}

describe('fields as boxes really send them', () => {
  const long = '9'.repeat(201);
  test.each<[string, unknown, keyof EventBody, unknown]>([
    ['UniqueId', '1757840723.6', 'uniqueId', '1757840723.6'],
    ['Phone', '375291110001', 'phone', '375291110001'],
    ['Phone', '+375291110001', 'phone', '375291110001'],
    ['Phone', '-375291110001', 'phone', '375291110001'],
    ['Phone', '+375 (29) 111-00-01', 'phone', '375291110001'],
    ['Phone', 375_291_110_001, 'phone', '375291110001'],
    ['Phone', '151', 'phone', '151'],
    ['Phone', '0001363', 'phone', '0001363'],
    ['Phone', '+000000000000', 'phone', null],
    ['Phone', '+000123', 'phone', null],
    ['Phone', '0000000', 'phone', null],
    ['Phone', 'anonymous', 'phone', null],
    ['Phone', '<unknown>', 'phone', null],
    ['Phone', '', 'phone', null],
    ['Phone', null, 'phone', null],
    ['Phone', { number: '375291110001' }, 'phone', null],
    ['Phone', long, 'phone', null],
    ['Extensions', ['150', '151', '152'], 'extensions', ['150', '151', '152']],
    ['Extensions', ['152&151&153'], 'extensions', ['152', '151', '153']],
    ['Extensions', ['152&151', '153&152'], 'extensions', ['152', '151', '153']],
    ['Extensions', [''], 'extensions', []],
    ['Extensions', [], 'extensions', []],
    ['Extensions', undefined, 'extensions', []],
    ['Extensions', null, 'extensions', []],
    ['Extensions', [null, '&151&', ' 152 '], 'extensions', ['151', '152']],
    ['Extensions', '151&152', 'extensions', ['151', '152']],
    ['Extensions', [151], 'extensions', ['151']],
    ['Extensions', ['+375297770007'], 'extensions', ['375297770007']],
    ['Extensions', ['SIP/151&Local/152@dialexecute'], 'extensions', ['151', '152']],
    ['Extensions', { 0: '151' }, 'extensions', []],
    ['Extension', '151', 'extensions', ['151']],
    ['Extension', '151&152', 'extensions', ['151', '152']],
    ['CallType', 0, 'callType', 0],
    ['CallType', '1', 'callType', 1],
    ['CallType', '2', 'callType', 2],
    ['CallType', '', 'callType', undefined],
    ['CallType', null, 'callType', undefined],
    ['CallStatus', '2', 'callStatus', 2],
    ['CallStatus', 0, 'callStatus', 0],
    ['CallStatus', 5, 'callStatus', 5],
    ['CallStatus', '', 'callStatus', undefined],
    ['CallStatus', undefined, 'callStatus', undefined],
    ['CallStatus', 'ANSWERED', 'callStatus', undefined],
    ['CallStatus', -1, 'callStatus', undefined],
    ['CallStatus', 2.5, 'callStatus', undefined],
    ['CallStatus', [2], 'callStatus', undefined],
    ['UniqueId', '1.2 ', 'uniqueId', '1.2'],
    ['BridgeUniqueid', ' <unknown>', 'bridgeId', undefined],
    ['Cause', '16', 'cause', 16],
    ['Cause', 17, 'cause', 17],
    ['Cause', 'normal', 'cause', undefined],
    ['DialStatus', 'Busy', 'dialStatus', 'BUSY'],
    ['StartTime', '2025-09-14 12:05:23', 'startTime', '2025-09-14 12:05:23'],
    ['StartTime', '', 'startTime', undefined],
    ['EndTime', '2025-09-14T12:05:23', 'endTime', undefined],
    ['EndTime', '0000-00-00 00:00:00', 'endTime', undefined],
    ['EndTime', '2025-02-30 12:00:00', 'endTime', undefined],
    ['EndTime', '2025-09-14 24:00:00', 'endTime', undefined],
    ['DateReceived', '2025-09-14 12:05:46', 'dateReceived', '2025-09-14 12:05:46'],
    ['DateReceived', 1_757_840_723, 'dateReceived', undefined],
    ['Trunk', '0001363', 'line', '0001363'],
    ['Trunk', '', 'line', undefined],
    ['ExtTrunk', '', 'extLine', undefined],
    ['ExtPhone', '375291110001', 'extPhone', '375291110001'],
    ['ExternalInitiated', true, 'externalInitiated', true],
    ['ExternalInitiated', 'True', 'externalInitiated', true],
    ['ExternalInitiated', '1', 'externalInitiated', true],
    ['ExternalInitiated', false, 'externalInitiated', false],
    ['ExternalInitiated', '0', 'externalInitiated', false],
    ['ExternalInitiated', undefined, 'externalInitiated', false],
    ['CallerIDNum', '375291110001', 'callerIdNum', '375291110001'],
    ['CallerIDNum', '<unknown>', 'callerIdNum', null],
    ['ConnectedLineNum', '<unknown>', 'connectedLineNum', null],
    ['ConnectedLineNum', '151', 'connectedLineNum', '151'],
    ['Channel', 'Local/152@x-00000000;1', 'channel', 'Local/152@x-00000000;1'],
    ['Channel', long, 'channel', undefined],
    ['Exten', '0001363', 'exten', '0001363'],
    ['Context', 'dialexecute', 'context', 'dialexecute'],
    ['BridgeUniqueid', 'c50e', 'bridgeId', 'c50e'],
    ['BridgeNumChannels', '2', 'bridgeNumChannels', 2],
    ['BridgeNumChannels', '', 'bridgeNumChannels', undefined],
  ])('%s %j', (field, value, name, expected) => {
    expect(parse({ [field]: value })[name]).toEqual(expected);
  });

  test('unknown fields are taken and left out', () => {
    expect(parse({ Whatever: { deep: [1] } })).toEqual(parse({}));
  });
});

describe('what a kind needs', () => {
  const channel = ['start', 'dial', 'hangup', 'bridge', 'bridge_leave', 'new_callerid'];
  const bridge = ['bridge_create', 'bridge_destroy'];

  const pathsOf = (kind: EventKind, body: unknown) => {
    const parsed = parseEventBody(kind, body);
    return parsed.success ? [] : parsed.issues.map(({ path }) => path);
  };

  test.each(EVENT_KINDS)('%s', (kind) => {
    const needed = [
      ...(channel.includes(kind) ? ['UniqueId'] : []),
      ...(bridge.includes(kind) ? ['BridgeUniqueid'] : []),
    ];
    expect(pathsOf(kind, {}).toSorted()).toEqual(needed.toSorted());
    expect(pathsOf(kind, { UniqueId: '', BridgeUniqueid: '' }).toSorted()).toEqual(
      needed.toSorted(),
    );
    for (const said of [' ', '<unknown>']) {
      const body = { UniqueId: said, BridgeUniqueid: said };
      expect(pathsOf(kind, body).toSorted()).toEqual(needed.toSorted());
    }
    expect(pathsOf(kind, enough)).toEqual([]);
  });

  test.each([
    ['UniqueId', 'a'.repeat(201)],
    ['UniqueId', 'a\u0000b'],
    ['UniqueId', 17],
    ['BridgeUniqueid', 'a'.repeat(201)],
    ['CallType', 3],
    ['CallType', '7'],
    ['CallType', 'in'],
    ['CallType', 0.5],
  ])('%s %j is named as the box spells it', (field, value) => {
    const paths = EVENT_KINDS.map((kind) => pathsOf(kind, { ...enough, [field]: value }));
    expect(paths).toEqual(EVENT_KINDS.map(() => [field]));
  });

  test.each([[null], [undefined], ['text'], [[1]], [7]])('%j is no body', (payload) => {
    const parsed = parseEventBody('start', payload);
    expect(parsed).toEqual({
      success: false,
      issues: [{ path: '', message: 'must be a JSON object' }],
    });
  });
});

test.each(EVENT_KINDS)('the schema of %s can be documented', (kind) => {
  const document = z.toJSONSchema(EventBodySchemas[kind], { io: 'input' });
  expect(document).toMatchObject({
    type: 'object',
    properties: { Phone: { description: expect.any(String) } },
  });
});
