import { setTimeout as sleep } from 'node:timers/promises';

import { readChannels } from '../../shared/asterisk/answers.ts';
import type { BoxDefaults } from '../../shared/asterisk/boxes.sql.ts';
import { createPool } from '../../shared/asterisk/pool.ts';
import { sealSecrets } from '../../shared/crm/config-copies.ts';
import type { Pool } from '../../shared/db.ts';
import { sendOutbound } from '../../shared/outbound.ts';
import { createSecretBox } from '../../shared/secrets.ts';
import { createSmartRedirect } from '../../shared/smart-redirect/services.ts';
import { loadEnterprise } from '../../shared/smart-redirect/smart-redirect.sql.ts';
import { cli, console, type RealBox } from '../asterisk/real-box.ts';
import { type Peers, startPeers } from '../peers/server.ts';
import { type Options, type Row, verdict } from './benchmark.ts';
import { median, ms, p95 } from './figures.ts';

const NUMBER = '9501';
/** Known to all three simulated CRMs. */
const PHONE = '375291110001';
const CRMS = ['retailcrm', 'bitrix24', 'amocrm'];
const MANAGER = '152';
const secrets = createSecretBox(`v1:${Buffer.alloc(32, 9).toString('base64')}`);

type Answered = { took: number; leg: number; outcome: string };

/** From the request of the box to its answer, and to the manager's leg, with a caller who really waits. */
export async function measureRedirects(
  box: RealBox,
  db: Pool,
  { quick, say }: Options,
  defaults: BoxDefaults,
): Promise<Row[]> {
  const peers = await startPeers({ port: 0 });
  const boxes = createPool({ pin: async (_number, fingerprint) => fingerprint });
  const { redirect } = createSmartRedirect({
    db,
    secrets,
    boxes,
    access: { secrets, defaults: defaults },
    send: (request, limits) => sendOutbound(request, { allowPrivate: true, ...limits }),
    publicUrl: 'https://calls.example.com',
  });
  const ask = async (): Promise<Answered> => {
    const channel = await newCaller(box);
    const began = performance.now();
    const enterprise = await loadEnterprise(db, { number: NUMBER }, PHONE);
    if (!enterprise) throw new Error('the enterprise is not there');
    const call = { channel, uniqueId: null, phone: PHONE, trunk: null };
    const result = await redirect(enterprise, { ...call, askedBy: 'endpoint' });
    const took = performance.now() - began;
    const outcome = result.action === 'redirected' ? result.manager : result.reason;
    let leg = Number.POSITIVE_INFINITY;
    while (result.action === 'redirected' && performance.now() - began < 3_000) {
      if ((await console(box, 'core show channels concise')).includes(`PJSIP/${MANAGER}-`)) {
        leg = performance.now() - began;
        break;
      }
    }
    await cli(box, 'channel request hangup all');
    await sleep(150);
    return { took, leg, outcome };
  };
  try {
    await cli(box, 'dialplan set global ENTRANCE waitredirect');
    await insertOwner(db, peers, box);
    await ask();
    const rounds = quick ? 5 : 25;

    await behave(peers, 'slow', 200);
    const fresh: Answered[] = [];
    for (let round = 0; round < rounds; round += 1) {
      await db`truncate responsible_cache`;
      fresh.push(await ask());
    }
    say(`3 CRMs at 200 ms: p95 ${ms(p95(fresh.map(({ took }) => took)))}`);
    const cached: Answered[] = [];
    for (let round = 0; round < rounds; round += 1) cached.push(await ask());
    say(`cached: p95 ${ms(p95(cached.map(({ took }) => took)))}`);
    await behave(peers, 'hang', 0);
    const dead: Answered[] = [];
    for (let round = 0; round < (quick ? 2 : 6); round += 1) {
      await db`truncate responsible_cache`;
      dead.push(await ask());
    }
    return [
      row('smart redirect, 3 CRMs answering in 200 ms', 'p95 ≤ 260 ms', fresh, {
        met: p95(fresh.map(({ took }) => took)) <= 260 && isAll(fresh, MANAGER),
      }),
      row("smart redirect, cached, until the manager's leg exists", 'p95 ≤ 30 ms', cached, {
        met: p95(cached.map(({ leg }) => leg)) <= 30 && isAll(cached, MANAGER),
        byLeg: true,
      }),
      row('smart redirect, all CRMs dead', '≤ 2.6 s, and the call goes on', dead, {
        met: Math.max(...dead.map(({ took }) => took)) <= 2_600 && isAll(dead, 'timeout'),
      }),
    ];
  } finally {
    boxes.close();
    await peers.close();
  }
}

