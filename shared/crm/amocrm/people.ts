import type { CrmUser, Responsible } from '../crm.ts';
import { VendorFailure } from '../failure.ts';
import type { Ask } from './client.ts';
import { type Card, Companies, Contacts, User, Users } from './schema.ts';
import type { Context } from './tokens.ts';

/** Shorter ones are extensions and service numbers. */
const SHORTEST_NUMBER = 5;
const USERS_A_PAGE = 250;
const USER_PAGES = 40;

/** Who looks after the card with this number: the oldest contact's, else the oldest company's person. */
export async function findOwner(
  phone: string,
  { users }: Context,
  ask: Ask,
): Promise<Responsible | null> {
  if (phone.length < SHORTEST_NUMBER) return null;
  const card = (await findContact(phone, ask)) ?? (await findCompany(phone, ask));
  if (!card) return null;
  const userId = String(card.responsible_user_id);
  const [extension] = [...users].find(([, id]) => id === userId) ?? [];
  return {
    extension: extension ?? null,
    userId,
    name: extension ? await nameOf(userId, ask) : '',
    clientName: card.name || null,
  };
}

export async function findContact(phone: string, ask: Ask): Promise<Card | undefined> {
  const answer = await ask({ ...cardsWith(phone, 'contacts'), schema: Contacts });
  return oldestWith(phone, answer?._embedded.contacts ?? []);
}

export async function findCompany(phone: string, ask: Ask): Promise<Card | undefined> {
  const answer = await ask({ ...cardsWith(phone, 'companies'), schema: Companies });
  return oldestWith(phone, answer?._embedded.companies ?? []);
}

function cardsWith(phone: string, folder: 'contacts' | 'companies') {
  const query: [string, string][] = [
    ['query', lastDigits(phone)],
    ['limit', '50'],
  ];
  return { method: 'GET' as const, path: `/api/v4/${folder}`, query };
}

/** The search looks into every field, so the number itself is checked here. */
function oldestWith(phone: string, cards: Card[]): Card | undefined {
  const wanted = lastDigits(phone);
  return cards
    .filter(({ custom_fields_values: fields }) =>
      fields?.some(
        ({ field_code, values }) =>
          field_code === 'PHONE' && values.some(({ value }) => lastDigits(value) === wanted),
      ),
    )
    .toSorted((a, b) => a.created_at - b.created_at)[0];
}

/** `+7 912 …` and `8 912 …` are one number to people and two to amoCRM. */
function lastDigits(value: unknown): string {
  return String(value).replaceAll(/\D/g, '').slice(-10);
}

/** Names may be read by administrators' tokens only; a call must not wait for one in vain. */
async function nameOf(userId: string, ask: Ask): Promise<string> {
  try {
    const path = `/api/v4/users/${userId}`;
    return (await ask({ method: 'GET', path, schema: User }))?.name ?? '';
  } catch (error) {
    if (error instanceof VendorFailure) return '';
    throw error;
  }
}

export async function listPeople(ask: Ask): Promise<CrmUser[]> {
  const people: CrmUser[] = [];
  for (let page = 1; page <= USER_PAGES; page += 1) {
    const answer = await ask({
      method: 'GET',
      path: '/api/v4/users',
      query: [
        ['limit', String(USERS_A_PAGE)],
        ['page', String(page)],
      ],
      schema: Users,
    });
    people.push(
      ...(answer?._embedded.users ?? []).map(({ id, name }) => ({ id: String(id), name })),
    );
    if (!answer?._links?.next) break;
  }
  return people;
}
