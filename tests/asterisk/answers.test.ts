import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import * as answers from '../../shared/asterisk/answers.ts';

// All of it printed by a real Asterisk 22.10.1 on 2026-11-21.

const CHANNELS = `Local/150@inoffice-00000001;2!inoffice!150!4!Ring!Dial!PJSIP/150,30,tT!!!!3!0!!1795267125.3
Local/150@inoffice-00000001;1!inoffice!150!1!Ringing!AppDial2!(Outgoing Line)!150!!!3!0!!1795267125.2
PJSIP/0001367-00000000!waitredirect!375173000000!2!Up!Wait!10!375!29!!!3!12!d6f83135-5ed5-4b3a-bbaa-f065dd377ee3!1795220714.0
`;

describe('channels', () => {
  test('all of them, also behind other answers', () => {
    const text = `System uptime: 12\n\n[ Context 'inoffice' created by 'pbx_config' ]\n${CHANNELS}`;
    expect(answers.readChannels(text).map(({ name }) => name)).toEqual([
      'Local/150@inoffice-00000001;2',
      'Local/150@inoffice-00000001;1',
      'PJSIP/0001367-00000000',
    ]);
  });

  test('a caller id with the separator in it shifts nothing', () => {
    expect(answers.readChannels(CHANNELS)[2]).toEqual({
      name: 'PJSIP/0001367-00000000',
      context: 'waitredirect',
      exten: '375173000000',
      priority: '2',
      state: 'Up',
      application: 'Wait',
      data: '10!375',
      callerId: '29',
      seconds: 12,
      bridgeId: 'd6f83135-5ed5-4b3a-bbaa-f065dd377ee3',
      uniqueId: '1795220714.0',
    });
  });

  test('whatever a caller calls himself, the ends are read', () => {
    fc.assert(
      fc.property(
        fc.string().filter((text) => !text.includes('\n')),
        (callerId) => {
          const line = `PJSIP/1-0!waitredirect!9!2!Up!Wait!10!${callerId}!!!3!7!!1795220714.0`;
          expect(answers.readChannels(line)).toMatchObject([
            { context: 'waitredirect', state: 'Up', seconds: 7, uniqueId: '1795220714.0' },
          ]);
        },
      ),
      { numRuns: 10_000 },
    );
  }, 60_000);
});

describe('a dialplan', () => {
  test.each([
    ["[ Context 'inoffice' created by 'pbx_config' ]\n  '_1XX' => 1. NoOp()\n", 'exists'],
    [
      "There is no existence of 999@inoffice extension\nCommand 'dialplan show 999@inoffice' failed.\n",
      'no_extension',
    ],
    [
      "There is no existence of 'nosuch' context\nCommand 'dialplan show 150@nosuch' failed.\n",
      'no_context',
    ],
    ['', undefined],
  ])('%j', (text, expected) => {
    expect(answers.readDialplan(text)).toBe(expected);
  });
});

describe('an endpoint', () => {
  const head =
    ' Endpoint:  <Endpoint/CID.....................................>  <State.....>  <Channels.>\n';
  test.each([
    [
      `${head} Endpoint:  150/150                                              In use        1 of inf\n`,
      'registered',
    ],
    [
      `${head} Endpoint:  150/150                                              Not in use    0 of inf\n`,
      'registered',
    ],
    [
      `${head} Endpoint:  151/151                                              Unavailable   0 of inf\n`,
      'unregistered',
    ],
    ['Unable to find object 199.\n\n', 'absent'],
  ])('%#: %s', (text, state) => {
    expect(answers.readEndpoint(text)).toEqual({ state });
  });

  test('nobody knows where there is no PJSIP', () => {
    const text =
      "No such command 'pjsip show endpoint 150' (type 'core show help pjsip' for other possible commands)\n";
    expect(answers.readEndpoint(text)).toBeUndefined();
    expect(answers.isUnknown(text, 'pjsip show endpoint 150')).toBe(true);
    expect(answers.isUnknown(text, 'channel originate')).toBe(false);
  });
});

test('version, uptime and counts in one text', () => {
  const text =
    'Asterisk 22.10.1+dfsg+~cs6.17.60671434-1 built by nobody @ buildd.debian.org on a unknown running Linux on 2026-07-20 21:35:32 UTC\nSystem uptime: 138\nLast reload: 138\n1 active channel\n1 active call\n7 calls processed\n';
  expect(answers.readVersion(text)).toBe('22.10.1+dfsg+~cs6.17.60671434-1');
  expect(answers.readUptime(text)).toBe(138);
  expect(answers.readCounts(text)).toEqual({ channels: 1, calls: 1 });
});

describe('a redirect and a hangup', () => {
  test.each([
    [
      "\n    -- Channel variable 'WHO' set to 'PJSIP/152' for 'PJSIP/1-0'\nChannel 'PJSIP/1-0' successfully redirected to web-zapros,1,1\n",
      'redirected',
    ],
    ["Channel 'PJSIP/1-0' not found\nCommand 'channel redirect …' failed.\n", 'not_found'],
    ['', 'refused'],
  ])('%j', (text, expected) => {
    expect(answers.readRedirect(text)).toBe(expected);
  });

  test.each([
    ["Requested Hangup on channel 'PJSIP/150-00000000'\n", 'requested'],
    ['PJSIP/x-1 is not a known channel\n', 'not_found'],
    ['', 'refused'],
  ])('%j', (text, expected) => {
    expect(answers.readHangup(text)).toBe(expected);
  });
});
