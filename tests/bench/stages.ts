import * as z from 'zod';

import type { Stack } from '../../infra/local/stack.ts';
import { connect } from '../../shared/db.ts';
import { median, ms } from './figures.ts';

/** One call's dial: when it was posted, and when the CRM got it. */
export type Measured = { phone: string; sent: number; arrived: number };

const STAGES = ['POST to stored', 'to the tracker', 'to the dispatcher', 'to the CRM'] as const;
/** Milliseconds of each part of the way. */
export type Stages = Record<(typeof STAGES)[number], number>;

const Row = z.object({
  phone: z.string(),
  storedAt: z.date(),
  trackedAt: z.date(),
  claimedAt: z.date(),
});

/** Where the time of each call went, by what the functions have written. */
export async function stagesOf(stack: Stack, calls: Measured[]): Promise<Stages[]> {
  const db = connect(stack.environment['DATABASE_URL'] ?? '');
  const rows = await db`
    select
      calls.phone,
      call_events.received_at as stored_at,
      deliveries.created_at as tracked_at,
      integration_logs.created_at as claimed_at
    from calls
    join deliveries on deliveries.call_id = calls.id and deliveries.step = 'dial' and deliveries.round = 1
    join integration_logs on integration_logs.delivery_id = deliveries.id and integration_logs.attempt = 1
    join call_events on call_events.call_id = calls.id and call_events.event_type = 'dial'
    where calls.phone = any(${calls.map(({ phone }) => phone)}::text[])`;
  await db.end();
  const byPhone = new Map(calls.map((call) => [call.phone, call]));
  return Row.array()
    .parse([...rows])
    .flatMap(({ phone, storedAt, trackedAt, claimedAt }) => {
      const call = byPhone.get(phone);
      if (!call) return [];
      return {
        'POST to stored': +storedAt - call.sent,
        'to the tracker': +trackedAt - +storedAt,
        'to the dispatcher': +claimedAt - +trackedAt,
        'to the CRM': call.arrived - +claimedAt,
      };
    });
}

/** The medians of the parts. */
export function describeStages(stages: Stages[]): string {
  return STAGES.map((name) => `${name} ${ms(median(stages.map((each) => each[name])))}`).join(', ');
}
