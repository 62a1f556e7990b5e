import { expect, test } from 'vitest';

import { receiveInRing } from '../../shared/asterisk/received.ts';

/** As Node does it: asks where to, writes there, and tells how much. */
function receiving(isLasting: () => boolean) {
  const pieces: Buffer[] = [];
  const onread = receiveInRing(isLasting, (piece) => pieces.push(piece));
  const receive = (length: number, value: number): void => {
    const target = typeof onread.buffer === 'function' ? onread.buffer() : onread.buffer;
    target.fill(value, 0, length);
    onread.callback(length, target);
  };
  return { pieces, receive };
}

test('a piece stays as it came until 128 KB more have come, whatever the reads are', () => {
  const { pieces, receive } = receiving(() => false);
  const lengths = [65_536, 1, 40_000, 65_536, 17, 65_535, 3, 30_000];
  for (let round = 0; round < 400; round += 1) {
    receive(lengths[round % lengths.length] ?? 1, round % 251);
    let since = 0;
    for (let back = round; back >= 0 && since <= 128 * 1024; back -= 1) {
      const piece = pieces[back];
      expect(piece?.every((byte) => byte === back % 251)).toBe(true);
      since += piece?.length ?? 0;
    }
  }
});

test('the memory is used again', () => {
  const { pieces, receive } = receiving(() => false);
  for (let round = 0; round < 50; round += 1) receive(65_536, 1);
  expect(new Set(pieces.map(({ buffer }) => buffer)).size).toBe(1);
});

test('what is to last is not written over', () => {
  const { pieces, receive } = receiving(() => true);
  for (let round = 0; round < 50; round += 1) receive(65_536, round);
  pieces.forEach((piece, round) => expect(piece.every((byte) => byte === round)).toBe(true));
});
