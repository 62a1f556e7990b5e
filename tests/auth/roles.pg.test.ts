import { beforeAll, describe, expect, test } from 'vitest';

import type { Admin } from '../../shared/auth/caller.ts';
import { hashToken } from '../../shared/auth/tokens.ts';
import type { Contract } from '../../shared/contract.ts';
import { contracts } from '../../shared/contracts.ts';
import { insertEnterprise, NUMBER, TOKEN, useDatabase } from '../support/database.ts';
import { allRoutes, type Asked, createAsking, WEBHOOK_SECRET } from './asking.ts';
import { insertLogin, PASSWORD, startSession } from './people.ts';

const { db } = useDatabase();
const ask = createAsking(db);

const OTHER_NUMBER = '0368';
const CALL_ID = '01990000-0000-7000-8000-000000000001';
const ORIGINATE_ID = '01990000-0000-7000-8000-000000000003';
const EXTERNAL = { clientId: `secret-${NUMBER}`, code: '150', phone: '375291110001' };
const JOB_ID = '01990000-0000-7000-8000-000000000002';
const DELIVERY_ID = '1201';
const RECORDING_ID = '01990000-0000-7000-8000-000000000013';
const UPLOAD_ID = '01990000-0000-7000-8000-000000000014';
const KEY_ID = '01990000-0000-7000-8000-000000000003';
const USER_ID = '1201';
const MANAGER_ID = '700401';
const CHAT_ID = '01990000-0000-7000-8000-000000000004';
const CHAT_SESSION_ID = '01990000-0000-7000-8000-000000000005';
const CLOSED_NUMBER = '0399';
const CLIENT_ID = 'client-0367';
const PORTAL_TOKEN = 'demo-application-token';

const ROLES = [
  'nobody',
  'wrong token',
  'expired session',
  "other enterprise's admin",
  'own admin',
  'superadmin',
  'enterprise secret',
] as const;
type Role = (typeof ROLES)[number];

const SUPERADMIN: Role[] = ['superadmin'];
const ADMINS: Role[] = ["other enterprise's admin", 'own admin', 'superadmin'];
const ENTERPRISE: Role[] = ['own admin', 'superadmin'];
const ENTERPRISE_OR_SECRET: Role[] = [...ENTERPRISE, 'enterprise secret'];

/** What each kind of contract means. */
const ADMITTED: Record<Contract['auth'], readonly Role[]> = {
  none: ROLES,
  'box token': [],
  visitor: [],
  session: ADMINS,
  enterprise: ENTERPRISE,
  'enterprise or secret': ENTERPRISE_OR_SECRET,
  superadmin: SUPERADMIN,
  'superadmin or key': SUPERADMIN,
};

type Rule = {
  /** Written down a second time, so that a slip in a contract is seen. */
  who: readonly Role[];
  /** What makes the request a good one. */
  request?: Partial<Asked>;
  /** What stands for {id}, when it is not the call's. */
  id?: string;
  /** What stands for {number}, when it is not the own enterprise's. */
  number?: string;
  /** The answer to who may, when it is not 200. */
  status?: number;
  /** Whose is another one's: not there, rather than not allowed. */
  notThereFor?: Role;
};

const start = { UniqueId: '1757840723.6', Phone: '375291110001', Trunk: '0001363', CallType: 0 };
const bridge = { BridgeUniqueid: 'c50e' };
const box = (body: object): Rule => ({ who: [], request: { body } });
const click = (status: number, query: Record<string, string>): Rule => ({
  who: ROLES,
  status,
  request: { query: { clientId: CLIENT_ID, ...query } },
});

const hosting = (body?: object, id = '1'): Rule => ({
  who: SUPERADMIN,
  id,
  ...(body && { request: { body } }),
});

/** Nobody here has the token of a chat. */
const visitor = (body: object): Rule => ({
  who: [],
  request: { body: { session_id: CALL_ID, ...body } },
});

