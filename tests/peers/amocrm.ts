import { randomUUID } from 'node:crypto';

import type * as z from 'zod';

import {
  type Account,
  AccountPatch,
  addLead,
  countEffects,
  createAccount,
  forgetEffects,
  hasEntity,
  patchAccount,
  showPopUp,
  storeCall,
} from './amocrm-account.ts';
import {
  accepted,
  type FieldError,
  invalid,
  ok,
  page,
  problem,
  readItems,
  requestIdOf,
  toFieldErrors,
} from './amocrm-answers.ts';
import { demoAccounts } from './amocrm-demo.ts';
import { Call, ComplexLead, PopUps, TextNote, UnsortedCall } from './amocrm-formats.ts';
import {
  listCards,
  listEvents,
  listNotes,
  listTextNotes,
  listUnsorted,
  listUsers,
} from './amocrm-lists.ts';
import { renderAmocrm } from './amocrm-panel.ts';
import { checkToken, expire, revoke, rotate } from './amocrm-tokens.ts';
import { check } from './control.ts';
import { maskSecret } from './journal.ts';
import { createLimiter, type Limit } from './limits.ts';
import {
  type Answer,
  type Clock,
  ControlError,
  type Peer,
  type PeerRequest,
  Refusal,
} from './peer.ts';

const LIMIT: Limit = { kind: 'window', count: 7, perMs: 1_000 };
/** Who goes on after so many refusals in so long is blocked. The vendor says no numbers. */
const PATIENCE: Limit = { kind: 'window', count: 15, perMs: 10_000 };

export type AmocrmPeer = Peer & { account: (name: string) => Account };

type Asked = {
  account: Account;
  request: PeerRequest;
  parts: string[];
  json: unknown;
  moment: { sequence: number; at: number };
};
type Route = { method: 'GET' | 'POST'; path: RegExp; answer: (asked: Asked) => Answer };

export function createAmocrm({ now }: { now: Clock }): AmocrmPeer {
  const limiter = createLimiter(now);
  const accounts = new Map<string, Account>();
  for (const account of demoAccounts(now())) accounts.set(account.name, account);

  function answer(request: PeerRequest): Answer {
    const account = accounts.get(request.account);
    if (!account) return { status: 404, body: NO_ACCOUNT, refused: 'Account not found' };
    if (limiter.take([[account.name, LIMIT]]) > 0) {
      if (limiter.take([[`${account.name}: patience`, PATIENCE]]) > 0) account.state = 'blocked';
      return page(429, 'Too Many Requests');
    }
    if (account.state === 'unpaid')
      return problem(402, 'Payment Required', 'The account is not paid');
    if (account.state === 'blocked') return page(403, 'Forbidden');
    const at = now();
    const moment = { sequence: request.sequence, at };
    const { body } = request;
    if (request.method === 'POST' && body.kind !== 'json')
      return problem(415, 'Unsupported Media Type', 'Content-Type must be application/json');
    const json = body.kind === 'json' ? body.value : undefined;
    if (request.path === '/oauth2/access_token' && request.method === 'POST')
      return { status: 200, body: rotate(account, json, moment) };
    checkToken(account, request.headers['authorization'], at);
    if (account.state === 'disabled')
      return problem(403, 'Forbidden', 'The integration is disabled');

    for (const route of ROUTES) {
      const match = route.method === request.method ? route.path.exec(request.path) : null;
      if (match) return route.answer({ account, request, parts: match.slice(1), json, moment });
    }
    return problem(404, 'Not Found', 'Page not found.');
  }

  function findAccount(name: string): Account {
    const account = accounts.get(name);
    if (!account) throw new ControlError(404, `no amoCRM account "${name}"`);
    return account;
  }

  function change(name: string, patch: z.output<typeof AccountPatch>): Account {
    const account =
      accounts.get(name) ?? createAccount(name, {}, { id: 31_000_000 + accounts.size, now: now() });
    patchAccount(account, patch, now());
    accounts.set(name, account);
    return account;
  }

  return {
    name: 'amocrm',
    title: 'amoCRM',
    locate(path) {
      const [, account = '', ...rest] = path.split('/');
      return { account, path: `/${rest.join('/')}` };
    },
    answer(request) {
      try {
        return answer(request);
      } catch (error) {
        if (error instanceof Refusal) return error.answer;
        throw error;
      }
    },
    overloaded: (retryAfter) =>
      page(429, 'Too Many Requests', { 'retry-after': String(retryAfter) }),
    broken: () => problem(500, 'Internal Server Error', 'Something went wrong'),
    secrets: () =>
      [...accounts.values()].flatMap(
        ({ clientSecret, refresh, access, longLived, spent, revoked }) =>
          [clientSecret, refresh, ...access.keys(), ...longLived, ...spent, ...revoked].filter(
            Boolean,
          ),
      ),
    reset() {
      limiter.reset();
      for (const account of accounts.values()) {
        forgetEffects(account);
        if (account.state === 'blocked') account.state = 'active';
      }
    },
    account: findAccount,
    control({ method, segments: [name, action], body }) {
      switch (`${method} ${name === undefined ? 'all' : (action ?? 'account')}`) {
        case 'GET all':
          return [...accounts.keys()];
        case 'GET account':
          return describe(findAccount(name ?? ''));
        case 'POST account':
          return describe(change(name ?? '', check(AccountPatch, body)));
        case 'POST expire':
          expire(findAccount(name ?? ''));
          return describe(findAccount(name ?? ''));
        case 'POST revoke':
          revoke(findAccount(name ?? ''));
          return describe(findAccount(name ?? ''));
        default:
          return undefined;
      }
    },
    panel: () => renderAmocrm([...accounts.values()]),
  };
}

