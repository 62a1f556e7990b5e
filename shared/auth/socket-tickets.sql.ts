import type { Db } from '../db.ts';
import type { Admin } from './caller.ts';
import { AdminRow } from './sessions.sql.ts';

export const TICKET_SECONDS = 60;

export async function insertTicket(db: Db, admin: Admin, ticketHash: Buffer): Promise<void> {
  const [adminId, userId] = admin.kind === 'superadmin' ? [admin.id, null] : [null, admin.id];
  await db`
    with expired as (
      delete from socket_tickets
      where expires_at < now()
    )
    insert into socket_tickets (ticket_hash, admin_id, user_id, expires_at)
    values (${ticketHash}, ${adminId}, ${userId}, now() + ${`${TICKET_SECONDS} seconds`}::interval)`;
}

/** Whose ticket this is. It is used up by asking. */
export async function redeemTicket(db: Db, ticketHash: Buffer): Promise<Admin | undefined> {
  const [row] = await db`
    with ticket as (
      delete from socket_tickets
      where ticket_hash = ${ticketHash}
      returning admin_id, user_id, expires_at
    )
    select 'superadmin' as kind, admins.id, null as enterprise_number
    from ticket
    join admins on admins.id = ticket.admin_id
    where ticket.expires_at > now()
      and admins.active
    union all
    select 'enterprise admin', users.id, users.enterprise_number
    from ticket
    join users on users.id = ticket.user_id
    join enterprises on enterprises.number = users.enterprise_number
    where ticket.expires_at > now()
      and users.active
      and enterprises.active`;
  return row && AdminRow.parse(row);
}
