import type { Pool } from '../db.ts';
import type { Counts } from '../lambda/schedule.ts';
import { deleteOlder, turnPartitions } from './maintain.sql.ts';

/** The daily housekeeping: partitions ahead, old events and short-lived rows away. Safe to run at any time, twice too. */
export async function maintain(db: Pool): Promise<Counts> {
  const { made, dropped, stray } = await turnPartitions(db, { monthsAhead: 3, keepMonths: 12 });
  return {
    partitionsMade: made,
    partitionsDropped: dropped,
    strayEvents: stray,
    eventKeys: await deleteOlder(db, 'event_keys', '1 day'),
    rejectedEvents: await deleteOlder(db, 'rejected_events', '30 days'),
    callLinks: await deleteOlder(db, 'call_links', '2 days'),
    rateBuckets: await deleteOlder(db, 'rate_buckets', '1 day'),
    auditLog: await deleteOlder(db, 'audit_log', '1 year'),
    jobRuns: await deleteOlder(db, 'job_runs', '90 days'),
    responsibleCache: await deleteOlder(db, 'responsible_cache', '1 day'),
    smartRedirects: await deleteOlder(db, 'smart_redirects', '90 days'),
    telegramUpdates: await deleteOlder(db, 'telegram_updates', '7 days'),
    // A job that runs has no end yet, and stays.
    jobs: await deleteOlder(db, 'jobs', '90 days'),
    crmRequests: await deleteOlder(db, 'crm_requests', '90 days'),
    // The gateway ends a connection after two hours, and does not always say so.
    socketConnections: await deleteOlder(db, 'socket_connections', '2 hours'),
    chatConnections: await deleteOlder(db, 'chat_connections', '2 hours'),
  };
}
