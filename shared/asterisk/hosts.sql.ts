import * as z from 'zod';

import type { Db } from '../db.ts';

export type Seen = {
  problem: string | null;
  version: string | null;
  uptimeSeconds: number | null;
  channels: number | null;
  calls: number | null;
  latencyMs: number | null;
  clockOffsetMs: number | null;
  offeredHostKey: string | null;
};

const Host = z.object({
  lastSeenAt: z.date().nullable(),
  offeredHostKey: z.string().nullable(),
});

/** What a look at a box showed. Of one that did not answer the last good figures stay. */
export async function saveHost(db: Db, enterpriseNumber: string, seen: Seen): Promise<void> {
  const { problem, version, uptimeSeconds, channels, calls, latencyMs } = seen;
  await db`
    insert into asterisk_hosts as host (enterprise_number, checked_at, last_seen_at, problem, version, uptime_seconds,
      channels, calls, latency_ms, clock_offset_ms, offered_host_key)
    values (${enterpriseNumber}, now(), case when ${problem}::text is null then now() end, ${problem}, ${version},
      ${uptimeSeconds}, ${channels}, ${calls}, ${latencyMs}, ${seen.clockOffsetMs}, ${seen.offeredHostKey})
    on conflict (enterprise_number) do update
    set checked_at = excluded.checked_at,
        last_seen_at = coalesce(excluded.last_seen_at, host.last_seen_at),
        problem = excluded.problem,
        version = coalesce(excluded.version, host.version),
        uptime_seconds = excluded.uptime_seconds,
        channels = excluded.channels,
        calls = excluded.calls,
        latency_ms = excluded.latency_ms,
        clock_offset_ms = coalesce(excluded.clock_offset_ms, host.clock_offset_ms),
        offered_host_key = excluded.offered_host_key`;
}

export async function findHost(
  db: Db,
  enterpriseNumber: string,
): Promise<z.output<typeof Host> | undefined> {
  const [row] = await db`
    select last_seen_at, offered_host_key
    from asterisk_hosts
    where enterprise_number = ${enterpriseNumber}`;
  return row && Host.parse(row);
}

/** Takes the key that somebody looked at, in the place of the one that was known. */
export async function acceptHostKey(
  db: Db,
  enterpriseNumber: string,
  fingerprint: string,
): Promise<void> {
  await db`
    with taken as (
      update enterprises
      set ssh_host_key = ${fingerprint}, updated_at = now()
      where number = ${enterpriseNumber}
    )
    update asterisk_hosts
    set offered_host_key = null, problem = null
    where enterprise_number = ${enterpriseNumber}`;
}