function row(
  what: string,
  goal: string,
  answered: Answered[],
  { met, byLeg = false }: { met: boolean; byLeg?: boolean },
): Row {
  const tooks = answered.map(({ took }) => took);
  const legs = answered.map(({ leg }) => leg);
  const outcomes = [...new Set(answered.map(({ outcome }) => outcome))].join(', ');
  const other = byLeg
    ? `until the answer: median ${ms(median(tooks))}, p95 ${ms(p95(tooks))}; the leg is looked for on the control socket, again and again`
    : `worst ${ms(Math.max(...tooks))}`;
  const shown = byLeg ? legs : tooks;
  return {
    what,
    goal,
    median: ms(median(shown)),
    p95: ms(p95(shown)),
    verdict: verdict(met),
    note: `${answered.length} waiting calls on a real Asterisk, outcome ${outcomes}; ${other}`,
  };
}

const isAll = (answered: Answered[], wanted: string): boolean =>
  answered.every(({ outcome }) => outcome === wanted);

/** A call that waits: the name of the half that runs the dialplan. */
async function newCaller(box: RealBox): Promise<string> {
  await cli(box, 'channel originate LOCAL/375173000000@incoming application Milliwatt');
  for (let look = 0; look < 100; look += 1) {
    const channels = readChannels(await cli(box, 'core show channels concise'));
    const waiting = channels.find(({ context }) => context === 'waitredirect');
    if (waiting) {
      await sleep(500); // until the box is done with beginning the call
      return waiting.name;
    }
    await sleep(30);
  }
  throw new Error('no call waits');
}

async function behave(peers: Peers, mode: string, delay_ms: number): Promise<void> {
  for (const peer of CRMS) {
    const body = JSON.stringify({ peer, mode, delay_ms });
    const answer = await fetch(`${peers.url}/control/behave`, { method: 'POST', body });
    if (!answer.ok) throw new Error(await answer.text());
  }
}

async function insertOwner(db: Pool, peers: Peers, box: RealBox): Promise<void> {
  const config = sealSecrets(
    {
      retailcrm: {
        enabled: true,
        api_url: `${peers.url}/retailcrm/demo`,
        api_key: 'demo-key-0367',
        client_id: 'bench',
      },
      bitrix24: {
        enabled: true,
        webhook_url: `${peers.url}/bitrix24/demo/rest/1/demo-webhook-0367/`,
        user_id: '1',
      },
      amocrm: {
        enabled: true,
        subdomain: `${peers.url}/amocrm/demo`,
        client_id: 'demo-amocrm-client-0367',
        client_secret: 'demo-amocrm-secret-0367',
        access_token: 'demo-amocrm-long-lived-0367',
      },
    },
    secrets,
  );
  await db`
    insert into enterprises (number, name, token, secret, ip, ssh_port, integrations_config)
    values (${NUMBER}, 'bench redirect', 'bench-redirect', 'bench-redirect-secret', '127.0.0.1', ${box.sshPort},
      ${db.json(JSON.parse(JSON.stringify(config)))})
    on conflict (number) do nothing`;
  const people = { retailcrm: '17', bitrix24: '27', amocrm: '8320151' };
  for (const [type, user] of Object.entries(people)) {
    await db`
      insert into integration_users (enterprise_number, integration_type, extension, crm_user_id)
      values (${NUMBER}, ${type}, ${MANAGER}, ${user})
      on conflict do nothing`;
  }
}
