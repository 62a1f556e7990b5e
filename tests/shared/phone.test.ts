import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { formatPhone } from '../../shared/phone.ts';

describe('a number is shown the way people of its country read it', () => {
  test.each([
    ['of a mobile in Belarus', '375291110001', '+375 (29) 111-00-01'],
    ['of a desk in Minsk', '375172110001', '+375 (17) 211-00-01'],
    ['of Russia', '74950000000', '+7 (495) 000-00-00'],
    ['of Kazakhstan', '77010000000', '+7 (701) 000-0000'],
    ['of Poland', '48221110001', '+48 (22) 111-00-01'],
    ['of the United States', '12125550123', '+1 (212) 555-0123'],
    ['of Britain', '442079460000', '+44 (20) 7946-0000'],
  ])('%s', (_whose, digits, shown) => {
    expect(formatPhone(digits)).toBe(shown);
  });
});

describe('what is no international number is shown as it came', () => {
  test.each([
    ['a short code', '103'],
    ['an extension', '151'],
    ['a line', '0001363'],
    ['a number as it is dialled inside the country', '80291110001'],
    ['a number cut short', '3752911100'],
    ['two numbers in one', '375291110001375291110001'],
    ['a number with a zero of the country in the middle', '4905124455'],
    ['nothing', ''],
    ['no number at all', '<unknown>'],
  ])('%s: "%s"', (_what, digits) => {
    expect(formatPhone(digits)).toBe(digits);
  });
});

test('no digit is lost or made up, whatever the number', () => {
  const Digits = fc.stringMatching(/^\d{0,20}$/);
  fc.assert(
    fc.property(Digits, (digits) => {
      expect(formatPhone(digits).replaceAll(/\D/g, '')).toBe(digits);
    }),
    { numRuns: 1000 },
  );
});