/** Every route there is. A contract that is not here fails. */
const RULES: Record<string, Rule> = {
  'GET /health': { who: ROLES },
  'GET /api/openapi.json': { who: ROLES },
  'GET /api/status': { who: ROLES },
  // A token of its own, which is nobody's session.
  'GET /metrics': { who: ROLES, status: 401 },

  // The secret is part of the request; the enterprise of these tests has no box.
  'GET /api/makecallexternal': click(500, EXTERNAL),
  'POST /api/makecallexternal': click(500, EXTERNAL),
  'GET /api/originates/{id}': { who: ROLES, id: ORIGINATE_ID, request: { query: EXTERNAL } },
  'POST /enterprise/{number}/call': {
    who: ENTERPRISE,
    status: 500,
    request: { body: { code: '150', phone: '375291110001' } },
  },
  'GET /enterprise/{number}/asterisk/status': { who: ENTERPRISE_OR_SECRET },
  'GET /enterprise/{number}/asterisk/channels': { who: ENTERPRISE_OR_SECRET, status: 502 },
  'POST /enterprise/{number}/asterisk/hangup': {
    who: ENTERPRISE_OR_SECRET,
    status: 502,
    request: { body: { channel: 'PJSIP/150-00000000' } },
  },
  'POST /enterprise/{number}/asterisk/accept-host-key': {
    who: ENTERPRISE,
    status: 502,
    request: { body: {} },
  },
  'POST /telegram/webhook': {
    who: ROLES,
    request: {
      headers: { 'x-telegram-bot-api-secret-token': WEBHOOK_SECRET },
      body: { update_id: 1 },
    },
  },

  // The chat of these tests is closed: what changes it is refused.
  'GET /api/chats': { who: SUPERADMIN },
  'GET /api/chats/stats': { who: SUPERADMIN },
  'GET /api/chats/settings': { who: SUPERADMIN },
  'PUT /api/chats/settings': { who: SUPERADMIN, request: { body: { greeting: 'Привет' } } },
  'GET /api/chats/{id}': { who: SUPERADMIN, id: CHAT_ID },
  'POST /api/chats/{id}/assign': {
    who: SUPERADMIN,
    id: CHAT_ID,
    status: 409,
    request: { body: { manager_id: MANAGER_ID } },
  },
  'POST /api/chats/{id}/close': { who: SUPERADMIN, id: CHAT_ID, status: 409 },
  'POST /api/chats/{id}/messages': {
    who: SUPERADMIN,
    id: CHAT_ID,
    status: 409,
    request: { body: { text: 'Добрый день' } },
  },
  'GET /api/managers': { who: SUPERADMIN },
  'POST /api/managers': {
    who: SUPERADMIN,
    status: 409,
    request: { body: { telegram_id: MANAGER_ID, name: 'Мария' } },
  },
  'PATCH /api/managers': {
    who: SUPERADMIN,
    request: { body: { telegram_id: MANAGER_ID, name: 'Мария' } },
  },
  'PATCH /api/managers/{id}': {
    who: SUPERADMIN,
    id: MANAGER_ID,
    request: { body: { extension: '150' } },
  },

  'POST /telegram/enterprise/{number}': {
    who: ROLES,
    request: {
      headers: { 'x-telegram-bot-api-secret-token': WEBHOOK_SECRET },
      body: { update_id: 1 },
    },
  },

  'POST /api/callevent/{event}': box(start),
  'POST /start': box(start),
  'POST /dial': box({ ...start, Extensions: ['151'] }),
  'POST /bridge': box({ ...start, ...bridge }),
  'POST /hangup': box({ ...start, CallStatus: '2' }),
  'POST /bridge_create': box(bridge),
  'POST /bridge_leave': box({ ...start, ...bridge }),
  'POST /bridge_destroy': box(bridge),
  'POST /new_callerid': box(start),

  'POST /api/auth/login': {
    who: ROLES,
    request: { body: { login: 'own', password: PASSWORD } },
  },
  'POST /api/auth/logout': { who: ADMINS },
  'GET /api/auth/me': { who: ADMINS },
  'POST /api/auth/password': {
    who: ADMINS,
    request: { body: { current_password: PASSWORD, new_password: PASSWORD } },
  },
  'POST /api/auth/socket-ticket': { who: ADMINS },

  'GET /enterprise/{number}/calls': { who: ENTERPRISE_OR_SECRET },
  'GET /enterprise/{number}/calls.csv': { who: ENTERPRISE_OR_SECRET },
  'GET /enterprise/{number}/calls/{id}': { who: ENTERPRISE_OR_SECRET },
  'GET /enterprise/{number}/exports/{id}': { who: ENTERPRISE_OR_SECRET, status: 404 },
  'GET /enterprise/{number}/extensions': { who: ENTERPRISE },
  'PUT /enterprise/{number}/extensions': { who: ENTERPRISE, request: { body: { items: [] } } },
  'GET /enterprise/{number}/lines': { who: ENTERPRISE },
  'PUT /enterprise/{number}/lines': { who: ENTERPRISE, request: { body: { items: [] } } },

  'GET /enterprise/{number}/integrations/config': { who: ENTERPRISE },
  'POST /enterprise/{number}/integrations/config': {
    who: ENTERPRISE,
    request: { body: { webhook: { enabled: false } } },
  },
  'POST /enterprise/{number}/integrations/{type}/test': { who: ENTERPRISE, request: { body: {} } },
  // The CRM of these tests does not answer.
  'GET /enterprise/{number}/integrations/{type}/users': { who: ENTERPRISE, status: 502 },
  'GET /enterprise/{number}/integrations/{type}/mapping': { who: ENTERPRISE },
  'PUT /enterprise/{number}/integrations/{type}/mapping': {
    who: ENTERPRISE,
    request: { body: { items: [] } },
  },
  'GET /enterprise/{number}/integrations/logs': { who: ENTERPRISE },
  'GET /enterprise/{number}/integrations/stats': { who: ENTERPRISE },
  'GET /enterprise/{number}/deliveries': { who: ENTERPRISE },
  'GET /enterprise/{number}/deliveries/{id}': { who: ENTERPRISE, id: DELIVERY_ID },
  'POST /enterprise/{number}/deliveries/replay': {
    who: ENTERPRISE,
    request: { body: { ids: [DELIVERY_ID] } },
  },
  'GET /admin/integrations/stats': { who: SUPERADMIN },
  'GET /api/jobs/{id}': { who: ADMINS, id: JOB_ID, notThereFor: "other enterprise's admin" },

  'GET /api/recordings/{number}': { who: ENTERPRISE_OR_SECRET },
  'POST /api/recordings/{number}': {
    who: ENTERPRISE_OR_SECRET,
    request: {
      body: {
        call_unique_id: '1757840723.9',
        file_name: 'a.wav',
        content_type: 'audio/wav',
        size: 100,
      },
    },
  },
  // Nothing was put there.
  'POST /api/recordings/{number}/{id}/confirm': {
    who: ENTERPRISE_OR_SECRET,
    id: UPLOAD_ID,
    status: 409,
  },
  'GET /enterprise/{number}/recordings': { who: ENTERPRISE },
  'POST /enterprise/{number}/recordings/{id}/hold': { who: ENTERPRISE, id: RECORDING_ID },
  // It is on hold.
  'DELETE /enterprise/{number}/recordings/{id}': {
    who: ENTERPRISE,
    id: RECORDING_ID,
    status: 409,
  },
  'GET /enterprise/{number}/gaps': { who: ENTERPRISE },
  'GET /enterprise/{number}/recordings/settings': { who: ENTERPRISE },
  'PUT /enterprise/{number}/recordings/settings': { who: ENTERPRISE, request: { body: {} } },
  'GET /r/{file}': { who: ROLES, status: 404 },
  'GET /admin/storage/usage': { who: SUPERADMIN },
  'POST /admin/storage/check': { who: SUPERADMIN },
  'POST /api/smart-redirect/incoming-call': box({ phone: '375291110001', channel: 'PJSIP/1-1' }),
  'POST /api/callevent/getcustomerdata': box({ Phone: '375291110001' }),
  'GET /enterprise/{number}/smart-redirects': { who: ENTERPRISE },
  'GET /enterprise/{number}/smart-redirect/settings': { who: ENTERPRISE },
  'PUT /enterprise/{number}/smart-redirect/settings': { who: ENTERPRISE, request: { body: {} } },
  'POST /enterprise/{number}/smart-redirect/try': {
    who: ENTERPRISE,
    request: { body: { phone: '375291110001' } },
  },
  'GET /admin/hosting/api/timeweb/status': hosting(),
  'GET /admin/hosting/api/timeweb/servers': hosting(),
  'GET /admin/hosting/api/timeweb/finances': hosting(),
  'GET /admin/hosting/api/servers': hosting(),
  'GET /admin/hosting/api/server/{id}': hosting(),
  'GET /admin/hosting/api/server/{id}/changes': hosting(),
  'GET /admin/hosting/api/stats': hosting(),
  'GET /admin/hosting/api/projects': hosting(),
  'GET /admin/hosting/api/project/{id}': hosting(),
  'GET /admin/hosting/api/payments': hosting(),
  'GET /admin/hosting/api/payment/{id}': hosting(),
  'GET /admin/hosting/api/payments/calendar': hosting(),
  'POST /admin/hosting/api/timeweb/import': hosting({ server_ids: [1051] }),
  'POST /admin/hosting/api/timeweb/sync-all': hosting(),
  'POST /admin/hosting/api/server': hosting({ server_name: 'shop' }),
  'PATCH /admin/hosting/api/server/{id}': hosting({ notes: 'a' }),
  'DELETE /admin/hosting/api/server/{id}': hosting(undefined, '2'),
  'POST /admin/hosting/api/server/{id}/sync': hosting(),
  'POST /admin/hosting/api/project': hosting({ name: 'A new one' }),
  'PATCH /admin/hosting/api/project/{id}': hosting({ notes: 'a' }),
  'DELETE /admin/hosting/api/project/{id}': hosting(undefined, '2'),
  'POST /admin/hosting/api/payment': hosting({ server_id: 1, amount: 100 }),
  'PATCH /admin/hosting/api/payment/{id}': hosting({ amount: 200 }),
  'DELETE /admin/hosting/api/payment/{id}': hosting(undefined, '2'),
  'GET /api/enterprises': { who: SUPERADMIN },
  'POST /api/enterprises': {
    who: SUPERADMIN,
    status: 201,
    request: { body: { number: '0400', name: 'new' } },
  },
  'GET /api/enterprises/{number}': { who: SUPERADMIN },
  'PATCH /api/enterprises/{number}': { who: SUPERADMIN, request: { body: { name: 'june' } } },
  'DELETE /api/enterprises/{number}': { who: SUPERADMIN, number: CLOSED_NUMBER },
  'POST /api/enterprises/{number}/rotate-token': { who: SUPERADMIN, number: CLOSED_NUMBER },
  'POST /api/enterprises/{number}/rotate-secret': { who: SUPERADMIN, number: CLOSED_NUMBER },
  'POST /api/enterprises/{number}/test-message': { who: SUPERADMIN, request: { body: {} } },

  'GET /enterprise/{number}/users': { who: ENTERPRISE },
  'POST /enterprise/{number}/users': {
    who: ENTERPRISE,
    status: 409,
    request: { body: { login: 'own' } },
  },
  'PATCH /enterprise/{number}/users/{id}': {
    who: ENTERPRISE,
    id: USER_ID,
    request: { body: { name: 'Анна' } },
  },
  'DELETE /enterprise/{number}/users/{id}': { who: ENTERPRISE, id: '999999', status: 404 },
  'GET /api/keys': { who: SUPERADMIN },
  'POST /api/keys': {
    who: SUPERADMIN,
    status: 201,
    request: { body: { name: 'site', scopes: ['chats:read'] } },
  },
  'DELETE /api/keys/{id}': { who: SUPERADMIN, id: KEY_ID },
  'GET /api/audit': { who: SUPERADMIN },

  'GET /admin/services': { who: SUPERADMIN },
  'POST /admin/services/{queue}/redrive': { who: SUPERADMIN, status: 202 },
  'POST /admin/services/{job}/run': { who: SUPERADMIN, status: 202 },
  'GET /admin/overview': { who: SUPERADMIN },
  'GET /enterprise/{number}/overview': { who: ENTERPRISE },

  // What a CRM shows of itself is part of the request; nothing can place a call yet.
  'GET /api/crm/retailcrm/make-call': click(503, { code: '151', phone: '375291110001' }),
  'POST /api/crm/retailcrm/make-call': click(503, { code: '151', phone: '375291110001' }),
  'GET /api/crm/retailcrm/user-status': click(200, { userId: '17', status: 'free' }),
  'POST /api/crm/retailcrm/user-status': click(200, { userId: '17', status: 'free' }),
  'POST /api/crm/bitrix24/{enterprise_number}/events': {
    who: ROLES,
    request: {
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: `event=ONCRMLEADADD&auth[application_token]=${PORTAL_TOKEN}`,
    },
  },

  // Only the token of the chat opens them: their own tests have it.
  'POST /api/chat/sessions': { who: ROLES, request: { body: { page: 'https://shop.example/' } } },
  'GET /api/chat/messages': { who: [] },
  'POST /api/chat/send-message': visitor({ message_text: 'Здравствуйте' }),
  'POST /api/chat/transfer-to-manager': visitor({}),
  'POST /api/chat/offline-request': visitor({
    client_name: 'Анна',
    client_phone: '+375291110001',
    question: 'Перезвоните',
  }),
  'POST /api/chat/close': visitor({}),
  'POST /api/chat/rating': visitor({ rating: 5 }),
  'POST /api/chat/attachments': visitor({ file_name: 'a.png', content_type: 'image/png', size: 1 }),
};

