import { describe, expect, test } from 'vitest';

import { TimewebServer } from '../../shared/timeweb/schema.ts';
import { getPrimaryIp, parseConfiguration } from '../../shared/timeweb/server.ts';

const read = (server: object) => TimewebServer.parse({ id: 1, ...server });

describe('a configuration in words', () => {
  test.each<[string, object, string | null]>([
    [
      'all of it',
      {
        cpu: 2,
        ram: 2048,
        disks: [{ size: 25_600, type: 'ssd' }],
        os: { name: 'ubuntu', version: '22.04' },
      },
      '2 CPU / 2GB RAM / 25GB SSD / Ubuntu 22.04',
    ],
    [
      'several disks, an NVMe is an SSD',
      { cpu: 1, ram: 512, disks: [{ size: 10_240, type: 'nvme' }, { size: 5_120 }] },
      '1 CPU / 0.5GB RAM / 15GB SSD',
    ],
    ['a slow disk', { disks: [{ size: 102_400, type: 'hdd' }] }, '100GB HDD'],
    ['a name that is written in its own way', { os: { name: 'centos', version: '7' } }, 'CentOS 7'],
    ['an unknown system', { os: { name: 'haiku', version: null } }, 'Haiku'],
    ['nothing', {}, null],
    ['null everywhere', { cpu: null, ram: null, disks: null, os: null }, null],
  ])('%s', (_what, server, expected) => {
    expect(parseConfiguration(read(server))).toBe(expected);
  });
});

describe('the address', () => {
  const v4 = { type: 'ipv4', ip: '203.0.113.10', is_main: true };
  const second = { type: 'ipv4', ip: '203.0.113.11', is_main: false };
  const v6 = { type: 'ipv6', ip: '2001:db8::10', is_main: true };
  const local = { type: 'local', ips: [{ type: 'ipv4', ip: '192.168.0.4', is_main: true }] };

  test.each<[string, unknown, string | null]>([
    ['the main one', [local, { type: 'public', ips: [v6, second, v4] }], '203.0.113.10'],
    ['another one', [{ type: 'public', ips: [v6, second] }], '203.0.113.11'],
    ['the new kind only', [{ type: 'public', ips: [v6] }], '2001:db8::10'],
    ['of a private network only', [local], null],
    ['null', [{ type: 'public', ips: null }], null],
    ['no networks', null, null],
    [
      'a network that is none',
      [null, 'public', { type: 'public', ips: [null, v4] }],
      '203.0.113.10',
    ],
  ])('%s', (_what, networks, expected) => {
    expect(getPrimaryIp(read({ networks }))).toBe(expected);
  });
});
