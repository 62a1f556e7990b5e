import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { readChannels, readEndpoint, readVersion } from '../../shared/asterisk/answers.ts';
import * as commands from '../../shared/asterisk/commands.ts';
import { deadlineIn } from '../../shared/asterisk/pool.ts';
import { createOriginate } from '../../shared/originates/originate.ts';
import { insertEnterprise, NUMBER, secrets, useDatabase } from '../support/database.ts';
import { cli, startAgain } from './real-box.ts';
import { boxOf, channels, hangUpAll, newPool, realBox, theBox, until } from './world.ts';

const soon = () => ({ deadline: deadlineIn(5_000) });
const pid = (): number => Number(readFileSync(`${theBox().folder}/asterisk.pid`, 'utf8'));

describe.skipIf(!realBox)('the way to a real box', () => {
  test('password and key, root and the restricted user, pin the host key and speak to Asterisk', async () => {
    const { privateKey, password, folder } = theBox();
    const line = readFileSync(`${folder}/root/etc/ssh/ssh_host_ed25519_key.pub`, 'utf8');
    const key = Buffer.from(line.split(' ')[1] ?? '', 'base64');
    const fingerprint = `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;
    for (const login of [
      { user: 'root', credentials: { password } },
      { user: 'root', credentials: { privateKey } },
      { user: 'trunkline', credentials: { privateKey } },
    ]) {
      const pinned: Record<string, string> = {};
      const pool = newPool(pinned);
      const text = await pool.run(boxOf(login), [commands.showVersion()], soon());
      pool.close();
      expect(readVersion(text)).toMatch(/^2\d\.\d+/);
      expect(pinned).toEqual({ [NUMBER]: fingerprint });
    }
  });

  test('a host key that changed is refused before anything is said', async () => {
    const pool = newPool();
    const box = boxOf({ hostKey: `SHA256:${'A'.repeat(43)}` });
    const asked = pool.run(box, [commands.showVersion()], soon());
    await expect(asked).rejects.toMatchObject({ problem: 'host_key_changed' });
    pool.close();
  });

  test('the restricted user gets no shell', async () => {
    const { Client } = await import('ssh2');
    const client = new Client();
    await new Promise<void>((resolve, reject) => {
      client.once('ready', resolve).once('error', reject);
      const { sshPort: port, privateKey } = theBox();
      client.connect({ host: '127.0.0.1', port, username: 'trunkline', privateKey });
    });
    const said = await new Promise<string>((resolve, reject) => {
      client.exec('id', (error, channel) => {
        if (error) return reject(error);
        let text = '';
        channel.on('data', (part: Buffer) => (text += part.toString()));
        channel.once('close', () => resolve(text));
      });
    });
    client.end();
    expect(said).not.toContain('uid=');
  });

  test('phones: registered, not registered, absent', async () => {
    const pool = newPool();
    const stateOf = async (extension: string) => {
      const command = commands.showEndpoint(commands.readExtension(extension));
      return readEndpoint(await pool.run(boxOf(), [command], soon()))?.state;
    };
    expect([await stateOf('152'), await stateOf('151'), await stateOf('199')]).toEqual([
      'registered',
      'unregistered',
      'absent',
    ]);
    pool.close();
  });

  test('fifty commands at once over one connection are all answered', async () => {
    const pool = newPool();
    const asked = Array.from({ length: 50 }, () =>
      pool.run(boxOf(), [commands.showUptime()], soon()),
    );
    for (const text of await Promise.all(asked)) expect(text).toMatch(/^System uptime: \d+$/m);
    pool.close();
  });
});

describe.skipIf(!realBox)('click-to-call on a real Asterisk', () => {
  const { db } = useDatabase();
  const pool = newPool();
  const defaults = {
    ASTERISK_SSH_PORT: 5059,
    ASTERISK_SSH_USER: 'root',
    ASTERISK_SSH_PASSWORD: undefined,
    ASTERISK_SSH_KEY: undefined,
  };
  const originate = createOriginate({ db, boxes: pool, access: { secrets, defaults } });
  const call = (extension: string, phone: string) =>
    originate({ enterpriseNumber: NUMBER, extension, phone, source: 'external' });

  beforeAll(async () => {
    await insertEnterprise(db);
    const { sshPort, password } = theBox();
    await db`
      update enterprises
      set ip = '127.0.0.1', ssh_port = ${sshPort}, ssh_user = 'root', ssh_credentials = ${secrets.seal(password)}`;
  });
  beforeEach(() => db`truncate originates, rate_buckets`);
  afterEach(() => hangUpAll());
  afterAll(() => pool.close());

  test("rings the extension's phone, then the client's, and both talk", async () => {
    const placed = await call('152', '+375291110001');
    expect(placed).toMatchObject({ placed: true, warning: null });
    await until(
      async () => {
        const all = await channels();
        const ours = all.find(({ name }) => name.startsWith('PJSIP/152-'));
        const theirs = all.find(({ name }) => name.startsWith('PJSIP/0001367-'));
        return ours?.bridgeId && theirs?.bridgeId;
      },
      { what: 'the conversation' },
    );
  });

  test('an extension that does not exist is refused, and nothing rings', async () => {
    expect(await call('999', '+375291110001')).toMatchObject({
      placed: false,
      problem: 'no_extension',
      reason: 'Extension 999 does not exist on this PBX',
    });
    expect(await channels()).toEqual([]);
  });

  test('a phone that is not registered is called all the same, with a warning', async () => {
    expect(await call('151', '+375291110001')).toMatchObject({
      placed: true,
      warning: expect.stringContaining('151') as string,
    });
  });

  test('an Asterisk that hangs does nothing after we gave up', async () => {
    await pool.run(boxOf(), [commands.countChannels()], soon());
    process.kill(pid(), 'SIGSTOP');
    try {
      const [extension, phone] = [
        commands.readExtension('152'),
        commands.readPhone('375291110009'),
      ];
      const command = commands.originate(extension, phone, commands.readContext('inoffice'));
      const asked = pool.run(boxOf(), [command], { deadline: deadlineIn(1_500) });
      await expect(asked).rejects.toMatchObject({ problem: 'timeout' });
    } finally {
      process.kill(pid(), 'SIGCONT');
    }
    await sleep(2_500);
    expect(readChannels(await cli(theBox(), 'core show channels concise'))).toEqual([]);
  });

  test('an Asterisk that is stopped is said to be', async () => {
    await cli(theBox(), 'core stop now').catch(() => {});
    await until(async () => {
      try {
        process.kill(pid(), 0);
        return false;
      } catch {
        return true;
      }
    });
    try {
      const asked = pool.run(boxOf(), [commands.showVersion()], soon());
      await expect(asked).rejects.toMatchObject({ problem: 'not_running' });
      expect(await call('152', '+375291110002')).toMatchObject({
        placed: false,
        reason: expect.stringContaining('not running') as string,
      });
    } finally {
      await startAgain(theBox());
    }
    const text = await pool.run(boxOf(), [commands.showVersion()], soon());
    expect(readVersion(text)).toBeDefined();
  });
});