const ROUTES: Route[] = [
  {
    method: 'GET',
    path: /^\/api\/v4\/account$/,
    answer: ({ account: { id, name, users } }) =>
      ok({
        id,
        name: `Компания ${name}`,
        subdomain: name,
        created_at: 1_700_000_000,
        current_user_id: users[0]?.id ?? 0,
        country: 'BY',
        currency: 'BYN',
      }),
  },
  {
    method: 'POST',
    path: /^\/api\/v2\/events\/?$/,
    answer({ account, json, moment }) {
      const parsed = PopUps.safeParse(json);
      if (!parsed.success)
        return invalid([{ requestId: '0', errors: toFieldErrors(parsed.error) }]);
      for (const { phone_number: phone, users } of parsed.data.add)
        showPopUp(account, { phone, users }, moment);
      const warnings = parsed.data.add.flatMap(({ users }) => {
        if (!users) return ['no users: the whole company sees the card'];
        const unknown = users.filter((id) => !account.users.some((user) => user.id === id));
        return unknown.length > 0 ? [`users that are not there: ${unknown.join(', ')}`] : [];
      });
      return accepted(warnings);
    },
  },
  {
    method: 'POST',
    path: /^\/api\/v4\/calls$/,
    answer({ account, json, moment }) {
      const calls = readItems(json, Call, (call) => unknownUsers(account, call));
      const results = calls.map((call, index) => ({
        requestId: requestIdOf(call, index),
        call: storeCall(account, call, moment),
      }));
      const added = results.flatMap(({ requestId, call }) =>
        call
          ? [
              {
                id: call.id,
                entity_id: call.entityId,
                entity_type: call.entityType,
                account_id: account.id,
                request_id: requestId,
                _embedded: { entity: { id: call.entityId } },
              },
            ]
          : [],
      );
      const errors = results.flatMap(({ requestId, call }) =>
        call ? [] : [{ title: 'Entity not found', status: 404, request_id: requestId }],
      );
      const body = { _total_items: added.length, errors, _embedded: { calls: added } };
      if (added.length === 0) {
        return { ...ok(body, { status: 400 }), refused: 'Entity not found' };
      }
      const nameless = calls.some(({ uniq }) => !uniq);
      const warnings = nameless ? ['call without uniq: nobody can find it again'] : [];
      return ok(body, { warnings });
    },
  },
  {
    method: 'POST',
    path: /^\/api\/v4\/leads\/unsorted\/sip$/,
    answer({ account, json, moment }) {
      const items = readItems(json, UnsortedCall);
      const stored = items.map((item) => ({ ...item, uid: randomUUID(), ...moment }));
      account.unsorted.push(...stored);
      const unsorted = stored.map(({ uid, ...item }, index) => ({
        uid,
        request_id: requestIdOf(item, index),
        account_id: account.id,
        _embedded: { contacts: [{ id: account.nextId++ }], leads: [{ id: account.nextId++ }] },
      }));
      return ok({ _total_items: unsorted.length, _embedded: { unsorted } });
    },
  },
  {
    method: 'POST',
    path: /^\/api\/v4\/leads\/complex$/,
    answer({ account, json, moment }) {
      const leads = readItems(json, ComplexLead);
      return ok(
        leads.map((lead, index) => {
          const { id, contactId } = addLead(account, lead, moment);
          const request_id = [requestIdOf(lead, index)];
          return { id, contact_id: contactId, company_id: null, request_id, merged: false };
        }),
      );
    },
  },
  {
    method: 'POST',
    path: /^\/api\/v4\/(leads|contacts|companies)\/(\d+)\/notes$/,
    answer({ account, json, moment, parts: [folder = '', entity = ''] }) {
      const entityId = Number(entity);
      const items = readItems(json, TextNote);
      if (!hasEntity(account, folder, entityId))
        return problem(404, 'Not Found', 'Entity not found.');
      const notes = items.map((item, index) => {
        const id = account.nextId++;
        account.notes.push({ id, folder, entityId, text: item.params.text, ...moment });
        return { id, entity_id: entityId, request_id: requestIdOf(item, index) };
      });
      return ok({ _embedded: { notes } });
    },
  },
  {
    method: 'GET',
    path: /^\/api\/v4\/(leads|contacts|companies)\/(\d+)\/notes$/,
    answer: ({ account, parts: [folder = '', entity = ''], ...asked }) =>
      listTextNotes(account, { folder, entityId: Number(entity) }, at(asked)),
  },
  {
    method: 'GET',
    path: /^\/api\/v4\/leads\/unsorted$/,
    answer: ({ account, ...asked }) => listUnsorted(account, at(asked)),
  },
  {
    method: 'GET',
    path: /^\/api\/v4\/events$/,
    answer: ({ account, ...asked }) => listEvents(account, at(asked)),
  },
  {
    method: 'GET',
    path: /^\/api\/v4\/contacts\/notes$/,
    answer: ({ account, ...asked }) => listNotes(account, 'contacts', at(asked)),
  },
  {
    method: 'GET',
    path: /^\/api\/v4\/companies\/notes$/,
    answer: ({ account, ...asked }) => listNotes(account, 'companies', at(asked)),
  },
  {
    method: 'GET',
    path: /^\/api\/v4\/leads\/notes$/,
    answer: ({ account, ...asked }) => listNotes(account, 'leads', at(asked)),
  },
  {
    method: 'GET',
    path: /^\/api\/v4\/customers\/notes$/,
    answer: ({ account, ...asked }) => listNotes(account, 'customers', at(asked)),
  },
  {
    method: 'GET',
    path: /^\/api\/v4\/contacts$/,
    answer: ({ account, ...asked }) => listCards(account, 'contacts', at(asked)),
  },
  {
    method: 'GET',
    path: /^\/api\/v4\/companies$/,
    answer: ({ account, ...asked }) => listCards(account, 'companies', at(asked)),
  },
  {
    method: 'GET',
    path: /^\/api\/v4\/users$/,
    answer: ({ account, ...asked }) => listUsers(account, at(asked)),
  },
  {
    method: 'GET',
    path: /^\/api\/v4\/users\/(\d+)$/,
    answer({ account, parts: [id] }) {
      const user = account.users.find((each) => String(each.id) === id);
      return user ? ok(user) : problem(404, 'Not Found', 'User not found');
    },
  },
];

