import path from 'node:path';

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { EVENT_KINDS, parseEventBody } from '../../shared/calls/call-event.ts';
import { formatPhone, maskPhone } from '../../shared/phone.ts';
import { FILE_NAME, keyFor, newFileName, readFileName } from '../../shared/recordings/names.ts';
import { CALL_BACK } from '../../shared/telegram/press.ts';

const text = fc.string({ unit: 'binary' });
const anything = fc.anything({ withNullPrototype: true, withBigInt: true, withSparseArray: true });
const FIELDS = [
  'UniqueId',
  'BridgeUniqueid',
  'Phone',
  'Extensions',
  'CallType',
  'CallStatus',
  'Cause',
  'DialStatus',
  'StartTime',
  'EndTime',
  'DateReceived',
  'Trunk',
  'ExtTrunk',
  'ExtPhone',
  'ExternalInitiated',
  'CallerIDNum',
  'ConnectedLineNum',
  'Channel',
  'Exten',
  'Context',
  'BridgeNumChannels',
];
/** What JSON can hold, in the fields that we read. */
const body = fc.dictionary(fc.constantFrom(...FIELDS), fc.jsonValue({ maxDepth: 3 }));
const kind = fc.constantFrom(...EVENT_KINDS);
const DIGITS = /^\d+$/;

describe('the event parser', () => {
  test('takes or refuses, and throws at nothing', () => {
    fc.assert(
      fc.property(kind, fc.oneof(anything, body), (of, payload) => {
        const parsed = parseEventBody(of, payload);
        if (!parsed.success) expect(parsed.issues.length).toBeGreaterThan(0);
      }),
      { numRuns: 1_000 },
    );
  });

  test('gives numbers of digits only, ids without control characters, types of calls that there are', () => {
    fc.assert(
      fc.property(kind, body, text, (of, payload, id) => {
        const parsed = parseEventBody(of, { ...payload, UniqueId: id, BridgeUniqueid: id });
        if (!parsed.success) return;
        const { data } = parsed;
        for (const number of [data.phone, data.extPhone, data.callerIdNum, data.connectedLineNum])
          expect(number ?? '1').toMatch(DIGITS);
        for (const known of [data.uniqueId, data.bridgeId]) {
          expect(known ?? '').toMatch(/^\P{Cc}*$/u);
          expect((known ?? '').length).toBeLessThanOrEqual(200);
        }
        expect([undefined, 0, 1, 2]).toContain(data.callType);
        for (const figure of [data.callStatus, data.cause, data.bridgeNumChannels])
          expect(figure === undefined || Number.isFinite(figure)).toBe(true);
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('phones', () => {
  test('are shown with the digits they have, whatever they are', () => {
    fc.assert(
      fc.property(fc.oneof(text, fc.stringMatching(/^\d{1,20}$/)), (phone) => {
        const shown = formatPhone(phone);
        expect(shown === phone || shown.replaceAll(/\D/g, '') === phone).toBe(true);
      }),
    );
  });

  test('are masked so that most of a number is hidden', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^\d{9,15}$/), (phone) => {
        expect(maskPhone(phone)).not.toContain(phone);
        expect(maskPhone(phone).replaceAll(/\D/g, '').length).toBe(phone.length - 3);
      }),
    );
  });
});

describe("the data of Telegram's buttons", () => {
  test('names a call by a uuid and an extension that a command may hold, or nothing', () => {
    const nearly = fc
      .tuple(fc.uuid(), fc.option(text))
      .map(([id, more]) => `call_back:${id}${more === null ? '' : `:${more}`}`);
    fc.assert(
      fc.property(fc.oneof(text, nearly), (data) => {
        const found = CALL_BACK.exec(data);
        if (!found) return;
        expect(found[0]).toBe(data);
        expect(found[1]).toMatch(/^[0-9a-f-]{36}$/);
        expect(found[2] ?? '1').toMatch(/^[0-9*#]{1,10}$/);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('file names', () => {
  const extension = fc.constantFrom('wav', 'mp3', 'ogg');

  test('whatever a channel is called, its recording lies in the folder of its day and enterprise', () => {
    fc.assert(
      fc.property(text, extension, (uniqueId, of) => {
        const key = keyFor({
          enterpriseNumber: '0367',
          uniqueId,
          startedAt: new Date('2026-01-31T12:00:00Z'),
          timezone: 'Europe/Minsk',
          extension: of,
        });
        expect(path.posix.dirname(path.posix.normalize(key))).toBe(
          'call-recordings/2026/01/31/0367',
        );
        expect(key).toMatch(/^[\w./-]+$/);
      }),
    );
  });

  test("a box's file name is read without a throw, and never leads out of its folder", () => {
    fc.assert(
      fc.property(text, (name) => {
        const { uniqueId, phone = '1', extension: inside = '1' } = readFileName(name);
        expect(uniqueId).not.toContain('/');
        expect(phone).toMatch(DIGITS);
        expect(inside).toMatch(DIGITS);
      }),
    );
  });

  test('a link is ours or nothing', () => {
    fc.assert(
      fc.property(fc.oneof(text, extension.map(newFileName)), (name) => {
        if (!FILE_NAME.test(name)) return;
        expect(path.posix.basename(name)).toBe(name);
        expect(encodeURIComponent(name)).toBe(name);
      }),
    );
  });
});
