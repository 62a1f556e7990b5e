import type { CallStatus } from '../../calls/call.ts';
import { formatInZone, knownZone } from '../../zoned-time.ts';
import type { CallSnapshot, CrmContext } from '../crm.ts';
import type { Command } from './client.ts';
import type { Bitrix24Config } from './config.ts';
import type { Kept, Person } from './memory.ts';

type Context = CrmContext<Bitrix24Config>;
/** A call with a number: Bitrix24 takes no other. */
export type NumberedCall = CallSnapshot & { phone: string };
export type Registrant = { person: Person; line: string | null };

const LONGEST_LINE = 50;
const TALKED: ReadonlySet<CallStatus> = new Set(['answered', 'lost_in_transfer']);

/** Only 304 makes a missed call of an incoming one, so every unanswered incoming call gets it. */
const UNANSWERED_OUT: Partial<Record<CallStatus, string>> = {
  missed: '480',
  no_answer: '480',
  busy: '486',
  abandoned: '603-S',
  failed: '503',
};

/**
 * Enters a call. Within 30 minutes of its start the same registrant, line and EXTERNAL_CALL_ID give the same CALL_ID,
 * as long as the call is not finished.
 */
export function registerCall(
  call: NumberedCall,
  { person, line }: Registrant,
  { show }: { show: boolean },
): Command {
  return {
    method: 'telephony.externalcall.register',
    params: {
      ...person,
      PHONE_NUMBER: call.phone,
      TYPE: call.direction === 'in' ? 2 : 1,
      CALL_START_DATE: toIsoWithOffset(call.startedAt, call.timezone),
      CRM_CREATE: 0,
      SHOW: show ? 1 : 0,
      ADD_TO_CHAT: 0,
      LINE_NUMBER: line?.slice(0, LONGEST_LINE),
      EXTERNAL_CALL_ID: call.mainUniqueId,
    },
  };
}

/** A duration would turn the ringing of a missed call into a talk, so unanswered calls have none. */
export function finishCall(call: CallSnapshot, callId: string, person: Person): Command {
  const talked = TALKED.has(call.status);
  const unanswered = call.direction === 'in' ? '304' : (UNANSWERED_OUT[call.status] ?? 'OTHER');
  return {
    method: 'telephony.externalcall.finish',
    params: {
      CALL_ID: callId,
      ...person,
      // An answered call of 0 seconds would count as unsuccessful.
      DURATION: talked ? Math.max(1, call.talkSeconds ?? 0) : 0,
      STATUS_CODE: talked ? '200' : unanswered,
      ADD_TO_CHAT: 0,
    },
  };
}

/** A repeat replaces the file. Bitrix24 fetches it while we wait. */
export function attachRecord(call: CallSnapshot, callId: string, url: string): Command {
  const format = /\.(wav|mp3)$/i.exec(new URL(url).pathname)?.[1] ?? 'mp3';
  return {
    method: 'telephony.externalCall.attachRecord',
    params: {
      CALL_ID: callId,
      FILENAME: `call_${call.mainUniqueId}.${format.toLowerCase()}`,
      RECORD_URL: url,
    },
  };
}

/**
 * Who answers for the call: who talked last, else the only one who rang. A missed call of a whole group is the
 * configured user's: giving it to the first of them would blame the wrong person.
 */
export function ownerOf(
  { lastTalkedBy, rang }: CallSnapshot,
  kept: Kept,
  context: Context,
): Person {
  const extension = lastTalkedBy ?? (rang.length === 1 ? rang[0] : undefined);
  return extension === undefined ? defaultPerson(context) : personBehind(extension, kept, context);
}

export function personBehind(extension: string, { cards }: Kept, { users }: Context): Person {
  const seen = [...cards.shown, ...cards.asked].find((seat) => seat.extension === extension);
  const userId = users.get(extension) ?? seen?.userId;
  return userId ? { USER_ID: Number(userId) } : { USER_PHONE_INNER: extension };
}

export function defaultPerson({ config }: Pick<Context, 'config'>): Person {
  return { USER_ID: Number(config.user_id) };
}

/** `2026-03-07T10:20:30+03:00`, by the clock on the wall of the enterprise. */
export function toIsoWithOffset(moment: Date, timezone: string): string {
  const local = formatInZone(moment, timezone);
  const timeZone = knownZone(timezone);
  const zone = new Intl.DateTimeFormat('en', { timeZone, timeZoneName: 'longOffset' })
    .formatToParts(moment)
    .find(({ type }) => type === 'timeZoneName')?.value;
  return `${local.replace(' ', 'T')}${zone?.replace('GMT', '') || '+00:00'}`;
}
