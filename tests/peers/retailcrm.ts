import * as z from 'zod';

import { check } from './control.ts';
import { maskSecret } from './journal.ts';
import { createLimiter, type Limit } from './limits.ts';
import { callHub } from './outbound.ts';
import {
  type Answer,
  type Clock,
  ControlError,
  type Peer,
  type PeerRequest,
  Refusal,
} from './peer.ts';
import {
  type Account,
  AccountPatch,
  countEffects,
  createAccount,
  editModule,
  hasTelephony,
  patchAccount,
  type Scope,
  showPopUp,
  storeCall,
} from './retailcrm-account.ts';
import { disabled, invalid, ok, readField, refuse, toList, toMap } from './retailcrm-answers.ts';
import { CallEvent, IntegrationModule, UploadedCalls } from './retailcrm-formats.ts';
import { renderRetailcrm } from './retailcrm-panel.ts';
import {
  createCustomer,
  createNote,
  listCustomers,
  listNotes,
  listUsers,
  lookUp,
} from './retailcrm-people.ts';

const TELEPHONY_LIMIT: Limit = { kind: 'window', count: 40, perMs: 1_000 };
const LIMIT: Limit = { kind: 'window', count: 10, perMs: 1_000 };

export type RetailcrmPeer = Peer & { account: (name: string) => Account };

type Call = { account: Account; request: PeerRequest; parts: string[] };
type Route = {
  method: 'GET' | 'POST';
  path: RegExp;
  scope?: Scope;
  answer: (call: Call) => Answer;
};

