/** Who may ask what: written down a second time beside the contracts, so that a slip in one is seen. */
import type { Contract } from '../../shared/contract.ts';
import { NUMBER } from '../support/database.ts';
import { type Asked, WEBHOOK_SECRET } from './asking.ts';
import { PASSWORD } from './people.ts';

export const OTHER_NUMBER = '0368';
export const CALL_ID = '01990000-0000-7000-8000-000000000001';
export const ORIGINATE_ID = '01990000-0000-7000-8000-000000000003';
const EXTERNAL = { clientId: `secret-${NUMBER}`, code: '150', phone: '375291110001' };
export const JOB_ID = '01990000-0000-7000-8000-000000000002';
export const DELIVERY_ID = '1201';
export const RECORDING_ID = '01990000-0000-7000-8000-000000000013';
export const UPLOAD_ID = '01990000-0000-7000-8000-000000000014';
export const KEY_ID = '01990000-0000-7000-8000-000000000003';
export const USER_ID = '1201';
export const MANAGER_ID = '700401';
export const CHAT_ID = '01990000-0000-7000-8000-000000000004';
export const CHAT_SESSION_ID = '01990000-0000-7000-8000-000000000005';
export const CLOSED_NUMBER = '0399';
export const CLIENT_ID = 'client-0367';
export const PORTAL_TOKEN = 'demo-application-token';

export const ROLES = [
  'nobody',
  'wrong token',
  'expired session',
  "other enterprise's admin",
  'own admin',
  'superadmin',
  'enterprise secret',
] as const;
export type Role = (typeof ROLES)[number];

const SUPERADMIN: Role[] = ['superadmin'];
const ADMINS: Role[] = ["other enterprise's admin", 'own admin', 'superadmin'];
const ENTERPRISE: Role[] = ['own admin', 'superadmin'];
const ENTERPRISE_OR_SECRET: Role[] = [...ENTERPRISE, 'enterprise secret'];

/** What each kind of contract means. */
export const ADMITTED: Record<Contract['auth'], readonly Role[]> = {
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
export const RULES: Record<string, Rule> = {
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
