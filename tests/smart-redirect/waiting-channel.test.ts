import { expect, test } from 'vitest';

import { readChannels } from '../../shared/asterisk/answers.ts';
import { findWaiting } from '../../shared/smart-redirect/waiting-channel.ts';

/** As a real Asterisk 22 printed them. */
const CHANNELS = readChannels(
  [
    'PJSIP/0001367-00000000!waitredirect!375173000000!2!Up!Wait!10!375291234567!!!3!1!!1795217496.0',
    'PJSIP/0001367-00000001!smart-redirect-start!375173000000!8!Up!Set!x=1!375!29!!!3!1!!1795217496.1',
    'PJSIP/0001367-00000002!incoming-office!375173000000!2!Up!Dial!PJSIP/150,30!375291234568!!!3!1!d6f83135!1795217496.2',
    'Local/375173000000@incoming-00000000;2!waitredirect!375173000000!2!Up!Wait!10!!!!3!3!!1795217613.6',
    'Local/375173000000@incoming-00000000;1!incoming!375173000000!1!Up!Wait!40!!!!3!3!!1795217613.5',
  ].join('\n'),
);
const CONTEXTS = ['waitredirect', 'smart-redirect-start'];
const find = (channel: string | null, uniqueId: string | null = null) => {
  const found = findWaiting(CHANNELS, { channel, uniqueId }, CONTEXTS);
  return 'channel' in found ? found.channel.name : found.reason;
};

test('by its name, or by its unique id', () => {
  expect(find('PJSIP/0001367-00000000')).toBe('PJSIP/0001367-00000000');
  expect(find(null, '1795217496.1')).toBe('PJSIP/0001367-00000001');
  expect(find('SIP/renamed-00000000', '1795217496.0')).toBe('PJSIP/0001367-00000000');
});

test('of a Local pair the half that runs the dialplan', () => {
  const half = 'Local/375173000000@incoming-00000000;2';
  expect(find(half)).toBe(half);
  expect(find(half.replace(';2', ';1'))).toBe(half);
  expect(find(null, '1795217613.5')).toBe(half);
});

test('one that talks is left alone, one that is not there is gone', () => {
  expect(find('PJSIP/0001367-00000002')).toBe('not_waiting');
  expect(find('PJSIP/0001367-0000000f', '1795217496.99')).toBe('channel_gone');
  expect(find(null)).toBe('channel_gone');
});
