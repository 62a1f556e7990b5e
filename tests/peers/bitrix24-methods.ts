import type * as z from 'zod';

import { MethodRefusal, type Spent } from './bitrix24-answers.ts';
import {
  addComment,
  addLead,
  findByComm,
  getEntity,
  getStatistics,
  getUsers,
  listComments,
  type Page,
} from './bitrix24-crm.ts';
import * as Params from './bitrix24-params.ts';
import type { Portal, Scope } from './bitrix24-portal.ts';
import {
  attachRecord,
  finish,
  register,
  searchCrmEntities,
  showOrHide,
} from './bitrix24-telephony.ts';
import type { Clock } from './peer.ts';

type Asked = {
  portal: Portal;
  webhook: { userId: number; scopes: readonly Scope[] };
  at: number;
  warn: (text: string) => void;
};
type Method = {
  scopes: readonly Scope[];
  run: (asked: Asked, params: unknown) => { result: unknown; page?: Page };
};

const USER_SCOPES = ['user', 'user_basic'] as const;
const OPERATING_SECONDS = 480;
const OPERATING_WINDOW_MS = 600_000;
const USUAL_COST = 0.1;

function method<Schema extends z.ZodType>(
  scopes: readonly Scope[],
  schema: Schema,
  run: (asked: Asked & { params: z.output<Schema> }) => unknown,
): Method {
  return {
    scopes,
    run: (asked, params) => ({
      result: run({ ...asked, params: Params.parseParams(schema, params) }),
    }),
  };
}

function list<Schema extends z.ZodType>(
  scopes: readonly Scope[],
  schema: Schema,
  run: (asked: Asked & { params: z.output<Schema> }) => Page,
): Method {
  return {
    scopes,
    run(asked, params) {
      const page = run({ ...asked, params: Params.parseParams(schema, params) });
      return { result: page.rows, page };
    },
  };
}

/** By name in lower case: the vendor does not tell them apart. */
const METHODS: Record<string, Method> = {
  profile: method([], Params.Nothing, ({ portal, webhook }) => {
    const user = portal.users.find(({ id }) => id === webhook.userId);
    if (!user?.active) return [];
    const { id, firstName, lastName } = user;
    return { ID: String(id), ADMIN: true, NAME: firstName, LAST_NAME: lastName, TIME_ZONE: '' };
  }),
  scope: method([], Params.Nothing, ({ webhook }) => webhook.scopes),
  'telephony.externalcall.register': method(['telephony'], Params.Register, register),
  'telephony.externalcall.finish': method(['telephony'], Params.Finish, finish),
  'telephony.externalcall.show': method(['telephony'], Params.ShowOrHide, (asked) =>
    showOrHide(asked, true),
  ),
  'telephony.externalcall.hide': method(['telephony'], Params.ShowOrHide, (asked) =>
    showOrHide(asked, false),
  ),
  'telephony.externalcall.attachrecord': method(['telephony'], Params.AttachRecord, attachRecord),
  'telephony.externalcall.searchcrmentities': method(
    ['telephony'],
    Params.Search,
    searchCrmEntities,
  ),
  'voximplant.statistic.get': list(['telephony'], Params.GetStatistics, getStatistics),
  'crm.duplicate.findbycomm': method(['crm'], Params.FindByComm, findByComm),
  'crm.contact.get': method(['crm'], Params.GetEntity, (asked) => getEntity(asked, 'CONTACT')),
  'crm.lead.get': method(['crm'], Params.GetEntity, (asked) => getEntity(asked, 'LEAD')),
  'crm.lead.add': method(['crm'], Params.AddLead, addLead),
  'crm.timeline.comment.add': method(['crm'], Params.AddComment, addComment),
  'crm.timeline.comment.list': list(['crm'], Params.ListComments, listComments),
  'crm.company.get': method(['crm'], Params.GetEntity, (asked) => getEntity(asked, 'COMPANY')),
  'user.get': list(USER_SCOPES, Params.GetUsers, getUsers),
};

/** Runs single methods, whether they come alone or in a batch. Throws MethodRefusal. */
export function createMethods(now: Clock) {
  /** Run time by portal and method, with its moments. */
  const spent = new Map<string, { at: number; seconds: number }[]>();

  function spend(portal: Portal, name: string): Spent {
    const key = `${portal.name} ${name}`;
    const recent = (spent.get(key) ?? []).filter(({ at }) => at > now() - OPERATING_WINDOW_MS);
    const operating = recent.reduce((total, { seconds }) => total + seconds, 0);
    const oldest = recent[0]?.at ?? now();
    const resetAt = Math.floor((oldest + OPERATING_WINDOW_MS) / 1000);
    if (operating >= OPERATING_SECONDS) {
      const description = 'Method is blocked due to operation time limit.';
      throw new MethodRefusal(429, 'OPERATION_TIME_LIMIT', description, resetAt);
    }
    const seconds = portal.operatingCost[name] ?? USUAL_COST;
    spent.set(key, [...recent, { at: now(), seconds }]);
    return { operating: operating + seconds, resetAt };
  }

  return {
    run(asked: Omit<Asked, 'at'>, name: string, params: unknown) {
      const wanted = METHODS[name.toLowerCase()];
      if (!wanted) throw new MethodRefusal(404, 'ERROR_METHOD_NOT_FOUND', 'Method not found!');
      const { scopes } = asked.webhook;
      if (wanted.scopes.length > 0 && !wanted.scopes.some((scope) => scopes.includes(scope))) {
        const description =
          'The request requires higher privileges than provided by the webhook token';
        throw new MethodRefusal(403, 'insufficient_scope', description);
      }
      const time = spend(asked.portal, name.toLowerCase());
      return { ...wanted.run({ ...asked, at: now() }, params), time };
    },
    reset: () => spent.clear(),
  };
}
