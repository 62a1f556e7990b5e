import fc from 'fast-check';
import { expect, test } from 'vitest';

import { toLine } from '../../shared/calls/call-table.ts';

test.each([
  [['a', 1, null, ''], 'a;1;;\r\n'],
  [['a;b', 'a"b', 'a\nb'], '"a;b";"a""b";"a\nb"\r\n'],
  [['=1+1', '+1', '-1', '@A1', '|x', '%x'], "'=1+1;'+1;'-1;'@A1;'|x;'%x\r\n"],
  [['\t=1', '  =1'], '"\'\t=1";\'  =1\r\n'],
  [[-5], '-5\r\n'],
])('%j becomes %j', (cells, line) => {
  expect(toLine(cells)).toBe(line);
});

test('no text begins a formula', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      const [first] = toLine([text]).replace(/^"/, '').trimStart();
      expect(first ?? '').not.toMatch(/[=+\-@]/);
    }),
  );
});