export function createRetailcrm({ now }: { now: Clock }): RetailcrmPeer {
  const limiter = createLimiter(now);
  const accounts = new Map<string, Account>();
  for (const account of demoAccounts()) accounts.set(account.name, account);

  const at = () => new Date(now()).toISOString();

  const routes: Route[] = [
    {
      method: 'POST',
      path: /^\/api\/v5\/telephony\/call\/event$/,
      scope: 'telephony_write',
      answer({ account, request }) {
        const { value: event, problems } = readField(request.body, 'event', CallEvent);
        if (problems) return invalid('Errors in the entity format', toMap(problems));
        if (!hasTelephony(account)) return disabled('Telephony not enabled');
        const { notExistCodes, notExistUsers } = showPopUp(account, event, {
          sequence: request.sequence,
          at: at(),
        });
        return ok(
          {
            ...(notExistCodes.length > 0 && { notExistCodes }),
            ...(notExistUsers.length > 0 && { notExistUsers }),
          },
          eventWarnings(event),
        );
      },
    },
    {
      method: 'POST',
      path: /^\/api\/v5\/telephony\/calls\/upload$/,
      scope: 'telephony_write',
      answer({ account, request }) {
        const { value: calls, problems } = readField(request.body, 'calls', UploadedCalls);
        if (problems) return invalid('Errors in the entity format', toList(problems));
        if (!hasTelephony(account)) {
          return disabled('Telephony not enabled or not supports calls upload');
        }
        const moment = { sequence: request.sequence, at: at() };
        const repeated = calls.filter((call) => !storeCall(account, call, moment));
        return ok(
          {
            processedCallsCount: calls.length - repeated.length,
            duplicateCalls: repeated.map(({ externalId }) => externalId),
          },
          calls.flatMap(({ externalId }) =>
            externalId ? [] : ['call without externalId: a repetition would double it'],
          ),
        );
      },
    },
    {
      method: 'GET',
      path: /^\/api\/v5\/telephony\/manager$/,
      scope: 'telephony_read',
      answer({ account, request: { query } }) {
        const phone = query.get('phone');
        if (!phone) return refuse(400, "Parameter 'phone' is missing");
        return ok(lookUp(account, { phone, query }));
      },
    },
    {
      method: 'POST',
      path: /^\/api\/v5\/integration-modules\/([\w-]+)\/edit$/,
      scope: 'integration_write',
      answer({ account, request, parts: [code = ''] }) {
        const { value: module, problems } = readField(
          request.body,
          'integrationModule',
          IntegrationModule,
        );
        if (problems) return invalid('Validation error', toMap(problems));
        editModule(account, { ...module, code });
        const codes = module.integrations?.telephony?.additionalCodes;
        return ok({ info: [] }, codes ? [] : ['no additionalCodes: every user lost his extension']);
      },
    },
    {
      method: 'GET',
      path: /^\/api\/v5\/integration-modules\/([\w-]+)$/,
      scope: 'integration_read',
      answer({ account, parts: [code = ''] }) {
        const integrationModule = account.modules.get(code);
        return integrationModule ? ok({ integrationModule }) : refuse(404, 'Not found');
      },
    },
    {
      method: 'GET',
      path: /^\/api\/credentials$/,
      answer({ account, request }) {
        const scopes = account.keys.get(readKey(request)) ?? [];
        const credentials = scopes.flatMap((scope) => CREDENTIALS[scope]);
        return ok({ credentials, scopes, siteAccess: 'access_full', sitesAvailable: [] });
      },
    },
    {
      method: 'GET',
      path: /^\/api\/v5\/customers$/,
      scope: 'customer_read',
      answer: ({ account, request: { query } }) => listCustomers(account, query),
    },
    {
      method: 'POST',
      path: /^\/api\/v5\/customers\/create$/,
      scope: 'customer_write',
      answer: ({ account, request: { body } }) => createCustomer(account, body),
    },
    {
      method: 'GET',
      path: /^\/api\/v5\/customers\/notes$/,
      scope: 'customer_read',
      answer: ({ account, request: { query } }) => listNotes(account, query),
    },
    {
      method: 'POST',
      path: /^\/api\/v5\/customers\/notes\/create$/,
      scope: 'customer_write',
      answer: ({ account, request: { body, sequence } }) =>
        createNote(account, body, { sequence, at: at() }),
    },
    {
      method: 'GET',
      path: /^\/api\/v5\/users$/,
      scope: 'user_read',
      answer: ({ account, request: { query } }) => listUsers(account, query),
    },
  ];

  function answer(request: PeerRequest): Answer {
    const account = accounts.get(request.account);
    if (!account) return { status: 404, body: NO_ACCOUNT, refused: 'Account does not exist.' };
    const key = readKey(request);
    if (!key) return refuse(400, '"apiKey" is missing.');
    const scopes = account.keys.get(key);
    if (!scopes) return refuse(403, 'Wrong "apiKey" value.');

    const telephony = request.path.startsWith('/api/v5/telephony');
    const bucket = JSON.stringify([account.name, key, telephony]);
    if (limiter.take([[bucket, telephony ? TELEPHONY_LIMIT : LIMIT]]) > 0) {
      return refuse(503, 'Rate limit exceeded');
    }
    for (const route of routes) {
      const match = route.method === request.method ? route.path.exec(request.path) : null;
      if (!match) continue;
      if (route.scope && !scopes.includes(route.scope)) return refuse(403, 'Access denied.');
      return route.answer({ account, request, parts: match.slice(1) });
    }
    return refuse(404, 'API method not found');
  }

  function findAccount(name: string): Account {
    const account = accounts.get(name);
    if (!account) throw new ControlError(404, `no RetailCRM account "${name}"`);
    return account;
  }

  function change(name: string, patch: z.output<typeof AccountPatch>): Account {
    const account = accounts.get(name) ?? createAccount(name);
    patchAccount(account, patch);
    accounts.set(name, account);
    return account;
  }

  return {
    name: 'retailcrm',
    title: 'RetailCRM',
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
    overloaded: () => refuse(503, 'Rate limit exceeded'),
    broken: () => refuse(500, 'Internal server error'),
    secrets: () => [...accounts.values()].flatMap(({ keys }) => [...keys.keys()]),
    reset() {
      limiter.reset();
      for (const account of accounts.values()) {
        account.popups.clear();
        account.journal.clear();
        account.notes = [];
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
        case 'POST click':
          return click(findAccount(name ?? ''), check(Click, body));
        default:
          return undefined;
      }
    },
    panel: () => renderRetailcrm([...accounts.values()]),
  };
}

