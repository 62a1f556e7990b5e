import { setTimeout as delay } from 'node:timers/promises';

import { describe, expect, vi } from 'vitest';

import { ask, BOT_TOKEN, GROUP, PRIVATE, test, toForm, type World } from './fixture.ts';
import type { Received } from './journal.ts';

const UPLOAD = '/api/v5/telephony/calls/upload';
const call = {
  date: '2026-01-31 14:05:09',
  type: 'in',
  phone: '375291110001',
  result: 'answered',
  externalId: '1.1',
};

async function ready({ control }: World): Promise<void> {
  await control('retailcrm/demo', { telephony: true });
}

const upload = ({ crm }: World) => crm(UPLOAD, { calls: [call] });
const stored = ({ peers }: World) => peers.retailcrm.account('demo').journal.size;

async function received({ control }: World): Promise<Received[]> {
  return ((await control('received')).body as { received: Received[] }).received;
}

describe('a peer that answers badly', () => {
  test.for([
    {
      mode: 'error500',
      status: 500,
      body: { success: false, errorMsg: 'Internal server error' },
    },
    {
      mode: 'error429',
      status: 503,
      body: { success: false, errorMsg: 'Rate limit exceeded' },
    },
    { mode: 'html', status: 200, body: expect.stringMatching(/^<!DOCTYPE html>/) },
  ])('$mode, without doing anything', async ({ mode, status, body }, { world }) => {
    await ready(world);
    await world.control('behave', { peer: 'retailcrm', mode });
    expect(await upload(world)).toMatchObject({ status, body });
    expect(stored(world)).toBe(0);
    expect(await received(world)).toMatchObject([
      { behaviour: mode, verdict: 'refused', applied: false, status },
    ]);
  });

  test('Telegram says how long to wait', async ({ world }) => {
    await world.control('behave', { peer: 'telegram', mode: 'error429', retry_after: 17 });
    const answer = await world.telegram('sendMessage', { chat_id: GROUP, text: 'раз' });
    expect(answer.headers.get('retry-after')).toBe('17');
    expect(answer.body).toEqual({
      ok: false,
      error_code: 429,
      description: 'Too Many Requests: retry after 17',
      parameters: { retry_after: 17 },
    });
  });

  test('slow, but it does the work', async ({ world }) => {
    await ready(world);
    await world.control('behave', { peer: 'retailcrm', mode: 'slow', delay_ms: 60 });
    const started = performance.now();
    expect((await upload(world)).status).toBe(200);
    expect(performance.now() - started).toBeGreaterThan(55);
    expect(stored(world)).toBe(1);
  });
});

