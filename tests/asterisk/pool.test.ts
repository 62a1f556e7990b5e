import net from 'node:net';

import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

import type { AsteriskError } from '../../shared/asterisk/asterisk-error.ts';
import type { Box } from '../../shared/asterisk/box.ts';
import * as commands from '../../shared/asterisk/commands.ts';
import { createPool, deadlineIn, type Pool } from '../../shared/asterisk/pool.ts';
import { newHostKey, newKeyPair, type SshMode } from '../peers/asterisk-ssh.ts';
import { type AsteriskPeer, createAsterisk } from '../peers/asterisk.ts';
import { looksLikeKey } from '../support/private-key.ts';

let peer: AsteriskPeer;
let port: number;
let asked: string[];
let pinned: Map<string, string>;
let pool: Pool;

const noJournal = () => ({
  arrive: (entry: { path: string; body: unknown }) => {
    asked.push(`${(entry.body as { via: string }).via}: ${entry.path}`);
    return entry as never;
  },
  judge: () => {},
  close: () => {},
  touch: () => {},
});

beforeEach(async () => {
  asked = [];
  pinned = new Map();
  peer = createAsterisk({ now: Date.now });
  port = await peer.listen(noJournal(), 0);
  pool = createPool({
    pin: async (number, fingerprint) => {
      if (!pinned.has(number)) pinned.set(number, fingerprint);
      return pinned.get(number) ?? '';
    },
  });
});
afterEach(async () => {
  pool.close();
  await peer.close();
  vi.useRealTimers();
});

const box = (changed: Partial<Box> = {}): Box => ({
  enterpriseNumber: '0367',
  host: '127.0.0.1',
  port,
  user: 'root',
  credentials: { password: 'demo-asterisk-0367' },
  hostKey: pinned.get('0367') ?? null,
  ...changed,
});
const mode = (wanted: SshMode) => {
  peer.account('0367').mode = wanted;
};
const uptime = [commands.showUptime()];
const run = (wanted = uptime, changed: Partial<Box> = {}, ms = 5_000) =>
  pool.run(box(changed), wanted, { deadline: deadlineIn(ms) });
const problemOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'none',
    (error: unknown) => (error as AsteriskError).problem,
  );

const call = () =>
  commands.originate(
    commands.readExtension('150'),
    commands.readPhone('375291110001'),
    commands.readContext('inoffice'),
  );

describe('commands', () => {
  test('go through the control socket, several in one write', async () => {
    const text = await run([commands.showVersion(), commands.showUptime()]);
    expect(text).toMatch(
      /^Asterisk 22\.10\.1\S* built by .*\nSystem uptime: \d+\nLast reload: \d+\n$/,
    );
    expect(asked).toEqual(['socket: core show version', 'socket: core show uptime seconds']);
  });

  test('use one connection, and Nagle is off on it', async () => {
    const noDelay = vi.spyOn(net.Socket.prototype, 'setNoDelay');
    await Promise.all(Array.from({ length: 20 }, () => run()));
    await run();
    expect(peer.ssh.connections()).toBe(1);
    expect(noDelay).toHaveBeenCalledWith(true);
    noDelay.mockRestore();
  });

  test('fifty at once all come through: the rest waits in line', async () => {
    const results = await Promise.all(Array.from({ length: 50 }, () => run([call()])));
    expect(results).toEqual(Array.from({ length: 50 }, () => ''));
    expect(peer.account('0367').box.originated()).toHaveLength(50);
    expect(asked.every((line) => line.startsWith('socket: '))).toBe(true);
  });

  test('that do not fit into one write are refused before anything is sent', async () => {
    const long = Array.from({ length: 7 }, call);
    await expect(run(long)).rejects.toMatchObject({ status: 422 });
    expect(peer.ssh.connections()).toBe(0);
  });
});

describe('when the socket does not open', () => {
  test('five tries more, then this one command by a process', async () => {
    mode('no_sockets');
    expect(await run()).toMatch(/^System uptime: /);
    expect(asked).toEqual(['process: core show uptime seconds']);
  });

  test('after three in a row processes are taken at once, and one good socket forgets the row', async () => {
    mode('no_sockets');
    await run();
    await run();
    mode('ok');
    await run();
    mode('no_sockets');
    await run();
    await run();
    await run();
    mode('ok');
    await run();
    expect(asked.map((line) => line.split(':')[0])).toEqual([
      'process',
      'process',
      'socket',
      'process',
      'process',
      'process',
      'process',
    ]);
  });

  test('Asterisk is not running', async () => {
    mode('stopped');
    expect(await problemOf(run())).toBe('not_running');
  });
});

describe('Asterisk hangs', () => {
  test('nothing is written, so nothing happens later', async () => {
    mode('hang');
    expect(await problemOf(run([call()], {}, 400))).toBe('timeout');
    mode('ok');
    expect(await run()).toMatch(/^System uptime: /);
    expect(asked).toEqual(['socket: core show uptime seconds']);
    expect(peer.account('0367').box.originated()).toEqual([]);
  });

  test('all consoles are taken', async () => {
    mode('full');
    await expect(run()).rejects.toMatchObject({
      problem: 'command_refused',
      message: expect.stringContaining('No more connections allowed'),
    });
  });
});

