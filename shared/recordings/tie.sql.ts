import * as z from 'zod';

import { END_STATUSES, LIVE_STATUSES } from '../calls/call.ts';
import { IntegrationsConfig } from '../crm/config.ts';
import type { Db, Transaction } from '../db.ts';
import { ExistingSteps, stepsOfCall } from '../deliveries/owing.sql.ts';

const Tied = z.object({ recordingId: z.string(), callId: z.string() });

/** Stored recordings without a call, whose channel belongs to a call that has ended. */
export async function listTies(
  db: Db,
  enterpriseNumber: string,
  limit: number,
): Promise<z.output<typeof Tied>[]> {
  const rows = await db`
    select recordings.id as recording_id, coalesce(calls.merged_into, calls.id) as call_id
    from recordings
    join call_legs
      on call_legs.enterprise_number = recordings.enterprise_number
      and call_legs.unique_id = recordings.unique_id
    join calls on calls.id = call_legs.call_id
    where recordings.enterprise_number = ${enterpriseNumber}
      and recordings.state = 'stored'
      and recordings.call_id is null
      and (calls.ended_at is not null or calls.merged_into is not null)
    order by recordings.stored_at
    limit ${limit}`;
  return Tied.array().parse([...rows]);
}

const TiedCall = z.object({
  id: z.string(),
  enterpriseNumber: z.string(),
  direction: z.enum(['in', 'out', 'internal']),
  status: z.enum([...LIVE_STATUSES, ...END_STATUSES]),
  source: z.enum(['live', 'downloaded']),
  active: z.boolean(),
  integrationsConfig: IntegrationsConfig,
  steps: ExistingSteps,
});
export type TiedCall = z.output<typeof TiedCall>;

/** The call, under the lock of its enterprise's calls: nobody merges it meanwhile. */
export async function openTiedCall(tx: Transaction, callId: string): Promise<TiedCall | undefined> {
  const [row] = await tx`
    select
      calls.id, calls.enterprise_number, calls.direction, calls.status, calls.source, enterprises.active,
      enterprises.integrations_config, ${stepsOfCall(tx, callId)} as steps,
      pg_advisory_xact_lock(hashtextextended('calls:' || enterprises.number, 0)) is null as locked
    from calls
    join enterprises on enterprises.number = calls.enterprise_number
    where calls.id = ${callId}::uuid`;
  return row && TiedCall.parse(row);
}

/** Returns how many were not tied before. */
export async function tie(
  tx: Transaction,
  callId: string,
  recordingIds: string[],
): Promise<number> {
  const rows = await tx`
    update recordings
    set call_id = ${callId}::uuid, started_at = least(recordings.started_at, calls.started_at), updated_at = now()
    from calls
    where recordings.id = any(${recordingIds}::uuid[])
      and recordings.call_id is null
      and calls.id = ${callId}::uuid
      and calls.merged_into is null
    returning 1`;
  return rows.length;
}

const Untied = z.object({
  id: z.string(),
  uniqueId: z.string(),
  boxPath: z.string().nullable(),
  startedAt: z.date(),
  durationSeconds: z.number().nullable(),
});
export type UntiedRecording = z.output<typeof Untied>;

/** Recordings of channels that nobody told us of, when they are older than this. */
export async function listUntied(
  db: Db,
  {
    enterpriseNumber,
    endedBefore,
    limit,
  }: { enterpriseNumber: string; endedBefore: Date; limit: number },
): Promise<UntiedRecording[]> {
  const rows = await db`
    select id, unique_id, box_path, started_at, duration_seconds
    from recordings
    where enterprise_number = ${enterpriseNumber}
      and state = 'stored'
      and call_id is null
      and started_at + make_interval(secs => coalesce(duration_seconds, 0)) < ${endedBefore}
      and stored_at < now()
      and not exists (
        select from call_legs
        where call_legs.enterprise_number = recordings.enterprise_number
          and call_legs.unique_id = recordings.unique_id
      )
    order by stored_at
    limit ${limit}`;
  return Untied.array().parse([...rows]);
}

/** Enterprises that have recordings without a call. */
export async function listOwnersOfUntied(db: Db): Promise<string[]> {
  const rows = await db`
    select number
    from enterprises
    where active
      and exists (
        select from recordings
        where recordings.enterprise_number = enterprises.number
          and recordings.state = 'stored'
          and recordings.call_id is null
      )
    order by number`;
  return z
    .object({ number: z.string() })
    .array()
    .parse([...rows])
    .map(({ number }) => number);
}
