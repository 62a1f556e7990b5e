import { setTimeout as sleep } from 'node:timers/promises';

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { sendOutbound } from '../../shared/outbound.ts';
import { createEventRedirect } from '../../shared/smart-redirect/redirect-event.ts';
import { createSmartRedirect } from '../../shared/smart-redirect/services.ts';
import { smartRedirectRoutes } from '../../shared/smart-redirect/smart-redirect.routes.ts';
import { createAsking } from '../auth/asking.ts';
import { type Peers, startPeers } from '../peers/server.ts';
import { insertEnterprise, NUMBER, secrets, TOKEN, useDatabase } from '../support/database.ts';
import { callIn, cli } from './real-box.ts';
import {
  channels,
  hangUpAll,
  newPool,
  realBox,
  setGlobal,
  theBox,
  until,
  useHub,
} from './world.ts';

const KNOWN = '375291110001';
const defaults = {
  ASTERISK_SSH_PORT: 5059,
  ASTERISK_SSH_USER: 'root',
  ASTERISK_SSH_PASSWORD: undefined,
  ASTERISK_SSH_KEY: undefined,
};

describe.skipIf(!realBox)('smart redirect on a real Asterisk', () => {
  const { db } = useDatabase();
  const hub = useHub();
  const pool = newPool();
  const services = createSmartRedirect({
    db,
    secrets,
    send: (request, limits) => sendOutbound(request, { allowPrivate: true, ...limits }),
    publicUrl: 'https://calls.example.com',
    boxes: pool,
    access: { secrets, defaults },
  });
  const ask = createAsking(db, smartRedirectRoutes({ db, ...services }));
  const byEvent = createEventRedirect({ db, ...services });
  let peers: Peers;
  const answers: unknown[] = [];

  beforeAll(async () => {
    peers = await startPeers({ port: 0 });
    await insertEnterprise(db, { crmUrl: `${peers.url}/retailcrm/demo` });
    const { sshPort, password } = theBox();
    await db`
      update enterprises
      set ip = '127.0.0.1', ssh_port = ${sshPort}, ssh_user = 'root', ssh_credentials = ${secrets.seal(password)}`;
    await manages('152');
  });
  afterAll(async () => {
    pool.close();
    await peers.close();
  });
  beforeEach(async () => {
    answers.length = 0;
    await db`truncate responsible_cache, smart_redirects`;
    await db`update enterprises set smart_redirect = '{}'`;
    await setGlobal('ENTRANCE', 'smart-redirect-start');
    hub.answers(async ({ path, token, body }) => {
      if (!path.includes('smart-redirect')) return { status: 200, body: '{}' };
      const answer = await ask({ method: 'POST', path, body, headers: { token: token ?? '' } });
      answers.push(answer.json);
      return { status: answer.status, body: answer.text };
    });
  });
  afterEach(() => hangUpAll());

  /** Who of the CRM's people looks after the client has this extension. */
  async function manages(extension: string): Promise<void> {
    await db`delete from integration_users`;
    await db`
      insert into integration_users (enterprise_number, integration_type, extension, crm_user_id)
      values (${NUMBER}, 'retailcrm', ${extension}, '17')`;
    await db`truncate responsible_cache`;
  }
  const phone = async (extension: string) =>
    (await channels()).find(({ name }) => name.startsWith(`PJSIP/${extension}-`));
  const caller = async () =>
    (await channels()).find(({ name }) => name.startsWith('PJSIP/0001367-'));
  const talks = (extension: string) =>
    until(
      async () => {
        const [one, other] = [await caller(), await phone(extension)];
        return Boolean(one?.bridgeId) && one?.bridgeId === other?.bridgeId;
      },
      { what: `the conversation with ${extension}` },
    );

  /** With anybody, be it through a Local pair. */
  const inConversation = async () => Boolean((await caller())?.bridgeId);

  test('a caller who waits is put through to the manager whom the CRM names', async () => {
    callIn(theBox(), { from: KNOWN });
    await talks('152');
    expect(answers).toMatchObject([
      {
        success: true,
        result: { action: 'redirected', manager: '152', source: 'retailcrm', cached: false },
      },
    ]);
    const [row] = await db`select action, phone, channel, manager, lookups from smart_redirects`;
    expect(row).toMatchObject({ action: 'redirected', phone: KNOWN, manager: '152' });
    expect(row?.['lookups']).toMatchObject([{ integration: 'retailcrm', outcome: 'found' }]);
    await hangUpAll();
    callIn(theBox(), { from: KNOWN });
    await talks('152');
    expect(answers[1]).toMatchObject({ result: { action: 'redirected', cached: true } });
  });

  test('nobody looks after a stranger, whose call goes the usual way', async () => {
    callIn(theBox(), { from: '375297770001' });
    await until(() => phone('150'), { what: 'the usual phone' });
    expect(answers).toEqual([
      { success: true, result: { action: 'continue', reason: 'manager_not_found' } },
    ]);
  });

  test('a caller who hung up meanwhile is gone', async () => {
    await fetch(`${peers.url}/control/behave`, {
      method: 'POST',
      body: JSON.stringify({ peer: 'retailcrm', mode: 'slow', delay_ms: 1_500, times: 1 }),
    });
    await setGlobal('ENTRANCE', 'waitredirect');
    const call = callIn(theBox(), { from: KNOWN, talkMs: 700 });
    const waiting = await until(caller);
    const answer = ask({
      method: 'POST',
      path: '/api/smart-redirect/incoming-call',
      headers: { token: TOKEN },
      body: { phone: KNOWN, unique_id: waiting.uniqueId, channel: waiting.name },
    });
    await call.ended;
    expect((await answer).json).toEqual({
      success: true,
      result: { action: 'continue', reason: 'channel_gone' },
    });
  });

  test('a caller who talks already is left alone', async () => {
    await setGlobal('ENTRANCE', 'incoming-office');
    callIn(theBox(), { from: KNOWN });
    await until(inConversation, { what: 'the conversation' });
    const one = await caller();
    const { json } = await ask({
      method: 'POST',
      path: '/api/smart-redirect/incoming-call',
      headers: { token: TOKEN },
      body: { phone: KNOWN, unique_id: one?.uniqueId, channel: one?.name },
    });
    expect(json).toMatchObject({ result: { action: 'continue', reason: 'not_waiting' } });
    await sleep(500);
    expect(await inConversation()).toBe(true);
    expect((await caller())?.context).toBe('incoming-office');
  });

  test('a manager whose phone is away: a warning where the call comes back, else nobody is moved', async () => {
    await manages('151');
    callIn(theBox(), { from: KNOWN });
    await until(() => phone('150'), { what: 'the usual phone' });
    expect(answers).toMatchObject([
      { result: { action: 'redirected', manager: '151', warning: expect.stringContaining('151') } },
    ]);
    await hangUpAll();
    await db`update enterprises set smart_redirect = '{"target_context":"web-zapros-classic"}'`;
    callIn(theBox(), { from: KNOWN });
    await until(() => phone('150'), { what: 'the usual phone' });
    expect(answers[1]).toMatchObject({ result: { reason: 'manager_unreachable' } });
    await manages('152');
  });

  test('a target that is not there moves nobody, although the box would say "successfully"', async () => {
    await db`update enterprises set smart_redirect = '{"target_context":"nowhere"}'`;
    callIn(theBox(), { from: KNOWN });
    await until(() => phone('150'), { what: 'the usual phone' });
    expect(answers).toMatchObject([{ result: { action: 'continue', reason: 'asterisk_error' } }]);
  });

  test('of a Local pair the half that runs the dialplan is moved', async () => {
    await setGlobal('ENTRANCE', 'waitredirect');
    await cli(theBox(), 'channel originate LOCAL/375173000000@incoming application Milliwatt');
    const far = await until(async () => {
      const all = await channels();
      const isWaiting = all.some(({ context }) => context === 'waitredirect');
      return isWaiting && all.find(({ name }) => name.endsWith(';1'));
    });
    const { json } = await ask({
      method: 'POST',
      path: '/api/smart-redirect/incoming-call',
      headers: { token: TOKEN },
      body: { phone: KNOWN, unique_id: far.uniqueId, channel: far.name },
    });
    expect(json).toMatchObject({ result: { action: 'redirected', manager: '152' } });
    await until(async () => (await phone('152'))?.bridgeId !== undefined);
    expect((await channels()).find(({ name }) => name.endsWith(';2'))?.context).toBe('web-zapros');
  });

  test('a box that only waits: its event moves the call, found by its unique id', async () => {
    await db`update enterprises set smart_redirect = '{"mode":"waitredirect"}'`;
    await setGlobal('ENTRANCE', 'waitredirect');
    hub.posted.length = 0;
    callIn(theBox(), { from: KNOWN });
    const [start] = await until(async () => {
      const seen = hub.of('/api/callevent/start');
      return seen.length > 0 && seen;
    });
    const startedAt = new Date().toISOString();
    const uniqueId = String(start?.body['UniqueId']);
    const message = { enterpriseNumber: NUMBER, phone: KNOWN, trunk: null, uniqueId, startedAt };
    await byEvent(message);
    await talks('152');
    expect(await db`select asked_by, action from smart_redirects`).toMatchObject([
      { askedBy: 'event', action: 'redirected' },
    ]);
    // The same message once more tears nobody out.
    await byEvent(message);
    await talks('152');
  });
});
