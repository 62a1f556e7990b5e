import { setTimeout as sleep } from 'node:timers/promises';

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { openSecrets, sealSecrets } from '../../shared/crm/config-copies.ts';
import type { IntegrationsConfig } from '../../shared/crm/config.ts';
import type { CallSnapshot, CrmTools } from '../../shared/crm/crm.ts';
import { connectCrm } from '../../shared/crm/registry.ts';
import { createTools } from '../../shared/crm/tools.ts';
import { connect, type Pool } from '../../shared/db.ts';
import { sendOutbound } from '../../shared/outbound.ts';
import { type Peers, startPeers } from '../peers/server.ts';
import { CALL } from '../support/crm-call.ts';
import { insertEnterprise, NUMBER, secrets, useDatabase } from '../support/database.ts';
import { CONFIG, DELIVERED, failureOf, stepOf, USERS } from './amocrm-world.ts';

const { db, url } = useDatabase();
let peers: Peers;
/** One connection each, as the instances of a function have. */
let instances: Pool[] = [];

beforeAll(async () => {
  peers = await startPeers({ port: 0 });
  await insertEnterprise(db);
});
afterAll(() => peers.close());

beforeEach(async () => {
  instances = [connect(url), connect(url)];
  peers.amocrm.reset();
  await control('amocrm/demo', {
    accessToken: CONFIG.access_token,
    refreshToken: CONFIG.refresh_token,
  });
  peers.amocrm.account('demo').spent.clear();
  await change((config) => ({ ...config, amocrm: settings() }));
  await db`delete from integration_states`;
});
afterEach(async () => {
  await control('behave', { peer: 'amocrm', mode: 'ok' });
  await Promise.all(instances.map((each) => each.end()));
});

function settings(more: object = {}) {
  return { enabled: true, ...CONFIG, subdomain: `${peers.url}/amocrm/demo`, ...more };
}

async function control(path: string, body: object = {}): Promise<void> {
  await fetch(`${peers.url}/control/${path}`, { method: 'POST', body: JSON.stringify(body) });
}

/** Reads, changes and writes the settings as saving them in the admin does. */
async function change(edit: (opened: IntegrationsConfig) => IntegrationsConfig): Promise<void> {
  const sealed = sealSecrets(edit(await stored()), secrets);
  await db`
    update enterprises
    set integrations_config = ${db.json(JSON.parse(JSON.stringify(sealed)))}, config_version = config_version + 1
    where number = ${NUMBER}`;
}

async function stored(): Promise<IntegrationsConfig> {
  const [row] = await db`select integrations_config from enterprises where number = ${NUMBER}`;
  return openSecrets(row?.['integrationsConfig'] as IntegrationsConfig, secrets);
}

async function configVersion(): Promise<number> {
  const [row] = await db`select config_version from enterprises where number = ${NUMBER}`;
  return Number(row?.['configVersion']);
}

function toolsOf(pool: Pool, totalMs = 5_000): CrmTools {
  return createTools(
    {
      db: pool,
      secrets,
      publicUrl: 'https://calls.example.com',
      send: (request) => sendOutbound(request, { allowPrivate: true, totalMs }),
    },
    { enterpriseNumber: NUMBER, type: 'amocrm', users: Object.fromEntries(USERS), callId: null },
  );
}

/** One instance tells of one call with the settings it has. */
function deliver(instance: number, call: Partial<CallSnapshot> = {}, totalMs?: number) {
  const pool = instances[instance];
  if (!pool) throw new Error('no such instance');
  const crm = connectCrm('amocrm', settings());
  if (!crm) throw new Error('the settings are incomplete');
  return crm.deliver(stepOf('hangup'), { ...CALL, ...call }, toolsOf(pool, totalMs));
}

const account = () => peers.amocrm.account('demo');

/** Resolves when the token endpoint holds a request. */
async function untilRenewalHangs(): Promise<void> {
  for (;;) {
    const { rules } = (await (await fetch(`${peers.url}/control/behave`)).json()) as {
      rules: { held: number }[];
    };
    if (rules.some(({ held }) => held > 0)) return;
    await sleep(10);
  }
}