describe('the connection breaks', () => {
  test('between two commands: replaced, and the command sent', async () => {
    await run();
    peer.ssh.cutAll();
    expect(await run()).toMatch(/^System uptime: /);
    expect(peer.ssh.connections()).toBe(2);
  });

  test('in the middle of a command: the outcome is unknown, and it is not sent again', async () => {
    mode('drop');
    expect(await problemOf(run([call()]))).toBe('outcome_unknown');
    expect(peer.account('0367').box.originated()).toHaveLength(1);
    mode('ok');
    expect(await run()).toMatch(/^System uptime: /);
  });

  test('before the handshake: knocked at three times', async () => {
    mode('cut_before_handshake');
    expect(await problemOf(run())).toBe('unreachable');
    expect(peer.ssh.connections()).toBe(3);
  });

  test('silence instead of SSH: our time is the limit', async () => {
    mode('silent');
    expect(await problemOf(run(uptime, {}, 300))).toBe('timeout');
  });

  test('nobody listens', async () => {
    expect(await problemOf(run(uptime, { port: 1 }))).toBe('unreachable');
  });
});

describe('a connection that rested', () => {
  test('and does not wake within half a second is replaced', async () => {
    await run();
    const { ssh } = peer;
    // Frozen: packets arrive, nobody answers them.
    ssh.freeze();
    const later = Date.now() + 31_000;
    vi.spyOn(Date, 'now').mockImplementation(() => later);
    const before = performance.now();
    expect(await run()).toMatch(/^System uptime: /);
    expect(performance.now() - before).toBeGreaterThan(400);
    expect(ssh.connections()).toBe(2);
    vi.mocked(Date.now).mockRestore();
  });
});

describe('logging in', () => {
  test('a wrong password is not tried again for a minute, a new one is', async () => {
    const wrong = { credentials: { password: 'wrong' } };
    expect(await problemOf(run(uptime, wrong))).toBe('authentication_refused');
    expect(await problemOf(run(uptime, wrong))).toBe('authentication_refused');
    expect(peer.ssh.connections()).toBe(1);
    expect(await run()).toMatch(/^System uptime: /);

    const now = Date.now();
    expect(await problemOf(run(uptime, wrong))).toBe('authentication_refused');
    const tried = peer.ssh.connections();
    vi.spyOn(Date, 'now').mockImplementation(() => now + 61_000);
    expect(await problemOf(run(uptime, wrong))).toBe('authentication_refused');
    expect(peer.ssh.connections()).toBe(tried + 1);
    vi.mocked(Date.now).mockRestore();
  });

  test('by a key', async () => {
    const key = newKeyPair();
    peer.ssh.authorize('root', key.public, peer.account('0367').box);
    const credentials = { privateKey: key.private };
    expect(await run(uptime, { credentials })).toMatch(/^System uptime: /);
    const other = newKeyPair().private;
    expect(await problemOf(run(uptime, { credentials: { privateKey: other } }))).toBe(
      'authentication_refused',
    );
  });

  test('what is stored as a key and is none is refused without a word of it', async () => {
    const privateKey = looksLikeKey('c2VjcmV0LW9mLXRoZS1ib3g=');
    const error = await run(uptime, { credentials: { privateKey } }).catch(
      (caught: unknown) => caught,
    );
    expect(error).toMatchObject({ problem: 'authentication_refused' });
    expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain('c2Vj');
  });

  test('no error holds the password', async () => {
    const error = await run(uptime, { credentials: { password: 'very-secret' } }).catch(
      (caught: unknown) => caught,
    );
    expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain('very-secret');
  });
});

describe('the host key', () => {
  test('is pinned by the first contact', async () => {
    await run();
    expect([...pinned]).toEqual([['0367', expect.stringMatching(/^SHA256:[A-Za-z0-9+/]{43}$/)]]);
  });

  test('another one later is refused, and shown', async () => {
    await run();
    const known = pinned.get('0367') ?? '';
    peer.ssh.changeHostKey();
    peer.ssh.cutAll();
    const error = await run().catch((caught: unknown) => caught as AsteriskError);
    expect(error).toMatchObject({ problem: 'host_key_changed' });
    const { offeredKey = '' } = error as AsteriskError;
    expect(offeredKey).toMatch(/^SHA256:/);
    expect(offeredKey).not.toBe(known);
    expect(await run(uptime, { hostKey: offeredKey })).toMatch(/^System uptime: /);
  });

  test('two instances that meet the box first agree on one key', async () => {
    await run();
    peer.ssh.changeHostKey(newHostKey());
    const late = createPool({ pin: async () => pinned.get('0367') ?? '' });
    const work = late.run(box({ hostKey: null }), uptime, { deadline: deadlineIn(5_000) });
    expect(await problemOf(work)).toBe('host_key_changed');
    late.close();
  });

  test('a connection of another key than the one that counts now is not used', async () => {
    await run();
    expect(await problemOf(run(uptime, { hostKey: 'SHA256:of-another-box' }))).toBe(
      'host_key_changed',
    );
  });
});

test('the clock of the box', async () => {
  const clock = await pool.readClock(box(), { deadline: deadlineIn(5_000) });
  expect(Math.abs((clock ?? 0) - Date.now())).toBeLessThan(2_000);
});

test('two enterprises have a connection each', async () => {
  await run();
  const other = { enterpriseNumber: '0368', credentials: { password: 'demo-asterisk-0368' } };
  await run(uptime, { ...other, hostKey: null });
  expect(peer.ssh.connections()).toBe(2);
});
