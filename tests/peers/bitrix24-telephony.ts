import type * as z from 'zod';

import { core, MethodRefusal } from './bitrix24-answers.ts';
import type { AttachRecord, Finish, Register, Search, ShowOrHide } from './bitrix24-params.ts';
import { parseDate } from './bitrix24-params.ts';
import {
  digitsOf,
  type Entity,
  type JournalEntry,
  type LiveCall,
  makeCallId,
  type Portal,
  setCard,
} from './bitrix24-portal.ts';

type Call<Params> = { portal: Portal; params: Params; at: number; warn: (text: string) => void };

const REMEMBERED_MS = 30 * 60_000;
const INCOMING = [2, 3];
const ENTITY_ORDER = ['CONTACT', 'LEAD', 'COMPANY'];

export function register({ portal, params, at, warn }: Call<z.output<typeof Register>>) {
  refuseWebhooks(portal);
  const userId = wantedUser(portal, params);
  if (![1, 2, 3, 4, 5].includes(params.TYPE ?? 0)) throw core('Unknown TYPE');
  const { CALL_START_DATE, SHOW = 1, EXTERNAL_CALL_ID = null, LINE_NUMBER = null } = params;
  const startedAt = CALL_START_DATE === undefined ? at : parseDate(CALL_START_DATE);
  if (Number.isNaN(startedAt)) throw core('CALL_START_DATE should be in the ISO-8601 format');
  const phone = digitsOf(params.PHONE_NUMBER ?? '');
  if (!phone) throw core('Unsupported phone number format');
  refuseUnknown(portal, userId);
  if (EXTERNAL_CALL_ID === null) warn('no EXTERNAL_CALL_ID: two calls of one client become one');

  const fields = { userId, phone, type: params.TYPE ?? 0, line: LINE_NUMBER };
  const known = [...portal.live.values()].find(
    (call) =>
      call.userId === userId &&
      call.phone === phone &&
      call.type === fields.type &&
      call.startedAt > at - REMEMBERED_MS &&
      (LINE_NUMBER === null || call.line === LINE_NUMBER) &&
      (EXTERNAL_CALL_ID === null || call.externalCallId === EXTERNAL_CALL_ID),
  );
  const callId = known?.callId ?? makeCallId(portal, at);
  if (known) portal.registeredAgain += 1;
  else {
    portal.registered += 1;
    portal.live.set(callId, { ...fields, callId, externalCallId: EXTERNAL_CALL_ID, startedAt });
  }
  if (SHOW === 1) setCard(portal, callId, userId, true);
  const entity = findEntities(portal, phone)[0];
  return {
    CALL_ID: callId,
    CRM_CREATED_LEAD: null,
    CRM_CREATED_ENTITIES: [],
    CRM_ENTITY_TYPE: entity?.kind ?? '',
    CRM_ENTITY_ID: entity?.id ?? null,
  };
}

export function showOrHide(
  { portal, params, warn }: Call<z.output<typeof ShowOrHide>>,
  shown: boolean,
): boolean {
  const call = portal.live.get(params.CALL_ID);
  if (!call) {
    warn(`${params.CALL_ID} is not a live call: no card ${shown ? 'shown' : 'hidden'}`);
    return false;
  }
  for (const userId of params.USER_ID ?? [call.userId]) {
    if (portal.users.some(({ id }) => id === userId)) setCard(portal, call.callId, userId, shown);
    else warn(`nobody has the id ${userId}`);
  }
  return true;
}

export function finish({ portal, params, warn }: Call<z.output<typeof Finish>>) {
  refuseWebhooks(portal);
  const userId = wantedUser(portal, params);
  const call = portal.live.get(params.CALL_ID);
  if (!call) {
    portal.finishedAgain += 1;
    // The vendor's text lacks its bracket, and the code is empty.
    const description = 'Call is not found (call should be registered prior to finishing';
    throw new MethodRefusal(400, '', description);
  }
  refuseUnknown(portal, userId);
  const duration = params.DURATION ?? 0;
  const statusCode = params.STATUS_CODE ?? (duration > 0 ? '200' : '304');
  if (statusCode !== '200' && duration > 0)
    warn('an unanswered call with a duration counts as a talk');
  setCard(portal, call.callId, userId, false);
  portal.live.delete(call.callId);
  const entry: JournalEntry = {
    id: portal.nextId++,
    callId: call.callId,
    externalCallId: call.externalCallId,
    userId,
    phone: call.phone,
    line: call.line,
    type: call.type,
    duration,
    statusCode,
    successful: duration > 0,
    startedAt: new Date(call.startedAt).toISOString(),
    record: null,
  };
  portal.journal.push(entry);
  if (statusCode === '304' && INCOMING.includes(call.type)) portal.missed.push(entry.id);
  return toFinished(portal, call, entry);
}

