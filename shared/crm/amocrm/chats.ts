import { payChatStep } from '../chat-steps.ts';
import type { ChatDeliveryStep, ChatSnapshot, DeliveryResult } from '../crm.ts';
import { VendorFailure } from '../failure.ts';
import { renderTranscript, titleOf } from '../transcript.ts';
import type { Ask } from './client.ts';
import { findCompany, findContact } from './people.ts';
import { AddedLeads, Anything, TextNotes } from './schema.ts';
import type { Context } from './tokens.ts';

/** The card the chat belongs to: its folder and id, "leads/12". */
const CARD_MEMORY = 'chat_card';
const TRANSCRIPT_MEMORY = 'chat_transcript';

/** A chat finds its client's card or makes a lead, and puts its transcript there when it has ended. */
export async function deliverChat(
  { step, maybeApplied }: ChatDeliveryStep,
  chat: ChatSnapshot,
  context: Context,
  ask: Ask,
): Promise<DeliveryResult> {
  return payChatStep({ step }, chat, {
    vendor: 'amoCRM',
    card: (phone) => cardOf(chat, phone, context, ask),
    transcript: (phone) => addTranscript(chat, phone, maybeApplied, context, ask),
  });
}

/** Whatever ended without an answer is found by its number the next time: nothing is made twice. */
async function cardOf(
  chat: ChatSnapshot,
  phone: string,
  { memory }: Context,
  ask: Ask,
): Promise<{ card: string; note: string }> {
  const known = await memory.read(CARD_MEMORY);
  if (known !== null) return { card: known, note: 'Карточка клиента уже известна' };
  const contact = await findContact(phone, ask);
  const company = contact ? undefined : await findCompany(phone, ask);
  const found = contact
    ? { card: `contacts/${contact.id}`, note: 'Клиент найден в контактах' }
    : company && { card: `companies/${company.id}`, note: 'Клиент найден в компаниях' };
  const place = found ?? { card: await makeLead(chat, phone, ask), note: 'Создана сделка' };
  await memory.write(CARD_MEMORY, place.card);
  return place;
}

async function makeLead(chat: ChatSnapshot, phone: string, ask: Ask): Promise<string> {
  const leads = await ask({
    method: 'POST',
    path: '/api/v4/leads/complex',
    body: [
      {
        name: titleOf(chat),
        request_id: chat.id,
        _embedded: {
          contacts: [
            {
              first_name: chat.clientName ?? `+${phone}`,
              custom_fields_values: [
                { field_code: 'PHONE', values: [{ value: `+${phone}`, enum_code: 'WORK' }] },
              ],
            },
          ],
        },
      },
    ],
    schema: AddedLeads,
    once: true,
  });
  const [lead] = leads ?? [];
  if (lead) return `leads/${lead.id}`;
  throw new VendorFailure('permanent', 'amoCRM не назвала созданную сделку');
}

async function addTranscript(
  chat: ChatSnapshot,
  phone: string,
  maybeApplied: boolean,
  context: Context,
  ask: Ask,
): Promise<DeliveryResult> {
  const { memory } = context;
  if ((await memory.read(TRANSCRIPT_MEMORY)) !== null)
    return { outcome: 'skipped', reason: 'Переписка уже в amoCRM' };
  const { card } = await cardOf(chat, phone, context, ask);
  if (maybeApplied && (await hasNote(card, titleOf(chat), ask))) {
    await memory.write(TRANSCRIPT_MEMORY, 'there');
    return { outcome: 'delivered', note: 'Переписка уже была в amoCRM: прошлая попытка дошла' };
  }
  await ask({
    method: 'POST',
    path: `/api/v4/${card}/notes`,
    body: [{ note_type: 'common', params: { text: renderTranscript(chat) } }],
    schema: Anything,
    once: true,
  });
  await memory.write(TRANSCRIPT_MEMORY, 'there');
  return { outcome: 'delivered' };
}

async function hasNote(card: string, title: string, ask: Ask): Promise<boolean> {
  const answer = await ask({
    method: 'GET',
    path: `/api/v4/${card}/notes`,
    query: [
      ['filter[note_type]', 'common'],
      ['order[id]', 'desc'],
      ['limit', '100'],
    ],
    schema: TextNotes,
  });
  return (answer?._embedded.notes ?? []).some(({ params }) => firstLine(params.text) === title);
}

const firstLine = (text: string) => text.split('\n', 1)[0];
