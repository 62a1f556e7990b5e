import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import * as commands from '../../shared/asterisk/commands.ts';
import { AppError } from '../../shared/errors.ts';

const RUNS = 10_000;

const DANGEROUS = [
  '$(touch /tmp/pwn)',
  '`touch /tmp/pwn`',
  '1"; touch /tmp/pwn; echo "',
  "1'; touch /tmp/pwn; '",
  '150@inoffice&LOCAL/152',
  '152@inoffice,30,G(sim-phone^150^1)',
  '152@web-zapros',
  '${SHELL(touch /tmp/x)}',
  '150\ncore stop now',
  '150\0core stop now',
  '150 application System "touch /tmp/x"',
  '!touch /tmp/x',
  '150\r\n',
  '１５０',
  '150\u2028',
  'PJSIP/150-1;1;2',
  'PJSIP/150;touch',
  '../../etc/passwd',
];

/** Nothing like a number, things that are nearly one, and both glued together. */
const hostile = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'grapheme-composite', maxLength: 60 }),
  fc.stringMatching(/^[0-9+*#()\- ]{0,20}$/),
  fc.constantFrom(...DANGEROUS),
  fc
    .tuple(fc.stringMatching(/^\d{1,4}$/), fc.constantFrom(...DANGEROUS), fc.string())
    .map((parts) => parts.join('')),
  fc
    .tuple(
      fc.constantFrom('PJSIP/', 'SIP/', 'Local/', ''),
      fc.string({ maxLength: 30 }),
      fc.constantFrom('', ';1', ';2', ';3', '; rm'),
    )
    .map((parts) => parts.join('')),
);

/** What came through, or nothing when it was refused; anything but a 422 fails the test. */
function passing<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    expect(error).toBeInstanceOf(AppError);
    expect(error).toMatchObject({ status: 422 });
    return undefined;
  }
}

const EXT = '[0-9*#]{1,10}';
const PHONE = '\\+?[0-9]{3,15}';
const CONTEXT = '[A-Za-z0-9_-]{1,40}';
const CHANNEL = '[A-Za-z0-9]+\\/[A-Za-z0-9@._+-]+(;[12])?';
const exactly = (pattern: string): RegExp => new RegExp(`^${pattern}$`);

test(`of ${RUNS} hostile inputs nothing but the intended command comes out`, () => {
  fc.assert(
    fc.property(hostile, hostile, hostile, hostile, (one, two, three, four) => {
      const extension = passing(() => commands.readExtension(one));
      const phone = passing(() => commands.readPhone(two));
      const context = passing(() => commands.readContext(three));
      const channel = passing(() => commands.readChannel(four));
      if (extension && phone && context) {
        expect(commands.originate(extension, phone, context)).toMatch(
          exactly(
            `channel originate LOCAL/${EXT}@${CONTEXT} application Dial LOCAL/${PHONE}@${CONTEXT}`,
          ),
        );
      }
      if (extension && context)
        expect(commands.showDialplan(extension, context)).toMatch(
          exactly(`dialplan show ${EXT}@${CONTEXT}`),
        );
      if (channel && extension)
        expect(commands.setWho(channel, 'PJSIP', extension)).toMatch(
          exactly(`dialplan set chanvar ${CHANNEL} WHO PJSIP/${EXT}`),
        );
      if (channel && context)
        expect(commands.redirect(channel, context)).toMatch(
          exactly(`channel redirect ${CHANNEL} ${CONTEXT},1,1`),
        );
      if (channel)
        expect(commands.hangUp(channel)).toMatch(exactly(`channel request hangup ${CHANNEL}`));
    }),
    { numRuns: RUNS },
  );
}, 60_000);

test(`of ${RUNS} inputs that are right none is refused, and it arrives as it is`, () => {
  fc.assert(
    fc.property(
      fc.stringMatching(exactly(EXT)),
      fc.stringMatching(exactly(PHONE)),
      fc.stringMatching(/^[A-Za-z0-9]{1,8}\/[A-Za-z0-9@._+-]{1,60}(;[12])?$/),
      (extension, phone, channel) => {
        expect(commands.readExtension(extension)).toBe(extension);
        expect(commands.readPhone(phone)).toBe(phone);
        expect(commands.readChannel(channel)).toBe(channel);
      },
    ),
    { numRuns: RUNS },
  );
}, 60_000);

describe('a phone as people write it', () => {
  test.each([
    ['+375 (29) 111-00-01', '+375291110001'],
    ['8 029 111-00-01', '80291110001'],
    ['[375]291110001', '375291110001'],
  ])('%s', (text, read) => {
    expect(commands.readPhone(text)).toBe(read);
  });

  test.each([
    '',
    '12',
    '+',
    '++375291110001',
    '375291110001+',
    '3752911100011234',
    '375.29',
    '３７５',
  ])('%j is none', (text) => {
    expect(() => commands.readPhone(text)).toThrow('phone');
  });
});

test.each(DANGEROUS)('refused, with the field named: %j', (text) => {
  for (const read of [commands.readExtension, commands.readPhone, commands.readChannel]) {
    expect(passing(() => read(text, 'here'))).toBeUndefined();
  }
  expect(() => commands.readExtension(text, 'code')).toThrow('code: ');
});
