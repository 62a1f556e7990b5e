import * as z from 'zod';

import { END_STATUSES, LIVE_STATUSES } from '../calls/call.ts';
import type { Db } from '../db.ts';

const Names = z.record(z.string(), z.string().nullable());

const ShownCall = z.object({
  id: z.string(),
  version: z.number(),
  merged: z.boolean(),
  direction: z.enum(['in', 'out', 'internal']),
  status: z.enum([...LIVE_STATUSES, ...END_STATUSES]),
  phone: z.string().nullable(),
  line: z.string().nullable(),
  caller: z.string().nullable(),
  ringing: z.array(z.string()),
  rang: z.array(z.string()),
  talkers: z.array(z.object({ extension: z.string(), talking: z.boolean() })),
  transferFrom: z.string().nullable(),
  transferTo: z.string().nullable(),
  startedAt: z.date(),
  /** When the end was heard of: the box's own clock may be wrong. */
  endedAt: z.date().nullable(),
  waitSeconds: z.number().nullable(),
  talkSeconds: z.number().nullable(),
  recordingFile: z.string().nullable(),
  enterpriseNumber: z.string(),
  timezone: z.string(),
  botToken: z.string().nullable(),
  chatId: z.string().nullable(),
  pausedReason: z.string().nullable(),
  notifyRing: z.boolean(),
  notifyTalk: z.boolean(),
  notifyInternal: z.boolean(),
  callBackButtons: z.boolean(),
  extensionNames: Names,
  lineNames: Names,
  messageChatId: z.string().nullable(),
  messageId: z.coerce.number().nullable(),
  textHash: z.string().nullable(),
});
export type ShownCall = z.output<typeof ShownCall>;

/** A call as it is now, with the names to show it by, the chat it goes to, and its message there. */
export async function loadShownCall(db: Db, callId: string): Promise<ShownCall | undefined> {
  const [row] = await db`
    select
      calls.id, calls.version, calls.merged_into is not null as merged, calls.direction, calls.status, calls.phone,
      calls.line, calls.caller, calls.ringing, calls.rang, calls.transfer_from, calls.transfer_to, calls.started_at, case when calls.ended_at is not null then calls.last_event_at end as ended_at,
      calls.wait_seconds, calls.talk_seconds, calls.recording_file,
      coalesce((
        select jsonb_agg(jsonb_build_object('extension', extension, 'talking', to_at is null) order by position)
        from call_talkers
        where call_id = calls.id
      ), '[]') as talkers,
      enterprises.number as enterprise_number, enterprises.timezone, enterprises.bot_token, enterprises.chat_id,
      enterprises.telegram_paused_reason as paused_reason,
      enterprises.parameter_option_1 as notify_ring,
      enterprises.parameter_option_2 as notify_talk,
      enterprises.parameter_option_4 as notify_internal,
      enterprises.parameter_option_5 as call_back_buttons,
      coalesce((
        select jsonb_object_agg(extension, name)
        from extensions
        where enterprise_number = enterprises.number
      ), '{}') as extension_names,
      coalesce((
        select jsonb_object_agg(line, name)
        from lines
        where enterprise_number = enterprises.number
      ), '{}') as line_names,
      message.chat_id as message_chat_id, message.message_id, message.text_hash
    from calls
    join enterprises on enterprises.number = calls.enterprise_number
    left join telegram_messages as message on message.call_id = calls.id and message.chat_id = enterprises.chat_id
    where calls.id = ${callId}::uuid`;
  return row && ShownCall.parse(row);
}

/** Notes that the chat shows this version of the call, or rightly shows nothing. */
export async function markCallShown(
  db: Db,
  { id, version }: Pick<ShownCall, 'id' | 'version'>,
): Promise<void> {
  await db`
    update calls
    set telegram_version = greatest(telegram_version, ${version})
    where id = ${id}::uuid`;
}

/** Remembers the message of a call. */
export async function saveMessage(
  db: Db,
  {
    callId,
    chatId,
    messageId,
    textHash,
    version,
  }: {
    callId: string;
    chatId: string;
    messageId: number;
    textHash: string;
    version: number;
  },
): Promise<void> {
  await db`
    with message as (
      insert into telegram_messages (call_id, chat_id, message_id, text_hash, call_version)
      values (${callId}::uuid, ${chatId}, ${messageId}, ${textHash}, ${version})
      on conflict (call_id, chat_id) do update
      set message_id = excluded.message_id, text_hash = excluded.text_hash, call_version = excluded.call_version,
          updated_at = now()
    )
    update calls
    set telegram_version = greatest(telegram_version, ${version})
    where id = ${callId}::uuid`;
}

/** The message is gone; a new one will be sent when there is something to say. */
export async function forgetMessage(db: Db, callId: string, chatId: string): Promise<void> {
  await db`
    delete from telegram_messages
    where call_id = ${callId}::uuid
      and chat_id = ${chatId}`;
}

/** The group became a supergroup: its messages go to the new id from now on. */
export async function moveChat(
  db: Db,
  { enterpriseNumber, from, to }: { enterpriseNumber: string; from: string; to: string },
): Promise<void> {
  await db`
    update enterprises
    set chat_id = ${to}, updated_at = now()
    where number = ${enterpriseNumber}
      and chat_id = ${from}`;
}

/** Nothing more goes to this chat until somebody mends its settings. Returns false when it was known already. */
export async function pauseTelegram(
  db: Db,
  enterpriseNumber: string,
  reason: string,
): Promise<boolean> {
  const [row] = await db`
    update enterprises
    set telegram_paused_reason = ${reason}, updated_at = now()
    where number = ${enterpriseNumber}
      and telegram_paused_reason is null
    returning 1`;
  return row !== undefined;
}

/** Lets messages go to the chat again. Returns false when there was nothing to mend. */
export async function resumeTelegram(db: Db, enterpriseNumber: string): Promise<boolean> {
  const [row] = await db`
    update enterprises
    set telegram_paused_reason = null, updated_at = now()
    where number = ${enterpriseNumber}
      and telegram_paused_reason is not null
    returning 1`;
  return row !== undefined;
}

const TelegramOf = z.object({ botToken: z.string().nullable(), chatId: z.string().nullable() });

/** Where an enterprise's messages go; undefined when there is no such enterprise. */
export async function loadTelegramOf(
  db: Db,
  enterpriseNumber: string,
): Promise<z.output<typeof TelegramOf> | undefined> {
  const [row] = await db`
    select bot_token, chat_id
    from enterprises
    where number = ${enterpriseNumber}`;
  return row && TelegramOf.parse(row);
}

const UntoldCall = z.object({
  id: z.string(),
  version: z.number(),
  direction: z.enum(['in', 'out', 'internal']),
  phone: z.string().nullable(),
  lastTalkedBy: z.string().nullable(),
  startedAt: z.date(),
});
export type UntoldCall = z.output<typeof UntoldCall>;

/** Answered calls that ended before `endedBefore` and that the chat has never heard of, oldest first. */
export async function listUntoldCalls(
  db: Db,
  {
    enterpriseNumber,
    endedBefore,
    limit,
  }: { enterpriseNumber: string; endedBefore: Date; limit: number },
): Promise<UntoldCall[]> {
  const rows = await db`
    select id, version, direction, phone, last_talked_by, started_at
    from calls
    where enterprise_number = ${enterpriseNumber}
      and status = 'answered'
      and telegram_version < version
      and merged_into is null
      and last_event_at < ${endedBefore}
      and not exists (select from telegram_messages where call_id = calls.id)
    order by started_at
    limit ${limit}`;
  return UntoldCall.array().parse([...rows]);
}
