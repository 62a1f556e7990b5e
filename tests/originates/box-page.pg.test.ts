import { describe, expect, test } from 'vitest';

import { createBoxCheck } from '../../shared/asterisk/check-boxes.ts';
import { insertLogin, startSession } from '../auth/people.ts';
import { NUMBER, useDatabase } from '../support/database.ts';
import { SECRET, useBox, useClicks } from './world.ts';

const { db } = useDatabase();
const world = useBox(db);
const { ask, click, row } = useClicks(db, world);

describe("the box's page", () => {
  const bearer = { authorization: `Bearer ${SECRET}` };
  const path = (rest: string) => `/enterprise/${NUMBER}/asterisk/${rest}`;

  test('shows how it is', async () => {
    expect((await ask({ path: path('status'), headers: bearer })).json).toEqual({
      reachable: true,
      problem: null,
      version: '22.10.1+dfsg+~cs6.17.60671434-1',
      uptime_seconds: expect.any(Number),
      active_channels: 0,
      active_calls: 0,
      ssh_fingerprint: expect.stringMatching(/^SHA256:/),
      offered_fingerprint: null,
      latency_ms: expect.any(Number),
      clock_difference_ms: expect.any(Number),
      last_seen_at: expect.any(String),
    });
  });

  test('lists channels, and ends one', async () => {
    await click();
    const { json } = await ask({ path: path('channels'), headers: bearer });
    const { items } = json as { items: { channel: string }[] };
    expect(items).toContainEqual({
      channel: expect.stringMatching(/^PJSIP\/150-/),
      extension: '150',
      phone: null,
      state: expect.any(String),
      seconds: 0,
      context: 'inoffice',
      unique_id: expect.any(String),
    });
    const hangUp = (channel: string) =>
      ask({ method: 'POST', path: path('hangup'), headers: bearer, body: { channel } });
    const first = items[0]?.channel ?? '';
    expect(await hangUp(first)).toMatchObject({ status: 200 });
    expect(await hangUp(first)).toMatchObject({ status: 404 });
    expect(await hangUp('PJSIP/1; core stop now')).toMatchObject({ status: 422 });
  });

  test('a new host key: told once, refused, accepted, told again', async () => {
    const alerts: string[] = [];
    const check = createBoxCheck({
      db,
      boxes: world.boxes,
      access: world.access,
      alert: async (_key, text) => void alerts.push(text),
    });
    expect(await check()).toMatchObject({ boxes: 1, seen: 1, unseen: 0 });
    const [known] = await db`select ssh_host_key from enterprises`;
    world.asterisk.ssh.changeHostKey();
    world.asterisk.ssh.cutAll();
    expect(await check()).toMatchObject({ seen: 0, unseen: 1 });
    await check();
    expect(alerts).toEqual([expect.stringContaining('сменился')]);
    expect(await click()).toMatchObject({
      status: 500,
      json: { detail: 'Call initiation failed: SSH command failed: Host key changed' },
    });

    const session = await startSession(db, await insertLogin(db, 'key-admin', NUMBER));
    const { json } = await ask({ path: path('status'), session });
    const { offered_fingerprint: offered } = json as { offered_fingerprint: string };
    expect(offered).toMatch(/^SHA256:/);
    const accept = (fingerprint: string) =>
      ask({ method: 'POST', path: path('accept-host-key'), session, body: { fingerprint } });
    expect(await accept(String(known?.['sshHostKey']))).toMatchObject({ status: 409 });
    expect(await accept(offered)).toMatchObject({
      status: 200,
      json: { success: true, ssh_fingerprint: offered },
    });
    await check();
    expect(alerts).toEqual([expect.anything(), expect.stringContaining('снова известен')]);
    expect(await db`select last_seen_at, problem from asterisk_hosts`).toMatchObject([
      { problem: null, lastSeenAt: expect.any(Date) },
    ]);
  });

  test('a box that is down is found down, and when it was last seen stays', async () => {
    const check = createBoxCheck({ ...world, db, alert: async () => {} });
    await check();
    const [before] = await db`select last_seen_at from asterisk_hosts`;
    world.account.mode = 'stopped';
    await check();
    expect(await db`select last_seen_at, problem from asterisk_hosts`).toEqual([
      { lastSeenAt: before?.['lastSeenAt'], problem: 'Asterisk is not running' },
    ]);
  });

  test('clicks that nobody tells of any more are ended', async () => {
    await click();
    await db`update originates set requested_at = now() - interval '4 minutes'`;
    const check = createBoxCheck({ ...world, db, alert: async () => {} });
    expect(await check()).toMatchObject({ silentOriginates: 1 });
    expect(await row()).toMatchObject({ state: 'failed', problem: 'no_events' });
  });
});
