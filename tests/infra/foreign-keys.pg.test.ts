import { expect, test } from 'vitest';

import { useDatabase } from '../support/database.ts';

const { db } = useDatabase();

/** Few rows, or of parents that are hardly ever deleted: read whole they cost nothing. */
const SMALL = new Set([
  'chat_messages.manager_id',
  'hosting_months.server_id',
  'jobs.enterprise_number',
  'manager_states.chat_id',
  'operator_alerts.enterprise_number',
  'socket_connections.admin_id',
  'socket_connections.enterprise_number',
  'socket_connections.user_id',
  'socket_tickets.admin_id',
  'socket_tickets.user_id',
]);

test('who deletes a row finds those that point to it by an index', async () => {
  const rows = await db`
    select foreign_key.conrelid::regclass::text || '.' || first.attname as column
    from pg_constraint as foreign_key
    join pg_attribute as first
      on first.attrelid = foreign_key.conrelid
      and first.attnum = foreign_key.conkey[1]
    where foreign_key.contype = 'f'
      and foreign_key.conparentid = 0
      and not exists (
        select from pg_index
        where pg_index.indrelid = foreign_key.conrelid
          and pg_index.indisvalid
          and (pg_index.indkey::int2[])[0:cardinality(foreign_key.conkey) - 1] @> foreign_key.conkey
      )`;
  const unindexed = rows.map(({ column }) => String(column));
  expect(unindexed.filter((column) => !SMALL.has(column))).toEqual([]);
  expect([...SMALL].filter((column) => !unindexed.includes(column))).toEqual([]);
});