const nameOf = ({ method, path }: Contract): string => `${method} ${path}`;
const pathOf = (contract: Contract): string =>
  contract.path
    .replace(/\{(enterprise_)?number\}/, RULES[nameOf(contract)]?.number ?? NUMBER)
    .replace('{queue}', 'calls')
    .replace('{job}', 'maintenance')
    .replace('{id}', RULES[nameOf(contract)]?.id ?? CALL_ID)
    .replace('{event}', 'start')
    .replace('{file}', `${'a'.repeat(22)}.wav`)
    .replace('{type}', 'retailcrm');

const people = new Map<string, Admin>();

beforeAll(async () => {
  await insertEnterprise(db);
  await insertEnterprise(db, { number: OTHER_NUMBER, token: '375290000002' });
  await insertEnterprise(db, { number: CLOSED_NUMBER, token: '375290000003' });
  await db`
    insert into users (id, enterprise_number, login, password_hash)
    overriding system value
    values (${USER_ID}, ${NUMBER}, 'colleague', 'x')`;
  await db`
    insert into api_keys (id, name, prefix, key_hash, scopes)
    values (${KEY_ID}, 'site', 'trk_abcd', ${hashToken('trk_abcd')}, '{chats:read}')`;
  await db`insert into managers (telegram_id, name) values (${MANAGER_ID}, 'Мария')`;
  await db`
    insert into chat_sessions (id, token_hash, state, page)
    values (${CHAT_SESSION_ID}, ${hashToken('chat')}, 'closed', 'https://shop.example/')`;
  await db`
    insert into support_chats (id, session_id, state, closed_at, closed_by)
    values (${CHAT_ID}, ${CHAT_SESSION_ID}, 'closed', now(), 'visitor')`;
  people.set('superadmin', await insertLogin(db, 'superadmin'));
  people.set('own', await insertLogin(db, 'own', NUMBER));
  people.set('other', await insertLogin(db, 'other', OTHER_NUMBER));
  await db`
    insert into calls (id, enterprise_number, main_unique_id, direction, status, started_at, last_event_at)
    values (${CALL_ID}, ${NUMBER}, '1757840723.6', 'in', 'missed', now(), now())`;
  await db`
    insert into deliveries (id, enterprise_number, integration_type, call_id, step)
    overriding system value
    values (${DELIVERY_ID}, ${NUMBER}, 'retailcrm', ${CALL_ID}, 'hangup')`;
  await db`
    insert into jobs (id, kind, enterprise_number, request)
    values (${JOB_ID}, 'replay', ${NUMBER}, '{}')`;
  const recordings = [
    { id: RECORDING_ID, state: 'stored', source: 'box', hold: true },
    { id: UPLOAD_ID, state: 'uploading', source: 'upload', hold: false },
  ];
  for (const { id, state, source, hold } of recordings) {
    await db`
      insert into recordings (id, enterprise_number, unique_id, source, state, file, key, content_type, size, hold,
        started_at, stored_at)
      values (${id}, ${NUMBER}, '1757840723.6', ${source}, ${state}, ${`${id}.wav`}, ${`call-recordings/${id}.wav`},
        'audio/wav', 100, ${hold}, now(), now())`;
  }
  await db`
    insert into originates (id, enterprise_number, extension, phone, source, requested_at)
    values (${ORIGINATE_ID}, ${NUMBER}, '150', '375291110001', 'external', now() - interval '1 hour')`;
  await insertHosting();
  const portal = { bitrix24: { enabled: true, application_token: PORTAL_TOKEN } };
  await db`
    update enterprises
    set client_id_hash = ${hashToken(CLIENT_ID)}, integrations_config = integrations_config || ${db.json(portal)}
    where number = ${NUMBER}`;
});

