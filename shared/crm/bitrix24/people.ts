import type * as z from 'zod';

import type { CrmContext, CrmUser, Responsible } from '../crm.ts';
import { VendorFailure } from '../failure.ts';
import { call, callPage, type Command, read, refusalOf, run } from './client.ts';
import type { Bitrix24Config } from './config.ts';
import { isForbidden, toFailure } from './failures.ts';
import { Duplicates, Entity, ENTITY_KINDS, FoundEntities, type User, Users } from './schema.ts';

type Context = CrmContext<Bitrix24Config>;
type Found = z.output<typeof FoundEntities>[number];

const MOST_COMMANDS = 50;
const MOST_PAGES = 100;
const PAGE = 50;

/**
 * Users by extension, as Bitrix24 knows them; unknown extensions are left out. A webhook that may not read users knows
 * none: cards then come to the configured user, and the calls are entered all the same.
 */
export async function findUsers(
  extensions: string[],
  context: Context,
): Promise<Map<string, string>> {
  const asked = extensions.slice(0, MOST_COMMANDS);
  const replies = await run<string>(
    context,
    Object.fromEntries(asked.map((extension, index) => [`u${index}`, userBehind(extension)])),
    { halt: false },
  );
  const found = new Map<string, string>();
  for (const [index, extension] of asked.entries()) {
    const reply = replies[`u${index}`];
    const refused = refusalOf(reply);
    if (refused && !isForbidden(refused)) throw toFailure(refused);
    if (refused || !reply) continue;
    const user = read(reply, Users).find(({ UF_PHONE_INNER }) => UF_PHONE_INNER === extension);
    if (user) found.set(extension, user.ID);
  }
  return found;
}

function userBehind(extension: string): Command {
  return { method: 'user.get', params: { FILTER: { ACTIVE: true, UF_PHONE_INNER: extension } } };
}

/** Employees, for the map of extensions. */
export async function listUsers(context: Context): Promise<CrmUser[]> {
  const users: CrmUser[] = [];
  let start: number | undefined = 0;
  for (let page = 0; start !== undefined && page < MOST_PAGES; page += 1) {
    const params = { FILTER: { ACTIVE: true, USER_TYPE: 'employee' }, start };
    const answer: { rows: User[]; next: number | undefined } = await callPage(
      context,
      { method: 'user.get', params },
      Users,
    );
    users.push(
      ...answer.rows.map((user) => ({
        id: user.ID,
        name: nameOf(user),
        extension: user.UF_PHONE_INNER || null,
      })),
    );
    start = answer.rows.length < PAGE ? undefined : answer.next;
  }
  return users;
}

/**
 * Who looks after the client: the first found card whose user can be rung. The card index of numbers is asked in the
 * same request, for clients that the search for calls does not see.
 */
export async function findResponsible(
  phone: string,
  context: Context,
): Promise<Responsible | null> {
  const spellings = spellingsOf(phone);
  const searches = Object.fromEntries(
    spellings.map((PHONE_NUMBER, index): [string, Command] => [
      `s${index}`,
      { method: 'telephony.externalCall.searchCrmEntities', params: { PHONE_NUMBER } },
    ]),
  );
  const index: Command = {
    method: 'crm.duplicate.findbycomm',
    params: { type: 'PHONE', values: spellings },
  };
  const replies = await run<string>(context, { ...searches, index }, { halt: false });
  const found = spellings.flatMap((_, place) => read(replies[`s${place}`], FoundEntities));
  const best =
    found.find((entity) => extensionOf(entity, context) !== null) ??
    found.find((entity) => userOf(entity) !== null);
  if (best) return describe(best, context);
  const indexed = refusalOf(replies['index']) ? undefined : read(replies['index'], Duplicates);
  for (const kind of ENTITY_KINDS) {
    const [id] = indexed?.[kind] ?? [];
    if (id !== undefined) return ownerOf(kind, id, context);
  }
  return null;
}

/** As CRMs hold numbers: bare digits, with a plus, and for Russia and Kazakhstan with an 8 in front. */
export function spellingsOf(phone: string): string[] {
  const national = /^7(\d{10})$/.exec(phone)?.[1];
  return [phone, `+${phone}`, ...(national ? [`8${national}`] : [])];
}

function userOf({ ASSIGNED_BY, ASSIGNED_BY_ID }: Found): string | null {
  return ASSIGNED_BY?.ID ?? ASSIGNED_BY_ID ?? null;
}

/** Our own map goes before what Bitrix24 says. */
function extensionOf(entity: Found, { users }: Context): string | null {
  const userId = userOf(entity);
  return mappedExtension(userId, users) ?? (entity.ASSIGNED_BY?.USER_PHONE_INNER || null);
}

function mappedExtension(
  userId: string | null,
  users: ReadonlyMap<string, string>,
): string | undefined {
  return [...users].find(([, mapped]) => mapped === userId)?.[0];
}

async function describe(entity: Found, context: Context): Promise<Responsible | null> {
  const userId = userOf(entity);
  if (userId === null) return null;
  const extension = extensionOf(entity, context);
  // The search names no names. A caller who waits is not to lose the manager over that.
  const user = await call(context, 'user.get', { ID: userId }, Users)
    .then((users) => users.find(({ ID }) => ID === userId))
    .catch((error: unknown) => {
      if (error instanceof VendorFailure) return undefined;
      throw error;
    });
  return { extension, userId, name: user ? nameOf(user) : '', clientName: entity.NAME || null };
}

async function ownerOf(
  kind: (typeof ENTITY_KINDS)[number],
  id: string,
  context: Context,
): Promise<Responsible | null> {
  const replies = await run(
    context,
    {
      entity: { method: `crm.${kind.toLowerCase()}.get`, params: { id } },
      user: { method: 'user.get', params: { ID: '$result[entity][ASSIGNED_BY_ID]' } },
    },
    { halt: true },
  );
  const entity = read(replies.entity, Entity);
  const userId = entity.ASSIGNED_BY_ID;
  if (!userId) return null;
  const user = refusalOf(replies.user)
    ? undefined
    : read(replies.user, Users).find(({ ID }) => ID === userId);
  return {
    extension: mappedExtension(userId, context.users) ?? (user?.UF_PHONE_INNER || null),
    userId,
    name: user ? nameOf(user) : '',
    clientName: nameOf(entity) || entity.TITLE || null,
  };
}

function nameOf({
  NAME,
  LAST_NAME,
}: {
  NAME?: string | null | undefined;
  LAST_NAME?: string | null | undefined;
}): string {
  return [NAME, LAST_NAME].filter(Boolean).join(' ');
}
