import * as z from 'zod';

import type { Db } from '../db.ts';

const Project = z.object({
  id: z.number(),
  name: z.string(),
  notes: z.string().nullable(),
  servers: z.number(),
  createdAt: z.date(),
  updatedAt: z.date(),
});
export type ProjectRow = z.output<typeof Project>;
const Id = z.object({ id: z.number() });

export async function listProjects(db: Db, id?: number): Promise<ProjectRow[]> {
  const rows = await db`
    select project.id, project.name, project.notes, project.created_at, project.updated_at,
      (select count(*)::int
       from hosting_servers
       where project_id = project.id
         and deleted_at is null) as servers
    from hosting_projects as project
    ${id === undefined ? db`` : db`where project.id = ${id}`}
    order by lower(project.name), project.id`;
  return Project.array().parse([...rows]);
}

type ProjectValues = { name?: string; notes?: string | null };

/** Undefined when there is a project of this name. */
export async function insertProject(db: Db, values: ProjectValues): Promise<number | undefined> {
  const [row] = await db`
    insert into hosting_projects ${db(values)}
    on conflict do nothing
    returning id`;
  return row && Id.parse(row).id;
}

/** False when another project has this name. */
export async function updateProject(db: Db, id: number, values: ProjectValues): Promise<boolean> {
  const rows = await db`
    update hosting_projects
    set ${db(values)}, updated_at = now()
    where id = ${id}
      and not exists (
        select 1
        from hosting_projects as other
        where lower(other.name) = lower(${values.name ?? null})
          and other.id <> ${id}
      )
    returning id`;
  return rows.length > 0;
}

export async function deleteProject(db: Db, id: number): Promise<boolean> {
  const rows = await db`
    delete from hosting_projects
    where id = ${id}
    returning id`;
  return rows.length > 0;
}

const Payment = z.object({
  id: z.number(),
  serverId: z.number(),
  serverName: z.string(),
  clientName: z.string().nullable(),
  amount: z.coerce.number(),
  paidOn: z.string(),
  periods: z.number(),
  previousPaymentDate: z.string().nullable(),
  nextPaymentDate: z.string().nullable(),
  notes: z.string().nullable(),
  createdAt: z.date(),
  updatedAt: z.date(),
});
export type PaymentRow = z.output<typeof Payment>;

export type PaymentPlace = { paidOn: string; id: number };
export type PaymentFilters = {
  serverId?: number | undefined;
  from?: string | undefined;
  to?: string | undefined;
};

export async function listPayments(
  db: Db,
  { filters, after, limit }: { filters: PaymentFilters; after?: PaymentPlace; limit: number },
): Promise<PaymentRow[]> {
  const { serverId, from, to } = filters;
  const rows = await db`
    select ${columns(db)}
    from hosting_payments as payment
    join hosting_servers as server on server.id = payment.server_id
    where true
      ${serverId === undefined ? db`` : db`and payment.server_id = ${serverId}`}
      ${from ? db`and payment.paid_on >= ${from}::date` : db``}
      ${to ? db`and payment.paid_on <= ${to}::date` : db``}
      ${after ? db`and (payment.paid_on, payment.id) < (${after.paidOn}::date, ${after.id})` : db``}
    order by payment.paid_on desc, payment.id desc
    limit ${limit}`;
  return Payment.array().parse([...rows]);
}

export async function findPayment(db: Db, id: number): Promise<PaymentRow | undefined> {
  const [row] = await db`
    select ${columns(db)}
    from hosting_payments as payment
    join hosting_servers as server on server.id = payment.server_id
    where payment.id = ${id}`;
  return row && Payment.parse(row);
}

type NewPayment = {
  serverId: number;
  amount: number;
  paidOn: string;
  periods: number;
  previousPaymentDate: string | null;
  nextPaymentDate: string | null;
  notes: string | null;
};

export async function insertPayment(db: Db, payment: NewPayment): Promise<number> {
  const [row] = await db`insert into hosting_payments ${db(payment)} returning id`;
  return Id.parse(row).id;
}

type PaymentValues = Partial<Pick<NewPayment, 'amount' | 'paidOn' | 'notes'>>;

export async function updatePayment(db: Db, id: number, values: PaymentValues): Promise<void> {
  await db`
    update hosting_payments
    set ${db(values)}, updated_at = now()
    where id = ${id}`;
}

export async function deletePayment(db: Db, id: number): Promise<void> {
  await db`
    delete from hosting_payments
    where id = ${id}`;
}

function columns(db: Db) {
  return db`
    payment.id, payment.server_id, server.server_name, server.client_name, payment.amount,
    payment.paid_on::text as paid_on, payment.periods,
    payment.previous_payment_date::text as previous_payment_date,
    payment.next_payment_date::text as next_payment_date, payment.notes, payment.created_at, payment.updated_at`;
}