async function session(login: string): Promise<string> {
  const person = people.get(login);
  if (!person) throw new Error(`${login} is nobody`);
  return startSession(db, person);
}

/** A session of its own each time: logging out is one of the routes. */
const CREDENTIALS: Record<Role, () => Promise<Partial<Asked>>> = {
  nobody: async () => ({}),
  'wrong token': async () => ({ session: 'x'.repeat(43) }),
  'expired session': async () => {
    const token = await session('own');
    await db`update user_sessions set expires_at = now() - interval '1 second'`;
    return { session: token };
  },
  "other enterprise's admin": async () => ({ session: await session('other') }),
  'own admin': async () => ({ session: await session('own') }),
  superadmin: async () => ({ session: await session('superadmin') }),
  'enterprise secret': async () => ({ headers: { authorization: `Bearer secret-${NUMBER}` } }),
};

test('every contract has its rule, every rule its contract, every contract its route', () => {
  const promised = contracts.map(nameOf).toSorted();
  expect(Object.keys(RULES).toSorted()).toEqual(promised);
  const routed = allRoutes(db).map(({ contract }) => nameOf(contract));
  expect(routed.toSorted()).toEqual(promised);
});

type Named = { name: string; contract: Contract };
const named = (chosen: Contract[]): Named[] =>
  chosen.map((contract) => ({ name: nameOf(contract), contract }));