describe('tokens that have expired', () => {
  test('on two instances at the same moment are renewed once', async () => {
    await control('amocrm/demo/expire');
    const version = await configVersion();
    const results = await Promise.all(
      [0, 1].map((instance) => deliver(instance, { mainUniqueId: `both.${instance}` })),
    );
    expect(results).toEqual([DELIVERED, DELIVERED]);
    expect(account().rotations).toHaveLength(1);
    expect(account().reused).toBe(0);
    expect(new Set(account().calls.map(({ uniq }) => uniq))).toEqual(new Set(['both.0', 'both.1']));
    expect(account().calls).toHaveLength(2);
    expect((await stored())['amocrm']).toMatchObject({ refresh_token: account().refresh });
    expect(await configVersion()).toBe(version + 1);
  });

  test('are stored sealed, and the other settings stay', async () => {
    await control('amocrm/demo/expire');
    const before = await stored();
    await deliver(0);
    const [row] =
      await db`select integrations_config::text as text from enterprises where number = ${NUMBER}`;
    expect(row?.['text']).not.toContain(account().refresh);
    const after = await stored();
    const { access_token, refresh_token, ...rest } = after['amocrm'] ?? { enabled: false };
    expect(account().access.has(String(access_token))).toBe(true);
    expect(refresh_token).toBe(account().refresh);
    expect(settings()).toMatchObject(rest);
    expect(after['retailcrm']).toEqual(before['retailcrm']);
  });

  test('are taken over by an instance that comes later with old settings', async () => {
    await control('amocrm/demo/expire');
    await deliver(0, { mainUniqueId: 'first' });
    expect(await deliver(1, { mainUniqueId: 'second' })).toEqual(DELIVERED);
    expect(account().rotations).toHaveLength(1);
  });
});

describe('a worker that died while it renewed', () => {
  const dead = (secondsLeft: number) => db`
    insert into integration_states (enterprise_number, integration_type, renewing_until)
    values (${NUMBER}, 'amocrm', now() + make_interval(secs => ${secondsLeft}))`;

  test('is waited for until its lease ends, then the next one renews', async () => {
    await control('amocrm/demo/expire');
    await dead(1);
    const began = performance.now();
    expect(await deliver(0)).toEqual(DELIVERED);
    expect(performance.now() - began).toBeGreaterThan(700);
    expect(account().rotations).toHaveLength(1);
  });

  test('and whose lease is still long: the others come back later', async () => {
    await control('amocrm/demo/expire');
    await dead(14);
    const failure = await failureOf(deliver(0));
    expect(failure).toMatchObject({ failureClass: 'retry', maybeApplied: false });
    expect(account().rotations).toEqual([]);
  });

  test('that was only slow does not end the renewal of the next one', async () => {
    const slow = toolsOf(instances[0] as Pool).renewSettings(async () => {
      await db`update integration_states set renewing_until = now() - interval '1 second'`;
      await sleep(200);
      return undefined;
    });
    await sleep(100);
    const next = toolsOf(instances[1] as Pool).renewSettings(async () => {
      await slow;
      const [row] = await db`select renewing_until > now() as held from integration_states`;
      expect(row?.['held']).toBe(true);
      return undefined;
    });
    await next;
    const [row] = await db`select renewing_until from integration_states`;
    expect(row?.['renewingUntil']).toBeNull();
  });
});

describe('settings that somebody saves during the renewal', () => {
  async function saveDuring(edit: (opened: IntegrationsConfig) => IntegrationsConfig) {
    await control('amocrm/demo/expire');
    await control('behave', { peer: 'amocrm', mode: 'hang', path: 'oauth2' });
    const running = deliver(0).catch((error: unknown) => error);
    await untilRenewalHangs();
    await change(edit);
    await control('behave', { peer: 'amocrm', mode: 'ok' });
    return running;
  }

  test('of other kinds stay, and the new tokens too', async () => {
    const outcome = await saveDuring((opened) => ({
      ...opened,
      retailcrm: { enabled: false, api_key: 'another-key' },
      amocrm: { ...opened['amocrm'], enabled: false, direct_link_hours: 24 },
    }));
    expect(outcome).toEqual(DELIVERED);
    const { retailcrm, amocrm } = await stored();
    expect(retailcrm).toEqual({ enabled: false, api_key: 'another-key' });
    expect(amocrm).toMatchObject({
      enabled: false,
      direct_link_hours: 24,
      refresh_token: account().refresh,
    });
  });

  test('with new tokens stay as they were entered', async () => {
    await control('amocrm/demo', { longLivedToken: 'entered-by-hand' });
    const outcome = await saveDuring((opened) => ({
      ...opened,
      amocrm: { ...settings({ access_token: 'entered-by-hand' }) },
    }));
    expect(outcome).toEqual(DELIVERED);
    expect((await stored())['amocrm']).toMatchObject({
      access_token: 'entered-by-hand',
      refresh_token: CONFIG.refresh_token,
    });
  });

  test('by removing the integration: it stays removed', async () => {
    const outcome = await saveDuring(({ retailcrm }) => ({ ...(retailcrm && { retailcrm }) }));
    expect(outcome).toMatchObject({ failureClass: 'retry' });
    expect(Object.keys(await stored())).toEqual(['retailcrm']);
  });
});
