import { beforeAll, describe, expect, test } from 'vitest';

import type { Admin } from '../../shared/auth/caller.ts';
import { hashToken } from '../../shared/auth/tokens.ts';
import type { Contract } from '../../shared/contract.ts';
import { contracts } from '../../shared/contracts.ts';
import { insertEnterprise, NUMBER, TOKEN, useDatabase } from '../support/database.ts';
import { allRoutes, type Asked, createAsking } from './asking.ts';
import { insertLogin, startSession } from './people.ts';
import {
  ADMITTED,
  CALL_ID,
  CHAT_ID,
  CHAT_SESSION_ID,
  CLIENT_ID,
  CLOSED_NUMBER,
  DELIVERY_ID,
  JOB_ID,
  KEY_ID,
  MANAGER_ID,
  ORIGINATE_ID,
  OTHER_NUMBER,
  PORTAL_TOKEN,
  RECORDING_ID,
  type Role,
  ROLES,
  RULES,
  UPLOAD_ID,
  USER_ID,
} from './rules.ts';

const { db } = useDatabase();
const ask = createAsking(db);

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