/** The good request of a route, with what the caller has to show. */
const asks = ({ name, contract }: Named, shown: Partial<Asked>) => {
  const { headers, ...request } = RULES[name]?.request ?? {};
  return ask({
    ...request,
    ...shown,
    headers: { ...headers, ...shown.headers },
    method: contract.method,
    path: pathOf(contract),
  });
};

function expectedOf({ name, contract }: Named, role: Role): object {
  const { who, status = 200, notThereFor } = RULES[name] ?? { who: [] };
  if (who.includes(role)) return { status: role === notThereFor ? 404 : status };
  if (name === 'GET /api/auth/me') return { status: 401, json: { detail: 'Вход не выполнен' } };
  const detail = contract.auth === 'box token' ? 'Invalid token' : 'Доступ запрещен';
  return { status: 403, json: { detail } };
}

describe.each(named(contracts))('$name', (route) => {
  const { name, contract } = route;

  test('means what its rule says', () => {
    expect(ADMITTED[contract.auth]).toEqual(RULES[name]?.who);
  });

  test.each(ROLES)('%s', async (role) => {
    await db`delete from rate_buckets`;
    const answer = await asks(route, await CREDENTIALS[role]());
    expect(answer).toMatchObject(expectedOf(route, role));
    const promised = contract.answers[answer.status];
    expect(promised).toBeDefined();
    promised?.body?.parse(answer.json);
  });
});

