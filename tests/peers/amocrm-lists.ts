import { type Account, type Card, cardsWith, type LoggedCall } from './amocrm-account.ts';
import { NOTHING, ok, problem } from './amocrm-answers.ts';
import type { Answer } from './peer.ts';

type Asked = { query: URLSearchParams; base: string };

const ENTITIES = {
  contacts: 'contact',
  companies: 'company',
  leads: 'lead',
  customers: 'customer',
};

/** Cards whose fields hold the words asked for: any field, as the vendor searches. */
export function listCards(
  { contacts, companies }: Account,
  folder: 'contacts' | 'companies',
  asked: Asked,
): Answer {
  const cards = folder === 'contacts' ? contacts : companies;
  const words = asked.query.get('query');
  const found = words === null ? cards : cards.filter((card) => holds(card, words));
  return paged(asked, folder, 250, found.map(toCard));
}

function holds(card: Card, words: string): boolean {
  return (
    card.name.includes(words) || (/^\d{5,}$/.test(words) && cardsWith([card], words).length > 0)
  );
}

function toCard({ id, name, phones, responsibleUserId, createdAt, leads }: Card) {
  const values = phones.map((value) => ({ value, enum_id: 1, enum_code: 'WORK' }));
  return {
    id,
    name,
    responsible_user_id: responsibleUserId,
    created_at: createdAt,
    updated_at: createdAt,
    custom_fields_values:
      values.length > 0
        ? [{ field_id: 1, field_name: 'Телефон', field_code: 'PHONE', values }]
        : null,
    _embedded: { tags: [], companies: [], leads: leads.map((lead) => ({ id: lead })) },
  };
}

export function listUsers({ users }: Account, asked: Asked): Answer {
  return paged(asked, 'users', 250, users);
}

/** The calls among the account's events, the newest first. */
export function listEvents({ calls }: Account, asked: Asked): Answer {
  const { query } = asked;
  const types = [...query.getAll('filter[type]'), ...query.getAll('filter[type][]')].flatMap(
    (each) => each.split(','),
  );
  const from = Number(query.get('filter[created_at][from]') ?? 0);
  const found = calls
    .filter((call) => types.length === 0 || types.includes(typeOf(call)))
    .filter((call) => timeOf(call) >= from)
    .toReversed();
  return paged(
    asked,
    'events',
    100,
    found.map((call) => ({
      id: `event${call.id}`,
      type: typeOf(call),
      entity_id: call.entityId,
      entity_type: call.entityType,
      created_by: call.created_by ?? 0,
      created_at: timeOf(call),
      value_after: [{ note: { id: call.noteId } }],
      value_before: [],
    })),
  );
}

function typeOf({ direction }: LoggedCall): string {
  return direction === 'inbound' ? 'incoming_call' : 'outgoing_call';
}

function timeOf({ created_at, at }: LoggedCall): number {
  return created_at ?? Math.floor(at / 1000);
}

export function listNotes({ calls }: Account, folder: keyof typeof ENTITIES, asked: Asked): Answer {
  const { query } = asked;
  const ids = [...query.getAll('filter[id][]'), ...query.getAll('filter[id]')].map(Number);
  const found = calls
    .filter(({ entityType }) => entityType === ENTITIES[folder])
    .filter(({ noteId }) => ids.length === 0 || ids.includes(noteId));
  return paged(
    asked,
    'notes',
    250,
    found.map((call) => ({
      id: call.noteId,
      entity_id: call.entityId,
      note_type: call.direction === 'inbound' ? 'call_in' : 'call_out',
      created_at: timeOf(call),
      responsible_user_id: call.responsible_user_id ?? 0,
      params: {
        uniq: call.uniq ?? '',
        duration: call.duration,
        source: call.source,
        link: call.link ?? '',
        phone: call.phone,
        call_result: call.call_result ?? '',
        call_status: call.call_status ?? 8,
      },
    })),
  );
}

/** The texts on one card; calls have lists of their own. */
export function listTextNotes(
  { notes }: Account,
  { folder, entityId }: { folder: string; entityId: number },
  asked: Asked,
): Answer {
  const types = [
    ...asked.query.getAll('filter[note_type]'),
    ...asked.query.getAll('filter[note_type][]'),
  ];
  const found = notes
    .filter((note) => note.folder === folder && note.entityId === entityId)
    .filter(() => types.length === 0 || types.includes('common'));
  const sorted = asked.query.get('order[id]') === 'desc' ? found.toReversed() : found;
  return paged(
    asked,
    'notes',
    250,
    sorted.map(({ id, text, at }) => ({
      id,
      entity_id: entityId,
      note_type: 'common',
      created_at: Math.floor(at / 1000),
      params: { text },
    })),
  );
}

export function listUnsorted({ unsorted }: Account, asked: Asked): Answer {
  const categories = asked.query.getAll('filter[category][]');
  const found = categories.length === 0 || categories.includes('sip') ? unsorted.toReversed() : [];
  return paged(
    asked,
    'unsorted',
    250,
    found.map(({ uid, source_uid, source_name, created_at, metadata }) => ({
      uid,
      source_uid,
      source_name,
      category: 'sip',
      created_at,
      metadata: { from: metadata.from, phone: metadata.phone, called_at: metadata.called_at },
    })),
  );
}

/** One page; 204 when there is nothing on it, a link when there is more. */
function paged({ query, base }: Asked, name: string, largest: number, rows: unknown[]): Answer {
  const limit = Number(query.get('limit') ?? 50);
  const page = Number(query.get('page') ?? 1);
  if (
    !Number.isInteger(limit) ||
    limit < 1 ||
    limit > largest ||
    !Number.isInteger(page) ||
    page < 1
  )
    return problem(400, 'Bad Request', `limit must be 1 to ${largest}, page 1 or more`);
  const shown = rows.slice((page - 1) * limit, page * limit);
  if (shown.length === 0) return NOTHING;
  const linkTo = (number: number) => {
    const params = new URLSearchParams(query);
    params.set('page', String(number));
    return { href: `${base}?${params.toString()}` };
  };
  return ok({
    _page: page,
    _links: { self: linkTo(page), ...(rows.length > page * limit && { next: linkTo(page + 1) }) },
    _embedded: { [name]: shown },
  });
}
