import type postgres from 'postgres';

import type { Stack } from '../../infra/local/stack.ts';
import type { RefusingStore } from './refusing-store.ts';
import type { Tenant } from './tenants.ts';

export type World = {
  stack: Stack;
  db: postgres.Sql;
  tenants: Tenant[];
  /** How many calls come in during one fault. */
  calls: number;
  store: RefusingStore;
};

/** What one fault has cost: doubled, lost, out of order or stuck is nothing in a sound run. */
export type Counted = {
  accepted: number;
  stored: number;
  owed: number;
  seen: number;
  /** Of the accepted. */
  missing: number;
  doubled: number;
  lost: number;
  disordered: number;
  stuck: number;
  /** Asked again by who was refused: the price of the fault, not a loss. */
  refused: number;
  /** Posts whose answer was lost, and which may be in the database a second time as events of their own. */
  unanswered: number;
};

export type Fault = {
  name: string;
  says: string;
  /** Breaks something under work, waits until all has come to an end, and counts. */
  judge: (world: World) => Promise<Counted>;
};