describe('a peer that does not answer', () => {
  test.for([
    { mode: 'cut', effects: 1, verdict: 'accepted' },
    { mode: 'cut_before', effects: 0, verdict: 'refused' },
  ])('$mode leaves $effects effects', async ({ mode, effects, verdict }, { world }) => {
    await ready(world);
    await world.control('behave', { peer: 'retailcrm', mode });
    await expect(upload(world)).rejects.toThrow('fetch failed');
    expect(stored(world)).toBe(effects);
    expect(await received(world)).toMatchObject([
      { behaviour: mode, verdict, applied: effects === 1, status: null },
    ]);
  });

  test.for([
    { mode: 'hang', effects: 0, verdict: 'refused' },
    { mode: 'applied_then_hang', effects: 1, verdict: 'accepted' },
  ])(
    '$mode: a client that leaves finds $effects effects',
    async ({ mode, effects, verdict }, { world }) => {
      await ready(world);
      await world.control('behave', { peer: 'retailcrm', mode });
      const url = `${world.peers.url}/retailcrm/demo${UPLOAD}`;
      const asking = fetch(url, {
        method: 'POST',
        headers: { 'x-api-key': 'demo-key-0367' },
        body: toForm({ calls: [call] }),
        signal: AbortSignal.timeout(40),
      });
      await expect(asking).rejects.toThrow('timeout');
      await vi.waitFor(async () => {
        expect(await received(world)).toMatchObject([
          {
            behaviour: mode,
            verdict,
            applied: effects === 1,
            status: null,
            ms: expect.any(Number),
          },
        ]);
      });
      expect(stored(world)).toBe(effects);
    },
  );

  test.for(['hang', 'applied_then_hang'])(
    '%s: answers when it is let go',
    async (mode, { world }) => {
      await ready(world);
      await world.control('behave', { peer: 'retailcrm', mode });
      const answer = upload(world);
      await vi.waitFor(async () => {
        expect((await world.control('behave')).body).toMatchObject({ rules: [{ mode, held: 1 }] });
      });
      expect(await Promise.race([answer, delay(20, 'nothing')])).toBe('nothing');
      expect(stored(world)).toBe(mode === 'hang' ? 0 : 1);

      const released = await world.control('behave', { peer: 'retailcrm', mode: 'ok' });
      expect(released.body).toEqual({ cleared: 1, released: 1 });
      expect((await answer).body).toMatchObject({ success: true, processedCallsCount: 1 });
      expect(stored(world)).toBe(1);
    },
  );

  test('closing the world lets everybody go', async ({ world }) => {
    await world.control('behave', { peer: 'retailcrm', mode: 'hang' });
    const answer = upload(world).catch((error: unknown) => error);
    await vi.waitFor(async () => expect(await received(world)).toHaveLength(1));
    await world.peers.close();
    expect(await answer).toMatchObject({ message: 'fetch failed' });
  });
});

describe('whom a rule covers', () => {
  const down = { status: 500 };
  const up = { status: 200 };

  test('the first times only', async ({ world }) => {
    await ready(world);
    await world.control('behave', { peer: 'retailcrm', mode: 'error500', times: 2 });
    expect(await upload(world)).toMatchObject(down);
    expect(await upload(world)).toMatchObject(down);
    expect(await upload(world)).toMatchObject(up);
    expect((await world.control('behave')).body).toEqual({ rules: [] });
  });

  test('one account', async ({ world }) => {
    await world.control('behave', { peer: 'retailcrm', mode: 'error500', account: 'demo' });
    const other = { account: 'second', key: 'demo-key-0368' };
    expect(await world.crmGet('/api/v5/users')).toMatchObject(down);
    expect(await world.crmGet('/api/v5/users', other)).toMatchObject(up);
    expect(await world.telegram('getMe', {})).toMatchObject(up);
  });

  test.for([{ chat: String(GROUP) }, { chat: GROUP }, { account: GROUP }])(
    'one chat, named as %o',
    async (whose, { world }) => {
      await world.control('behave', { peer: 'telegram', mode: 'error500', ...whose });
      const send = (chat_id: number) => world.telegram('sendMessage', { chat_id, text: 'раз' });
      expect(await send(GROUP)).toMatchObject(down);
      expect(await send(PRIVATE)).toMatchObject(up);
    },
  );

  test('one method and one path', async ({ world }) => {
    const rule = { peer: 'retailcrm', mode: 'error500', method: 'get', path: 'users$' };
    await world.control('behave', rule);
    expect(await world.crmGet('/api/v5/users')).toMatchObject(down);
    expect(await world.crmGet('/api/v5/customers')).toMatchObject(up);
    await world.control('behave', { peer: 'retailcrm', mode: 'ok', path: 'customers' });
    expect(await world.crmGet('/api/v5/users')).toMatchObject(down);
    await world.control('behave', { peer: 'retailcrm', mode: 'ok' });
    expect(await world.crmGet('/api/v5/users')).toMatchObject(up);
  });

  test('the newest of several rules', async ({ world }) => {
    await world.control('behave', { peer: 'telegram', mode: 'html' });
    await world.control('behave', { peer: 'telegram', mode: 'error500', times: 1 });
    expect(await world.telegram('getMe', {})).toMatchObject(down);
    const page = await ask(`${world.peers.url}/telegram/bot${BOT_TOKEN}/getMe`);
    expect(page).toMatchObject({ status: 200, body: expect.stringContaining('<html>') });
  });
});
