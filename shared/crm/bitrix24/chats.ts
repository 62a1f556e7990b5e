import { payChatStep } from '../chat-steps.ts';
import type { ChatDeliveryStep, ChatSnapshot, CrmContext, DeliveryResult } from '../crm.ts';
import { VendorFailure } from '../failure.ts';
import { renderTranscript, titleOf } from '../transcript.ts';
import { type Command, read, refusalOf, run } from './client.ts';
import type { Bitrix24Config } from './config.ts';
import { isForbidden } from './failures.ts';
import { spellingsOf } from './people.ts';
import { AddedId, Comments, Duplicates, ENTITY_KINDS } from './schema.ts';

type Context = CrmContext<Bitrix24Config>;
type Subject = { type: string; id: string };

/** The card the chat belongs to: "lead 12". */
const CARD_MEMORY = 'chat_card';
const TRANSCRIPT_MEMORY = 'chat_transcript';

/** A chat finds its client's card or makes a lead, and puts its transcript into the timeline when it has ended. */
export async function deliverChat(
  { step, maybeApplied }: ChatDeliveryStep,
  chat: ChatSnapshot,
  context: Context,
): Promise<DeliveryResult> {
  return payChatStep({ step }, chat, {
    vendor: 'Bitrix24',
    card: (phone) => cardOf(chat, phone, context),
    transcript: (phone) => addTranscript(chat, phone, maybeApplied, context),
  });
}

/** Whatever ended without an answer is found by its number the next time: nothing is made twice. */
async function cardOf(
  chat: ChatSnapshot,
  phone: string,
  context: Context,
): Promise<{ card: Subject; note: string }> {
  const known = await context.memory.read(CARD_MEMORY);
  if (known !== null) return { card: parse(known), note: 'Карточка клиента уже известна' };
  const found = await findCard(phone, context);
  const place = found
    ? { card: found, note: 'Клиент найден в CRM' }
    : { card: await makeLead(chat, phone, context), note: 'Создан лид' };
  await context.memory.write(CARD_MEMORY, `${place.card.type} ${place.card.id}`);
  return place;
}

function parse(kept: string): Subject {
  const [type = '', id = ''] = kept.split(' ');
  return { type, id };
}

async function findCard(phone: string, context: Context): Promise<Subject | undefined> {
  const params = { type: 'PHONE', values: spellingsOf(phone) };
  const indexed = await ask(context, { method: 'crm.duplicate.findbycomm', params }, Duplicates);
  for (const kind of ENTITY_KINDS) {
    const [id] = indexed[kind];
    if (id !== undefined) return { type: kind.toLowerCase(), id };
  }
  return undefined;
}

async function makeLead(chat: ChatSnapshot, phone: string, context: Context): Promise<Subject> {
  const { clientName, question, page } = chat;
  const command: Command = {
    method: 'crm.lead.add',
    params: {
      fields: {
        TITLE: titleOf(chat),
        NAME: clientName ?? undefined,
        PHONE: [{ VALUE: `+${phone}`, VALUE_TYPE: 'WORK' }],
        SOURCE_ID: 'WEB',
        SOURCE_DESCRIPTION: page,
        COMMENTS: question ?? undefined,
        ASSIGNED_BY_ID: context.config.user_id,
        ORIGINATOR_ID: 'trunkline',
        ORIGIN_ID: chat.id,
      },
      params: { REGISTER_SONET_EVENT: 'Y' },
    },
  };
  return { type: 'lead', id: await ask(context, command, AddedId) };
}

async function addTranscript(
  chat: ChatSnapshot,
  phone: string,
  maybeApplied: boolean,
  context: Context,
): Promise<DeliveryResult> {
  const { memory } = context;
  if ((await memory.read(TRANSCRIPT_MEMORY)) !== null)
    return { outcome: 'skipped', reason: 'Переписка уже в Bitrix24' };
  const { card } = await cardOf(chat, phone, context);
  const owner = { ENTITY_ID: card.id, ENTITY_TYPE: card.type };
  if (maybeApplied && (await hasComment(owner, titleOf(chat), context))) {
    await memory.write(TRANSCRIPT_MEMORY, 'there');
    return { outcome: 'delivered', note: 'Переписка уже была в Bitrix24: прошлая попытка дошла' };
  }
  const fields = { ...owner, COMMENT: renderTranscript(chat) };
  await ask(context, { method: 'crm.timeline.comment.add', params: { fields } }, AddedId);
  await memory.write(TRANSCRIPT_MEMORY, 'there');
  return { outcome: 'delivered' };
}

async function hasComment(
  owner: { ENTITY_ID: string; ENTITY_TYPE: string },
  title: string,
  context: Context,
): Promise<boolean> {
  const params = { filter: owner, order: { ID: 'DESC' } };
  const comments = await ask(context, { method: 'crm.timeline.comment.list', params }, Comments);
  return comments.some(({ COMMENT }) => COMMENT?.split('\n', 1)[0] === title);
}

/** Rights that a chat needs and calls do not: without them calls must go on. */
async function ask<Schema extends Parameters<typeof read>[1]>(
  context: Context,
  command: Command,
  schema: Schema,
) {
  const { reply } = await run(context, { reply: command }, { halt: true });
  const refused = refusalOf(reply);
  if (refused && (isForbidden(refused) || /^access denied/i.test(refused.text))) {
    throw new VendorFailure('permanent', 'У владельца вебхука Bitrix24 нет прав на лиды', {
      httpStatus: refused.httpStatus,
    });
  }
  return read<Schema>(reply, schema);
}