function at({ request: { query, account, path } }: Pick<Asked, 'request'>) {
  return { query, base: `https://${account}.amocrm.ru${path}` };
}

function unknownUsers({ users }: Account, call: Call): FieldError[] {
  return (['responsible_user_id', 'created_by', 'updated_by'] as const).flatMap((path) => {
    const id = call[path];
    // 0 is the robot.
    if (id === undefined || id === 0 || users.some((user) => user.id === id)) return [];
    const detail = 'The value you selected is not a valid choice.';
    return [{ code: 'NotSupportedChoice', path, detail }];
  });
}

function describe(account: Account) {
  const { name, state, clientId, redirectUri, access, refresh, longLived, ...rest } = account;
  return {
    account: name,
    state,
    clientId,
    redirectUri,
    tokens: {
      access: [...access].map(([token, until]) => ({
        token: maskSecret(token),
        until: new Date(until).toISOString(),
      })),
      longLived: [...longLived].map(maskSecret),
      refresh: refresh ? maskSecret(refresh) : null,
    },
    counts: countEffects(account),
    popups: rest.popups,
    calls: rest.calls,
    unsorted: rest.unsorted,
    leads: rest.leads,
    notes: rest.notes,
    rotations: rest.rotations,
    users: rest.users,
    contacts: rest.contacts,
    companies: rest.companies,
  };
}

const NO_ACCOUNT = `<!DOCTYPE html>
<html><head><title>amoCRM</title></head><body><h1>Аккаунт не найден</h1></body></html>
`;