function toFinished(portal: Portal, call: LiveCall, entry: JournalEntry) {
  const entity = findEntities(portal, call.phone)[0];
  return {
    CALL_ID: entry.callId,
    EXTERNAL_CALL_ID: entry.externalCallId,
    PORTAL_USER_ID: entry.userId,
    PHONE_NUMBER: entry.phone,
    PORTAL_NUMBER: entry.line ?? '',
    INCOMING: String(entry.type),
    CALL_DURATION: entry.duration,
    // As the vendor answers: the date does not survive its encoder.
    CALL_START_DATE: {},
    CALL_STATUS: entry.successful ? 1 : 0,
    CALL_FAILED_CODE: entry.statusCode,
    CALL_FAILED_REASON: '',
    CRM_ACTIVITY_ID: entry.id + 7_000,
    CRM_ENTITY_TYPE: entity?.kind ?? null,
    CRM_ENTITY_ID: entity?.id ?? null,
    ID: entry.id,
  };
}

export function attachRecord({ portal, params }: Call<z.output<typeof AttachRecord>>) {
  const { CALL_ID, RECORD_URL, FILENAME, FILE_CONTENT } = params;
  if (RECORD_URL === undefined && FILENAME === undefined) {
    throw core(
      'Required parameters are not set. Request should contain either URL or FILENAME parameter',
    );
  }
  const entry = portal.journal.find(({ callId }) => callId === CALL_ID);
  if (!entry) {
    throw core('Call is not found in the statistic table. Probably it is not finished yet.');
  }
  if (!FILENAME) throw core('File name is empty');
  if (!/\.(wav|mp3)$/.test(FILENAME)) {
    throw core('Wrong file extension. Only wav and mp3 are allowed');
  }
  if (RECORD_URL === undefined && !FILE_CONTENT) throw core('File content is empty.');
  if (RECORD_URL !== undefined && !URL.canParse(RECORD_URL))
    throw core('Wrong value of RECORD_URL');
  if (RECORD_URL !== undefined && portal.recordStatus !== 200) {
    throw core(`Server returns HTTP error code ${portal.recordStatus}`);
  }
  const fileId = entry.record?.fileId ?? portal.nextId++;
  const attached = (entry.record?.attached ?? 0) + 1;
  entry.record = { fileId, url: RECORD_URL ?? null, fileName: FILENAME, attached };
  return { FILE_ID: fileId };
}

export function searchCrmEntities({ portal, params }: Call<z.output<typeof Search>>) {
  if (!params.PHONE_NUMBER) throw core('PHONE_NUMBER is empty');
  if (!portal.searchFinds) return [];
  return findEntities(portal, params.PHONE_NUMBER).map(({ kind, id, name, assignedTo }) => {
    const user = portal.users.find((each) => each.id === assignedTo);
    return {
      CRM_ENTITY_TYPE: kind,
      CRM_ENTITY_ID: id,
      ASSIGNED_BY_ID: assignedTo ?? 0,
      NAME: name,
      ASSIGNED_BY: user && {
        ID: String(user.id),
        TIMEMAN_STATUS: 'OPENED',
        USER_PHONE_INNER: user.extension,
        WORK_PHONE: null,
        PERSONAL_PHONE: null,
        PERSONAL_MOBILE: null,
      },
    };
  });
}

/** Contacts, then leads, then companies. */
export function findEntities({ entities, exactPhones }: Portal, phone: string): Entity[] {
  const same = (stored: string) =>
    exactPhones ? stored === phone : digitsOf(stored) === digitsOf(phone);
  return entities
    .filter((entity) => same(entity.phone))
    .toSorted((a, b) => ENTITY_ORDER.indexOf(a.kind) - ENTITY_ORDER.indexOf(b.kind));
}

function refuseWebhooks({ wrongAuthType }: Portal): void {
  if (!wrongAuthType) return;
  const description = 'Current authorization type is denied for this method';
  throw new MethodRefusal(403, 'WRONG_AUTH_TYPE', description);
}

function wantedUser(
  { users }: Portal,
  {
    USER_ID,
    USER_PHONE_INNER,
  }: { USER_ID?: number | undefined; USER_PHONE_INNER?: string | undefined },
): number {
  const owner = users.find(
    ({ extension, active }) => active && extension !== null && extension === USER_PHONE_INNER,
  );
  const userId = USER_ID || owner?.id;
  if (!userId) throw core('USER_ID or USER_PHONE_INNER should be set');
  return userId;
}

function refuseUnknown({ users }: Portal, userId: number): void {
  if (!users.some(({ id, active }) => id === userId && active)) {
    throw core('User is not found or is not active');
  }
}
