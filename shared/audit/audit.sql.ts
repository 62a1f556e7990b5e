import type { JSONValue } from 'postgres';
import * as z from 'zod';

import type { Db } from '../db.ts';
import type { Change } from './changes.ts';
import type { DoneBy } from './done-by.ts';

export type Entry = {
  /** "enterprise.update": what of, and what was done to it. */
  action: string;
  /** Whose things; null: the operator's own. */
  enterpriseNumber?: string | null;
  /** Which of them. */
  subject?: string | null;
  changes?: Change[];
};

const MOST_CHANGES = 200;

/** Writes down what somebody did. In the transaction of the change: one is not to be seen without the other. */
export async function insertAudit(
  db: Db,
  { who, address, requestId }: DoneBy,
  { action, enterpriseNumber = null, subject = null, changes = [] }: Entry,
): Promise<void> {
  const id = 'id' in who ? who.id : null;
  const login = who.kind === 'nobody' ? (who.login ?? null) : null;
  await db`
    insert into audit_log (actor_kind, actor_id, actor, enterprise_number, action, subject, changes, address, request_id)
    values (
      ${who.kind}, ${id},
      case ${who.kind}::text
        when 'superadmin' then (select login from admins where id = ${id}::int)
        when 'enterprise admin' then (select login from users where id = ${id}::int)
        else ${login}::text
      end,
      ${enterpriseNumber}, ${action}, ${subject}, ${db.json(bounded(changes) as JSONValue)}, ${address}, ${requestId}
    )`;
}

/** A list of thousands that was replaced is not to be kept twice a time. */
function bounded(changes: Change[]): Change[] {
  if (changes.length <= MOST_CHANGES) return changes;
  const more = { field: '…', before: null, after: changes.length - MOST_CHANGES };
  return [...changes.slice(0, MOST_CHANGES), more];
}

const AuditRow = z.object({
  id: z.string(),
  at: z.date(),
  actorKind: z.enum(['superadmin', 'enterprise admin', 'program', 'nobody']),
  actor: z.string().nullable(),
  enterpriseNumber: z.string().nullable(),
  action: z.string(),
  subject: z.string().nullable(),
  changes: z.array(z.object({ field: z.string(), before: z.unknown(), after: z.unknown() })),
  address: z.string(),
  requestId: z.string(),
  /** `at` to the microsecond, which a Date does not hold. */
  place: z.string(),
});
export type AuditRow = z.output<typeof AuditRow>;

export type AuditFilters = {
  enterpriseNumber?: string | undefined;
  actor?: string | undefined;
  /** Exactly this one; with a * at the end, those that begin with it. */
  action?: string | undefined;
  from?: Date | undefined;
  to?: Date | undefined;
};

type Page = {
  filters: AuditFilters;
  after?: { at: string; id: string } | undefined;
  limit: number;
};

export async function listAudit(db: Db, page: Page): Promise<AuditRow[]> {
  const rows = await selectAudit(db, page);
  return AuditRow.array().parse([...rows]);
}

/** The query of the list; apart, so that a test can have it explained. */
export function selectAudit(db: Db, { filters, after, limit }: Page) {
  const { enterpriseNumber, actor, action, from, to } = filters;
  return db`
    select
      id, at, actor_kind, actor, enterprise_number, action, subject, changes, address, request_id,
      to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as place
    from audit_log
    where true
      ${enterpriseNumber === undefined ? db`` : db`and enterprise_number = ${enterpriseNumber}`}
      ${actor === undefined ? db`` : db`and lower(actor) = lower(${actor})`}
      ${action === undefined ? db`` : hasAction(db, action)}
      ${from ? db`and at >= ${from}` : db``}
      ${to ? db`and at <= ${to}` : db``}
      ${after ? db`and (at, id) < (${after.at}::timestamptz, ${after.id}::bigint)` : db``}
    order by at desc, id desc
    limit ${limit}`;
}

function hasAction(db: Db, action: string) {
  if (!action.endsWith('*')) return db`and action = ${action}`;
  return db`and starts_with(action, ${action.slice(0, -1)})`;
}
