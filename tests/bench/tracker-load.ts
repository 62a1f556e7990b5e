import type postgres from 'postgres';
import { v7 as newUuid } from 'uuid';

import { newCall } from './box-events.ts';
import type { Enterprise } from './enterprises.ts';

/** As a busy hour mixes them: most are answered, some are missed, some go out. */
const SCENARIOS = [
  'in-group-answered',
  'in-group-answered',
  'out-answered',
  'in-greeting-group-answered',
  'in-group-missed',
  'out-no-answer',
  'in-group-answered',
  'internal-answered',
  'out-answered',
  'in-blind-accepted',
];
const PER_INSERT = 500;

/**
 * Stores events that wait for the tracker. Returns their ids in batches as a queue hands them out: one of each
 * enterprise, and those of an enterprise in order.
 */
export async function storeLoad(
  sql: postgres.Sql,
  enterprises: Enterprise[],
  batches: number,
): Promise<string[][]> {
  const began = Date.now();
  const lanes = enterprises.map(({ number, token }, lane) => {
    const events = [];
    for (let call = 0; events.length < batches; call += 1) {
      const scenario = SCENARIOS[(lane + call) % SCENARIOS.length] ?? '';
      events.push(...newCall(scenario, token));
    }
    return events.slice(0, batches).map(({ kind, body }, index) => ({
      id: newUuid(),
      enterprise_number: number,
      event_type: kind,
      unique_id: typeof body['UniqueId'] === 'string' ? body['UniqueId'] : null,
      payload: sql.json(JSON.parse(JSON.stringify(body))),
      raw: JSON.stringify(body),
      received_at: new Date(began + index),
    }));
  });
  const rows = lanes.flat();
  for (let start = 0; start < rows.length; start += PER_INSERT) {
    await sql`insert into call_events ${sql(rows.slice(start, start + PER_INSERT))}`;
  }
  return Array.from({ length: batches }, (_, index) =>
    lanes.flatMap((lane) => lane[index]?.id ?? []),
  );
}
