import type postgres from 'postgres';
import * as z from 'zod';

import type { Db } from '../../shared/db.ts';

const Node = z.looseObject({
  'Node Type': z.string(),
  'Relation Name': z.string().optional(),
  'Actual Rows': z.number(),
  'Actual Loops': z.number(),
  'Rows Removed by Filter': z.number().default(0),
  'Rows Removed by Index Recheck': z.number().default(0),
  get Plans() {
    return z.array(Node).default([]);
  },
});
type Node = z.output<typeof Node>;
const Explained = z.tuple([
  z.object({ Plan: Node, 'Planning Time': z.number(), 'Execution Time': z.number() }),
]);

/** One that was not sent yet. */
export type Query = postgres.PendingQuery<postgres.Row[]>;

/** A scan of a table or an index: `rows` are those it read, whether it kept them or not, over all its loops. */
export type Scan = { type: string; table: string | undefined; rows: number };

/** Has PostgreSQL answer a query, and tell what it read for that and how long it took (ms). */
export async function explain(db: Db, query: Query): Promise<{ scans: Scan[]; ms: number }> {
  const [row] = await db`explain (analyze, timing off, format json) ${query}`;
  const [told] = Explained.parse(row?.['queryPlan'] ?? row?.['QUERY PLAN']);
  const scans = nodesOf(told.Plan)
    .filter((node) => node['Node Type'].includes('Scan'))
    .map((node) => ({
      type: node['Node Type'],
      table: node['Relation Name'],
      rows: (node['Actual Rows'] + removedBy(node)) * node['Actual Loops'],
    }));
  return { scans, ms: told['Planning Time'] + told['Execution Time'] };
}

export const rowsRead = (scans: Scan[]): number => scans.reduce((sum, { rows }) => sum + rows, 0);

/** Tables that were read from end to end; one that is empty is not worth an index. */
export const readWhole = (scans: Scan[]): (string | undefined)[] =>
  scans.filter(({ type, rows }) => type.includes('Seq Scan') && rows > 0).map(({ table }) => table);

const nodesOf = (node: Node): Node[] => [node, ...node.Plans.flatMap(nodesOf)];

const removedBy = (node: Node): number =>
  node['Rows Removed by Filter'] + node['Rows Removed by Index Recheck'];
