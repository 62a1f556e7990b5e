import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

import { beforeAll, expect, test } from 'vitest';

import { control, crm, environment, eventually, freshStart, ports, post } from './stack.ts';

const WEB = `http://127.0.0.1:${ports.web}`;
const LOGS = '.local/e2e/logs';
const BUILT = '.local/e2e/build';
const TOKEN = '375290000001';

/** Where the stack has its secrets, and one of our own in every place where somebody may type one. */
const PLANTED: Record<string, string> = {
  'the encryption key': (environment['ENCRYPTION_KEY'] ?? '').replace(/^v\d:/, ''),
  "the database's password": 'trunkline:trunkline@',
  "the operator's bot": environment['TELEGRAM_BOT_TOKEN'] ?? '',
  "Telegram's webhook secret": environment['TELEGRAM_WEBHOOK_SECRET'] ?? '',
  "Timeweb's token": environment['TIMEWEB_API_TOKEN'] ?? '',
  'the secret of click-to-call': 'demo-secret-0367',
  "RetailCRM's key": 'demo-key-0367',
  "RetailCRM's client id": 'demo-retailcrm-client-0367',
  "Bitrix24's webhook": 'demo-webhook-0367/',
  "Bitrix24's application token": 'demo-application-token-0367',
  "amoCRM's client secret": 'demo-amocrm-secret-0367',
  "amoCRM's tokens": 'demo-amocrm-access-0367',
  "the box's password": 'demo-asterisk-0367',
  "the demo's password": 'trunkline-local',
  'a password that was wrong': 'planted-wrong-password-5521',
  'a token that nobody has': 'planted-unknown-token-5522',
  'a client id that nobody has': 'planted-unknown-client-5523',
  'a bearer that nobody has': 'planted-unknown-bearer-5524',
};
const answers: string[] = [];

async function ask(
  method: string,
  where: string,
  init: { body?: string; headers?: Record<string, string> } = {},
): Promise<Response> {
  const response = await fetch(`${WEB}${where}`, {
    ...init,
    method,
    headers: { origin: WEB, 'content-type': 'application/json', ...init.headers },
  });
  answers.push(await response.clone().text());
  return response;
}

beforeAll(async () => {
  await freshStart();
  const uniqueId = `${Math.floor(Date.now() / 1000)}.77`;
  const call = {
    Token: TOKEN,
    UniqueId: uniqueId,
    Phone: '375291117700',
    Trunk: '0001363',
    CallType: 0,
  };
  // A CRM and a bot that fail have the request in what is logged of the failure.
  for (const peer of ['retailcrm', 'bitrix24', 'amocrm', 'telegram'])
    await control('behave', { peer, mode: 'error500', times: 2 });
  for (const [kind, body] of [
    ['start', call],
    ['dial', { ...call, Extensions: ['150', '151'] }],
    ['start', { ...call, Token: PLANTED['a token that nobody has'] }],
    ['start', `{"Token": "${PLANTED['a token that nobody has']}", broken`],
  ] as const)
    answers.push((await post(`/${kind}`, body)).text);
  await ask('GET', '/api/makecallexternal?clientId=demo-secret-0367&code=150&phone=1;id');
  await ask(
    'GET',
    `/api/makecallexternal?clientId=${PLANTED['a client id that nobody has']}&code=150&phone=375291117701`,
  );
  await ask('POST', '/telegram/enterprise/0367', {
    body: '{}',
    headers: { 'x-telegram-bot-api-secret-token': 'no' },
  });
  await ask('GET', '/api/enterprises', {
    headers: { authorization: `Bearer ${PLANTED['a bearer that nobody has']}` },
  });
  for (const password of [PLANTED['a password that was wrong'], PLANTED["the demo's password"]]) {
    const body = JSON.stringify({ login: 'june', password });
    const response = await ask('POST', '/api/auth/login', { body });
    const cookie = response.headers.get('set-cookie')?.split(';')[0];
    if (!cookie) continue;
    PLANTED['a session'] = cookie.split('=')[1] ?? '';
    for (const where of ['integrations', 'integrations/config', 'deliveries', 'logs', 'calls'])
      await ask('GET', `/enterprise/0367/${where}`, { headers: { cookie } });
    await ask('GET', '/api/integrations/0367/config', { headers: { cookie } });
  }
  await eventually(crm, ({ popups }) => popups.length > 0, 30_000);
});

const textsIn = (folder: string, ending: RegExp): [string, string][] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' }).flatMap((name) =>
    ending.test(name) ? [[name, readFileSync(path.join(folder, name), 'utf8')]] : [],
  );

/** Which secrets stand in which text. */
const found = (texts: [string, string][]): string[] =>
  texts.flatMap(([name, text]) =>
    Object.entries(PLANTED).flatMap(([what, secret]) =>
      secret.length > 5 && text.includes(secret) ? [`${name}: ${what}`] : [],
    ),
  );

test('every secret that is looked for is there to be found', () => {
  const missing = Object.entries(PLANTED).filter(([, secret]) => secret.length <= 5);
  expect(missing).toEqual([]);
  expect(PLANTED['a session']).toBeDefined();
});

test('what the functions logged holds none of them', () => {
  const logs = textsIn(LOGS, /functions.*\.log$/);
  // Their lines are there at all: a log that says nothing would pass.
  expect(logs.some(([, text]) => text.includes('"service":"trunkline"'))).toBe(true);
  const own = logs.map(([name, text]): [string, string] => [
    name,
    // The local gateway prints each request with its query; it does not exist in AWS.
    text.replaceAll(/^(GET|POST|PUT|DELETE|OPTIONS) .*\(λ: .*\)$/gm, ''),
  ]);
  expect(found(own)).toEqual([]);
});

test('no answer holds one', () => {
  expect(answers.length).toBeGreaterThan(10);
  expect(found(answers.map((text, index) => [`answer ${index}`, text]))).toEqual([]);
});

test('the built functions hold none, and no key of anybody else', () => {
  const built = textsIn(BUILT, /\.(cjs|mjs|js|map|json)$/);
  expect(built.length).toBeGreaterThan(20);
  expect(found(built)).toEqual([]);
  const keys =
    /AKIA[0-9A-Z]{16}|-----BEGIN [A-Z ]*PRIVATE KEY-----\n[A-Za-z0-9+/=]{40}|\b\d{8,10}:[\w-]{35}\b/;
  expect(built.flatMap(([name, text]) => (keys.test(text) ? [name] : []))).toEqual([]);
});