const Click = z.strictObject({
  phone: z.string(),
  code: z.string(),
  externalPhone: z.string().optional(),
});

/** A manager clicks a number in the CRM: it calls every module's `makeCallUrl`, unsigned, by GET. */
async function click(account: Account, { phone, code, externalPhone }: z.output<typeof Click>) {
  const user = account.users.find((each) => each.code === code);
  if (!user) throw new ControlError(404, `nobody in "${account.name}" has the extension ${code}`);
  const calls = [...account.modules.values()].flatMap(({ clientId = '', active, integrations }) => {
    const address = integrations?.telephony?.makeCallUrl;
    if (active === false || address === undefined) return [];
    const url = new URL(address);
    const query = { clientId, code, phone, userId: String(user.id), externalPhone };
    for (const [name, value] of Object.entries(query)) {
      if (value !== undefined) url.searchParams.set(name, value);
    }
    return [url.href];
  });
  return { outcomes: await Promise.all(calls.map((url) => callHub(url, { method: 'GET' }))) };
}

function describe(account: Account) {
  return {
    account: account.name,
    keys: [...account.keys.keys()].map(maskSecret),
    telephony: hasTelephony(account),
    counts: countEffects(account),
    popups: [...account.popups.values()],
    journal: [...account.journal.values()],
    modules: [...account.modules.values()],
    users: account.users,
    customers: account.customers,
    notes: account.notes,
  };
}

function readKey({ headers, query, body }: PeerRequest): string {
  const posted = body.kind === 'form' ? body.fields.get('apiKey') : undefined;
  return headers['x-api-key'] ?? query.get('apiKey') ?? posted ?? '';
}

function eventWarnings({ type, hangupStatus, callExternalId }: CallEvent): string[] {
  return [
    ...(type === 'hangup' && !hangupStatus ? ['hangup without hangupStatus'] : []),
    ...(type !== 'hangup' && hangupStatus ? ['hangupStatus belongs to a hangup'] : []),
    ...(callExternalId ? [] : ['no callExternalId: in and hangup cannot be joined']),
  ];
}

/** The older, deprecated twin of scopes. */
const CREDENTIALS: Record<Scope, string[]> = {
  telephony_read: ['/api/telephony/manager'],
  telephony_write: ['/api/telephony/call/event', '/api/telephony/calls/upload'],
  integration_read: ['/api/integration-modules/{code}'],
  integration_write: ['/api/integration-modules/{code}/edit'],
  customer_read: ['/api/customers', '/api/customers/notes'],
  customer_write: ['/api/customers/create', '/api/customers/notes/create'],
  user_read: ['/api/users'],
};

const NO_ACCOUNT =
  '<!DOCTYPE html>\n<html><head><title>Account does not exist</title></head><body><h1>Account does not exist.</h1></body></html>\n';

function demoAccounts(): Account[] {
  return [
    createAccount('demo', {
      key: 'demo-key-0367',
      users: [
        {
          id: 16,
          firstName: 'Анна',
          lastName: 'Ковалёва',
          email: 'anna@demo.example',
          code: '150',
        },
        { id: 17, firstName: 'Борис', lastName: 'Лещук', email: 'boris@demo.example', code: '151' },
        { id: 18, firstName: 'Вера', lastName: 'Мороз', email: 'vera@demo.example', code: '152' },
      ],
      customers: [
        { phone: '+375291110001', managerId: 17, name: 'Иван Клиентов' },
        { phone: '+375291110002', managerId: 18, name: 'Ольга Заказова' },
        { phone: '+375291110003', managerId: null, name: 'Пётр Ничейный' },
      ],
    }),
    createAccount('second', {
      key: 'demo-key-0368',
      users: [
        { id: 26, firstName: 'Глеб', lastName: 'Юрко', email: 'gleb@second.example', code: '150' },
      ],
      customers: [{ phone: '+375291110001', managerId: 26, name: 'Тот же номер' }],
    }),
  ];
}
