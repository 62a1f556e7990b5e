import fc from 'fast-check';
import { expect, test } from 'vitest';

import {
  parseCallbackData,
  type Press,
  toCallbackData,
} from '../../shared/managers/callback-data.ts';

const chatId = fc.uuid();
const managerId = fc
  .maxSafeNat()
  .filter((id) => id > 0 && id < 1e16)
  .map(String);
const press: fc.Arbitrary<Press> = fc.oneof(
  fc.record({
    of: fc.constant('chat' as const),
    verb: fc.constantFrom('accept', 'details', 'call', 'reply', 'close', 'invite', 'pass', 'leave'),
    chatId,
  }),
  fc.record({
    of: fc.constant('to' as const),
    verb: fc.constantFrom('invite', 'pass'),
    chatId,
    managerId,
  }),
  fc.record({
    of: fc.constant('menu' as const),
    verb: fc.constantFrom('online', 'offline', 'offline_sure', 'chats', 'cancel', 'stats'),
  }),
  fc.record({
    of: fc.constant('admin' as const),
    verb: fc.constantFrom('managers', 'add', 'today'),
  }),
  fc.record({
    of: fc.constant('manager' as const),
    verb: fc.constantFrom(
      'show',
      'pause',
      'resume',
      'shift_off',
      'pass_chats',
      'remove',
      'remove_sure',
    ),
    managerId,
  }),
);

test('what a button says is what is read of it, in at most 64 bytes', () => {
  fc.assert(
    fc.property(press, (meant) => {
      const data = toCallbackData(meant);
      expect(Buffer.byteLength(data)).toBeLessThanOrEqual(64);
      expect(parseCallbackData(data)).toEqual(meant);
    }),
  );
});

test('of anything else nothing is read, or exactly what stands there', () => {
  const near = fc.tuple(press, fc.string(), fc.nat(70)).map(([meant, noise, at]) => {
    const data = toCallbackData(meant);
    return data.slice(0, at) + noise + data.slice(at);
  });
  const parts = fc.array(
    fc.constantFrom('chat', 'to', 'menu', 'accept', 'online', '1', '', 'pass'),
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        near,
        parts.map((list) => list.join(':')),
      ),
      (data) => {
        const read = parseCallbackData(data);
        expect(read === undefined ? data : toCallbackData(read)).toBe(data);
      },
    ),
  );
});
