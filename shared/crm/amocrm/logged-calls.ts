import type { CallSnapshot } from '../crm.ts';
import { VendorFailure } from '../failure.ts';
import type { Ask } from './client.ts';
import { CallEvents, Notes, UnsortedList } from './schema.ts';

/** amoCRM gives 100 events a page. */
const PAGES = 4;
/** Clocks differ. */
const MARGIN_SECONDS = 300;
const FOLDERS: Record<string, string> = {
  contact: 'contacts',
  company: 'companies',
  lead: 'leads',
  customer: 'customers',
};

/**
 * Whether the call was entered. It may hang on a contact, a company, a lead or a customer: the account's list of events
 * names the notes of the calls since then, the notes carry our id.
 */
export async function findNote(call: CallSnapshot, ask: Ask): Promise<boolean> {
  for (const [entity, ids] of await noteIdsSince(call, ask)) {
    const folder = FOLDERS[entity];
    if (folder && (await hasNote(folder, ids, call, ask))) return true;
  }
  return false;
}

async function noteIdsSince(call: CallSnapshot, ask: Ask): Promise<Map<string, number[]>> {
  const since = Math.floor(call.startedAt.getTime() / 1000) - MARGIN_SECONDS;
  const found = new Map<string, number[]>();
  for (let page = 1; page <= PAGES; page += 1) {
    const answer = await ask({
      method: 'GET',
      path: '/api/v4/events',
      query: [
        ['filter[type]', call.direction === 'in' ? 'incoming_call' : 'outgoing_call'],
        ['filter[created_at][from]', String(since)],
        ['limit', '100'],
        ['page', String(page)],
      ],
      schema: CallEvents,
    });
    for (const { entity_type, value_after } of answer?._embedded.events ?? []) {
      const ids = value_after.flatMap(({ note }) => note?.id ?? []);
      found.set(entity_type, [...(found.get(entity_type) ?? []), ...ids]);
    }
    if (!answer?._links?.next) return found;
  }
  // Better one call to enter by hand than one that counts twice.
  throw new VendorFailure(
    'permanent',
    'Не удалось проверить, записан ли звонок в amoCRM: с тех пор там слишком много звонков',
  );
}

/** Ids in slices, so that no address grows too long. */
async function hasNote(
  folder: string,
  ids: number[],
  { mainUniqueId }: CallSnapshot,
  ask: Ask,
): Promise<boolean> {
  for (let start = 0; start < ids.length; start += 100) {
    const answer = await ask({
      method: 'GET',
      path: `/api/v4/${folder}/notes`,
      query: [
        ...ids
          .slice(start, start + 100)
          .map((id): [string, string] => ['filter[id][]', String(id)]),
        ['limit', '100'],
      ],
      schema: Notes,
    });
    if (answer?._embedded.notes.some(({ params }) => params.uniq === mainUniqueId)) return true;
  }
  return false;
}

/** Whether the call waits among the unsorted. */
export async function findUnsorted({ mainUniqueId }: CallSnapshot, ask: Ask): Promise<boolean> {
  const answer = await ask({
    method: 'GET',
    path: '/api/v4/leads/unsorted',
    query: [
      ['filter[category][]', 'sip'],
      ['order[created_at]', 'desc'],
      ['limit', '250'],
    ],
    schema: UnsortedList,
  });
  return (answer?._embedded.unsorted ?? []).some(
    ({ source_uid, metadata }) => source_uid === mainUniqueId || metadata?.uniq === mainUniqueId,
  );
}
