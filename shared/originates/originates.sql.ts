import * as z from 'zod';

import type { Db, Pool } from '../db.ts';

export const ORIGINATE_STATES = [
  'requested',
  'accepted',
  'ringing_agent',
  'ringing_client',
  'talking',
  'ended',
  'failed',
] as const;
export type OriginateState = (typeof ORIGINATE_STATES)[number];

const Row = z.object({
  id: z.string(),
  enterpriseNumber: z.string(),
  extension: z.string(),
  phone: z.string(),
  state: z.enum(ORIGINATE_STATES),
  problem: z.string().nullable(),
  reason: z.string().nullable(),
  warning: z.string().nullable(),
  host: z.string().nullable(),
  responseTimeMs: z.number().nullable(),
  channel: z.string().nullable(),
  uniqueIds: z.array(z.string()),
  callId: z.string().nullable(),
  requestedAt: z.date(),
  updatedAt: z.date(),
});
export type OriginateRow = z.output<typeof Row>;

function columns(db: Db) {
  return db`
    id, enterprise_number, extension, phone, state, problem, reason, warning, host, response_time_ms, channel,
    unique_ids, call_id, requested_at, updated_at`;
}

export async function findOriginate(db: Db, id: string): Promise<OriginateRow | undefined> {
  const [row] = await db`
    select ${columns(db)}
    from originates
    where id = ${id}::uuid`;
  return row && Row.parse(row);
}

const Owner = z.object({ number: z.string(), name: z.string(), context: z.string().nullable() });
export type Owner = z.output<typeof Owner>;

/** Whose secret it is; nothing for an inactive enterprise. */
export async function findBySecret(db: Db, secret: string): Promise<Owner | undefined> {
  const [row] = await db`
    select number, name, originate_context as context
    from enterprises
    where secret = ${secret}
      and active`;
  return row && Owner.parse(row);
}

export async function findOwner(db: Db, number: string): Promise<Owner | undefined> {
  const [row] = await db`
    select number, name, originate_context as context
    from enterprises
    where number = ${number}
      and active`;
  return row && Owner.parse(row);
}

export type Wanted = {
  id: string;
  enterpriseNumber: string;
  extension: string;
  phone: string;
  source: string;
};
export type Claim =
  | { kind: 'new' }
  | { kind: 'repeat'; id: string }
  | { kind: 'too_many'; retryAfterSeconds: number };

const REPEATS_WITHIN = '5 seconds';
const LIMIT = 10;
const LIMIT_SECONDS = 10;

const Recent = z.object({
  id: z.string(),
  isRepeat: z.boolean(),
  ageSeconds: z.coerce.number(),
});

/** Enters the wish, unless the same was wished a moment ago or too much is wished at once. */
export async function claimOriginate(db: Pool, wanted: Wanted): Promise<Claim> {
  const { id, enterpriseNumber, extension, phone, source } = wanted;
  return db.begin(async (tx) => {
    // Two clicks that arrive together in two instances must see each other.
    await tx`select pg_advisory_xact_lock(hashtextextended(${`originate:${enterpriseNumber}`}, 0))`;
    const recent = await tx`
      select
        id, extract(epoch from clock_timestamp() - requested_at) as age_seconds,
        extension = ${extension} and phone = ${phone}
          and requested_at > clock_timestamp() - ${REPEATS_WITHIN}::interval as is_repeat
      from originates
      where enterprise_number = ${enterpriseNumber}
        and requested_at > clock_timestamp() - make_interval(secs => ${LIMIT_SECONDS})
      order by requested_at`;
    const rows = Recent.array().parse([...recent]);
    const repeated = rows.find(({ isRepeat }) => isRepeat);
    if (repeated) return { kind: 'repeat', id: repeated.id };
    const blocking = rows.at(-LIMIT);
    if (blocking) {
      const retryAfterSeconds = Math.max(1, Math.ceil(LIMIT_SECONDS - blocking.ageSeconds));
      return { kind: 'too_many', retryAfterSeconds };
    }
    await tx`
      insert into originates (id, enterprise_number, extension, phone, source)
      values (${id}, ${enterpriseNumber}, ${extension}, ${phone}, ${source})`;
    return { kind: 'new' };
  });
}

export type Accepted = {
  host: string;
  responseTimeMs: number;
  channel: string;
  uniqueIds: string[];
  warning: string | null;
};

/** The box's events may have been quicker: they are not undone. */
export async function markAccepted(db: Db, id: string, accepted: Accepted): Promise<void> {
  const { host, responseTimeMs, channel, uniqueIds, warning } = accepted;
  await db`
    update originates
    set state = case when state = 'requested' then 'accepted' else state end,
        host = ${host}, response_time_ms = ${responseTimeMs}, channel = ${channel},
        unique_ids = ${uniqueIds}, warning = ${warning}, updated_at = clock_timestamp()
    where id = ${id}::uuid`;
}

export type Failed = {
  problem: string;
  reason: string;
  host: string | null;
  responseTimeMs: number;
};

export async function markFailed(db: Db, id: string, failed: Failed): Promise<void> {
  const { problem, reason, host, responseTimeMs } = failed;
  await db`
    update originates
    set state = 'failed', problem = ${problem}, reason = ${reason}, host = ${host},
        response_time_ms = ${responseTimeMs}, updated_at = clock_timestamp()
    where id = ${id}::uuid
      and state = 'requested'`;
}

/** Clicks that a call which began at this time may be the answer to. */
export async function listOriginatesNear(
  db: Db,
  enterpriseNumber: string,
  at: Date,
): Promise<OriginateRow[]> {
  const rows = await db`
    select ${columns(db)}
    from originates
    where enterprise_number = ${enterpriseNumber}
      and requested_at between ${at}::timestamptz - interval '2 minutes' and ${at}::timestamptz + interval '5 seconds'
      and (state <> 'failed' or call_id is not null or problem = 'outcome_unknown')
    order by requested_at`;
  return Row.array().parse([...rows]);
}

/**
 * What the box's events made of it. Never back, and never after the end; that the outcome is not known is no end, it is
 * known now.
 */
export async function moveOriginate(
  db: Db,
  id: string,
  move: { state: OriginateState; problem: string | null; reason: string | null; callId: string },
): Promise<void> {
  const order = [...ORIGINATE_STATES];
  await db`
    update originates
    set state = ${move.state}, problem = ${move.problem}, reason = ${move.reason}, call_id = ${move.callId}::uuid,
        updated_at = clock_timestamp()
    where id = ${id}::uuid
      and (
        problem = 'outcome_unknown'
        or (
          state not in ('ended', 'failed')
          and array_position(${order}::text[], state) < array_position(${order}::text[], ${move.state})
        )
      )`;
}

/** Whoever was to finish it died, or nobody picked up and the box said nothing of it. */
export async function endSilentOriginates(db: Db): Promise<number> {
  const { count } = await db`
    update originates
    set state = 'failed', problem = 'no_events', reason = 'Nothing more was heard of the call',
        updated_at = clock_timestamp()
    where state not in ('ended', 'failed')
      and requested_at < now() - case when call_id is null then interval '3 minutes' else interval '5 hours' end`;
  return count;
}
