import type * as z from 'zod';

import { core, MethodRefusal, phpMap } from './bitrix24-answers.ts';
import type {
  AddComment,
  AddLead,
  FindByComm,
  GetEntity,
  GetStatistics,
  GetUsers,
  ListComments,
} from './bitrix24-params.ts';
import type { Entity, JournalEntry, Portal, User } from './bitrix24-portal.ts';
import { findEntities } from './bitrix24-telephony.ts';

type Call<Params> = { portal: Portal; params: Params };
export type Page = { rows: unknown[]; total: number; next: number | undefined };

const PAGE = 50;

export function findByComm({ portal, params }: Call<z.output<typeof FindByComm>>): object {
  const found = new Set(params.values.flatMap((phone) => findEntities(portal, phone)));
  const byKind = Map.groupBy(found, ({ kind }) => kind);
  const wanted = [...byKind].filter(([kind]) => (params.entity_type ?? kind) === kind);
  return phpMap(wanted.map(([kind, entities]) => [kind, entities.map(({ id }) => id)]));
}

export function getEntity(
  { portal, params }: Call<z.output<typeof GetEntity>>,
  kind: Entity['kind'],
) {
  const entity = portal.entities.find((each) => each.kind === kind && each.id === params.id);
  if (!entity) throw core('Not found');
  const { id, name, assignedTo } = entity;
  return {
    ID: String(id),
    ASSIGNED_BY_ID: String(assignedTo ?? ''),
    ...(kind === 'CONTACT' ? { NAME: name, LAST_NAME: null } : { TITLE: name }),
  };
}

/** As the vendor says no: without a code of its own. */
export function addLead({ portal, params: { fields } }: Call<z.output<typeof AddLead>>): number {
  if (!portal.mayAddLeads) throw new MethodRefusal(400, '', 'Access denied.');
  const id = Math.max(0, ...portal.entities.map((each) => each.id)) + 1;
  portal.entities.push({
    kind: 'LEAD',
    id,
    name: fields.NAME ?? fields.TITLE ?? '',
    phone: fields.PHONE?.[0]?.VALUE ?? '',
    assignedTo: fields.ASSIGNED_BY_ID ?? 1,
  });
  return id;
}

export function addComment({
  portal,
  params: { fields },
  at,
}: Call<z.output<typeof AddComment>> & { at: number }): number {
  const { ENTITY_ID: entityId, ENTITY_TYPE: entityType, COMMENT: text } = fields;
  if (text.trim() === '') throw new MethodRefusal(400, 'INVALID_ARG_VALUE', 'Empty comment');
  const isThere = portal.entities.some(
    ({ kind, id }) => kind.toLowerCase() === entityType && id === entityId,
  );
  if (!isThere) throw new MethodRefusal(400, 'OWNER_NOT_FOUND', 'Owner not found.');
  const id = portal.nextId++;
  portal.comments.push({ id, entityType, entityId, text, at: new Date(at).toISOString() });
  return id;
}

export function listComments({ portal, params }: Call<z.output<typeof ListComments>>): Page {
  const { ENTITY_ID, ENTITY_TYPE } = params.filter;
  const found = portal.comments.filter(
    ({ entityId, entityType }) => entityId === ENTITY_ID && entityType === ENTITY_TYPE,
  );
  const sorted = params.order?.ID === 'DESC' ? found.toReversed() : found;
  const rows = sorted.map(({ id, entityId, entityType, text, at }) => ({
    ID: String(id),
    ENTITY_ID: String(entityId),
    ENTITY_TYPE: entityType,
    CREATED: at,
    COMMENT: text,
    AUTHOR_ID: '1',
    FILES: [],
  }));
  return page(rows, params.start ?? 0);
}

export function getUsers({ portal, params }: Call<z.output<typeof GetUsers>>): Page {
  const { ID, FILTER = {}, start = 0 } = params;
  const active = FILTER.ACTIVE === undefined ? undefined : [true, '1'].includes(FILTER.ACTIVE);
  const rows = portal.users.filter(
    (user) =>
      (!ID || user.id === ID) &&
      (active === undefined || user.active === active) &&
      (FILTER.UF_PHONE_INNER === undefined || user.extension === FILTER.UF_PHONE_INNER),
  );
  return page(rows.map(toUser), start);
}

function toUser({ id, firstName, lastName, extension, active }: User) {
  return {
    ID: String(id),
    ACTIVE: active,
    NAME: firstName,
    LAST_NAME: lastName,
    UF_PHONE_INNER: extension,
  };
}

export function getStatistics({ portal, params }: Call<z.output<typeof GetStatistics>>): Page {
  if (!portal.statisticsView) throw new MethodRefusal(403, 'ACCESS_DENIED', 'Access denied!');
  const { FILTER = {}, start = 0 } = params;
  const rows = portal.journal.filter(
    (entry) =>
      (FILTER.CALL_ID === undefined || entry.callId === FILTER.CALL_ID) &&
      (FILTER.EXTERNAL_CALL_ID === undefined || entry.externalCallId === FILTER.EXTERNAL_CALL_ID) &&
      (FILTER.PHONE_NUMBER === undefined || entry.phone === FILTER.PHONE_NUMBER),
  );
  return page(rows.map(toStatistic), start);
}

function toStatistic(entry: JournalEntry) {
  return {
    ID: String(entry.id),
    PORTAL_USER_ID: String(entry.userId),
    PORTAL_NUMBER: entry.line ?? '',
    PHONE_NUMBER: entry.phone,
    CALL_ID: entry.callId,
    EXTERNAL_CALL_ID: entry.externalCallId,
    CALL_CATEGORY: 'external',
    CALL_DURATION: String(entry.duration),
    CALL_START_DATE: entry.startedAt,
    CALL_FAILED_CODE: entry.statusCode,
    CALL_TYPE: String(entry.type),
    RECORD_FILE_ID: entry.record?.fileId ?? null,
  };
}

function page(rows: unknown[], start: number): Page {
  const next = start + PAGE < rows.length ? start + PAGE : undefined;
  return { rows: rows.slice(start, start + PAGE), total: rows.length, next };
}