const boxRoutes = contracts.filter(({ auth }) => auth === 'box token');
test.each(named(boxRoutes))("$name takes the token of a box's enterprise", async (route) => {
  expect(await asks(route, { headers: { token: TOKEN } })).toMatchObject({ status: 200 });
});

const writes = contracts.filter(
  ({ auth, method }) => method !== 'GET' && !['none', 'box token', 'visitor'].includes(auth),
);
describe.each(named(writes))('$name is refused to', (route) => {
  test.each([
    ['another site', { origin: 'https://evil.example.com' }],
    ['a page that hides its origin', { origin: 'null' }],
    ['something that sends no origin', { origin: '' }],
  ])('%s that has the cookie', async (_who, headers) => {
    const answer = await asks(route, { headers, session: await session('superadmin') });
    expect(answer).toMatchObject({ status: 403, json: { detail: 'Доступ запрещен' } });
  });
});

async function insertHosting(): Promise<void> {
  await db`truncate hosting_payments, hosting_servers, hosting_projects restart identity cascade`;
  await db`insert into hosting_projects (name) values ('One'), ('Two')`;
  await db`
    insert into hosting_servers (server_name, timeweb_id)
    values ('bot-1', 1051), ('bot-2', 1052)`;
  await db`
    insert into hosting_payments (server_id, amount, paid_on)
    values (1, 100, '2026-11-01'), (1, 100, '2026-11-02')`;
}

