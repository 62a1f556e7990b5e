import { setTimeout as sleep } from 'node:timers/promises';

import * as z from 'zod';

import { portsFor, readPortOffset } from './ports.ts';

// Plays one incoming call through the running stack and shows what Telegram and the CRM got of it.

const ports = portsFor(readPortOffset());
const api = `http://127.0.0.1:${ports.http}`;
const peers = `http://127.0.0.1:${ports.peers}`;
const TOKEN = '375290000001';
const started = Date.now();
const stamp = Math.floor(started / 1000);
const channel = `${stamp}.${started % 1000}`;
const phone = `3752911100${String(started % 100).padStart(2, '0')}`;
const LINE = '0001363';
const common = { Token: TOKEN, UniqueId: channel, Phone: phone, Trunk: LINE, CallType: 0 };
const bridge = { Token: TOKEN, BridgeUniqueid: `demo-bridge-${channel}` };
const employee = `${stamp}.${(started % 1000) + 2}`;

type Step = { kind: string; pause: number; says: string; body: () => object };
const STEPS: Step[] = [
  { kind: 'start', pause: 0, says: `${phone} звонит на линию ${LINE}`, body: () => common },
  {
    kind: 'dial',
    pause: 1200,
    says: 'звонят 150, 151 и 152',
    body: () => ({ ...common, ExtTrunk: '', ExtPhone: phone, Extensions: ['150', '151', '152'] }),
  },
  {
    kind: 'bridge',
    pause: 1800,
    says: 'трубку снял 151',
    body: () => ({
      ...bridge,
      UniqueId: channel,
      Channel: `SIP/${LINE}-00000004`,
      CallerIDNum: phone,
      ConnectedLineNum: '151',
      Exten: LINE,
    }),
  },
  {
    kind: 'bridge',
    pause: 20,
    says: 'вторая сторона разговора',
    body: () => ({
      ...bridge,
      UniqueId: employee,
      Channel: 'SIP/151-00000006',
      CallerIDNum: '151',
      ConnectedLineNum: phone,
      Exten: '',
    }),
  },
  {
    kind: 'bridge_leave',
    pause: 3000,
    says: 'разговор окончен',
    body: () => ({
      ...bridge,
      UniqueId: channel,
      Channel: `SIP/${LINE}-00000004`,
      CallerIDNum: phone,
      ConnectedLineNum: '151',
      BridgeNumChannels: '1',
    }),
  },
  {
    kind: 'bridge_leave',
    pause: 20,
    says: 'вторая сторона ушла',
    body: () => ({
      ...bridge,
      UniqueId: employee,
      Channel: 'SIP/151-00000006',
      CallerIDNum: '151',
      ConnectedLineNum: phone,
      BridgeNumChannels: '0',
    }),
  },
  {
    kind: 'hangup',
    pause: 300,
    says: 'трубку положили',
    body: () => ({
      ...common,
      CallStatus: '2',
      Extensions: ['151'],
      StartTime: boxTime(started),
      DateReceived: boxTime(started + 3000),
      EndTime: boxTime(Date.now()),
    }),
  },
];

const Received = z.object({
  last: z.number(),
  received: z.array(
    z.object({
      sequence: z.number(),
      peer: z.string(),
      method: z.string(),
      path: z.string(),
      body: z.unknown(),
      verdict: z.string(),
      status: z.number().nullable().optional(),
    }),
  ),
});

let seen = await lastSequence();
for (const { kind, pause, says, body } of STEPS) {
  await watch(pause);
  const began = performance.now();
  const response = await fetch(`${api}/api/callevent/${kind}`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: JSON.stringify(body()),
  });
  const took = (performance.now() - began).toFixed(0);
  print('box', `${kind.padEnd(12)} ${says} → ${response.status} за ${took} мс`);
}
await watch(4000);

/** Shows what the outside world receives during this time. */
async function watch(forMs: number): Promise<void> {
  const until = Date.now() + forMs;
  do {
    await sleep(Math.min(100, forMs));
    const { received } = Received.parse(
      await (await fetch(`${peers}/control/received?since=${seen}&limit=200`)).json(),
    );
    for (const item of received) {
      seen = Math.max(seen, item.sequence);
      print(item.peer, describe(item));
    }
  } while (Date.now() < until);
}

async function lastSequence(): Promise<number> {
  try {
    const answer = await fetch(`${peers}/control/received?limit=0`);
    return Received.parse(await answer.json()).last;
  } catch {
    console.error(await whyNoPeers());
    process.exit(1);
  }
}

async function whyNoPeers(): Promise<string> {
  const isUp = await fetch(`${api}/health`).then(
    ({ ok }) => ok,
    () => false,
  );
  if (!isUp) return `The local stack does not answer at ${api}. Start it first: npm start`;
  return (
    'This stack was started with --empty: it has no demo enterprise to call and no simulated outside world to ' +
    'show. Stop it and start it without: npm start'
  );
}

function describe({
  method,
  path,
  body,
  verdict,
  status,
}: z.output<typeof Received>['received'][number]): string {
  const text = z.looseObject({ text: z.string() }).safeParse(body);
  const shown = text.success
    ? text.data.text.replace(/<[^>]+>/g, '').replaceAll('\n', ' / ')
    : JSON.stringify(body);
  const mark = verdict === 'accepted' ? '✅' : '❌';
  return `${mark} ${status ?? ''} ${method} ${path.replace(/^.*\/(?=[^/]+\/[^/]+$)/, '')}  ${shown}`;
}

function print(who: string, what: string): void {
  const seconds = ((Date.now() - started) / 1000).toFixed(2).padStart(6);
  console.log(`${seconds} s  ${who.padEnd(10)} ${what}`);
}

/** The box's clock: local time without a zone. */
function boxTime(moment: number): string {
  return new Intl.DateTimeFormat('sv-SE', {
    timeZone: 'Europe/Minsk',
    dateStyle: 'short',
    timeStyle: 'medium',
  }).format(moment);
}
