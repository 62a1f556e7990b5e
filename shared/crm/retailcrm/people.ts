import type * as z from 'zod';

import type { CrmContext, CrmUser, Responsible } from '../crm.ts';
import { VendorFailure } from '../failure.ts';
import { callRetailcrm } from './client.ts';
import type { RetailcrmConfig } from './config.ts';
import { ManagerAnswer, type Person, UsersAnswer } from './schema.ts';

type Context = CrmContext<RetailcrmConfig>;

/** The largest that the vendor takes: 20, 50 or 100. */
const USERS_A_PAGE = '100';
const MOST_PAGES = 50;

/** Who looks after the client, though he be away: the call is his. */
export async function findManager(phone: string, context: Context): Promise<Responsible | null> {
  const { manager, customer } = await lookUp(phone, context);
  if (!manager) return null;
  const [mapped] = [...context.users].find(([, userId]) => userId === manager.id) ?? [];
  return {
    extension: mapped ?? (manager.code || null),
    userId: manager.id,
    name: fullName(manager),
    clientName: customer ? fullName(customer) || null : null,
  };
}

/** The customer with this number and his manager, as far as RetailCRM knows them. */
export async function lookUp(phone: string, context: Context) {
  return callRetailcrm(context, {
    method: 'GET',
    path: '/api/v5/telephony/manager',
    query: { phone: `+${phone}`, details: '1', ignoreStatus: '1' },
    schema: ManagerAnswer,
  }).catch((error: unknown): z.output<typeof ManagerAnswer> => {
    // The body of "nobody" is not documented; a 404 is one of the forms it may take.
    if (error instanceof VendorFailure && error.httpStatus === 404)
      return { manager: null, customer: null };
    throw error;
  });
}

/** Active users, page by page, for the map of extensions. */
export async function listUsers(context: Context): Promise<CrmUser[]> {
  const people: CrmUser[] = [];
  for (let page = 1; page <= MOST_PAGES; page += 1) {
    const { users, pagination } = await callRetailcrm(context, {
      method: 'GET',
      path: '/api/v5/users',
      query: { limit: USERS_A_PAGE, page: String(page) },
      schema: UsersAnswer,
    });
    people.push(
      ...users
        .filter(({ active }) => active)
        .map((user) => ({
          id: user.id,
          name: fullName(user) || (user.email ?? ''),
          extension: user.code || null,
        })),
    );
    if (users.length === 0 || page >= pagination.totalPageCount) break;
  }
  return people;
}

function fullName({ firstName, lastName }: Person): string {
  return [firstName, lastName].filter(Boolean).join(' ');
}