/** What changes nothing that anybody would ask about later. */
const UNAUDITED = [
  'POST /api/auth/socket-ticket',
  'POST /enterprise/{number}/integrations/{type}/test',
  'POST /api/enterprises/{number}/test-message',
];
test('writes that leave no entry in the audit log are these', () => {
  expect(contracts.filter(({ audit }) => audit === 'none').map(nameOf)).toEqual(UNAUDITED);
});

/** Of the others whose good request is refused here their own tests tell. */
const audited = named(writes).filter(
  ({ name, contract }) => contract.audit !== 'none' && (RULES[name]?.status ?? 200) < 400,
);
test.each(audited)('$name leaves an entry in the audit log', async (route) => {
  await db`delete from audit_log`;
  await db`delete from enterprises where number = '0400'`;
  await insertHosting();
  await db`
    insert into api_keys (id, name, prefix, key_hash, scopes)
    values (${KEY_ID}, 'site', 'trk_abcd', ${hashToken('trk_abcd')}, '{chats:read}')
    on conflict do nothing`;
  const answer = await asks(route, { session: await session('superadmin') });
  expect(answer.status).toBe(RULES[route.name]?.status ?? 200);
  const entries = await db`select actor, actor_kind, address, request_id from audit_log`;
  expect(entries.length).toBeGreaterThan(0);
  expect(entries[0]).toEqual({
    actor: 'superadmin',
    actorKind: 'superadmin',
    address: '192.0.2.1',
    requestId: 'r1',
  });
});
