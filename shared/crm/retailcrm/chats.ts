import * as z from 'zod';

import { payChatStep } from '../chat-steps.ts';
import type { ChatDeliveryStep, ChatSnapshot, CrmContext, DeliveryResult } from '../crm.ts';
import { VendorFailure } from '../failure.ts';
import { renderTranscript, titleOf } from '../transcript.ts';
import { callRetailcrm, NO_RIGHTS } from './client.ts';
import type { RetailcrmConfig } from './config.ts';
import { lookUp } from './people.ts';
import { Added, NotesAnswer } from './schema.ts';

type Context = CrmContext<RetailcrmConfig>;

const CUSTOMER_MEMORY = 'chat_customer';
const TRANSCRIPT_MEMORY = 'chat_transcript';

/** A chat finds its customer or makes one (RetailCRM has no leads), and leaves its transcript there as a note. */
export async function deliverChat(
  { step, maybeApplied }: ChatDeliveryStep,
  chat: ChatSnapshot,
  context: Context,
): Promise<DeliveryResult> {
  return payChatStep({ step }, chat, {
    vendor: 'RetailCRM',
    card: (phone) => allowed(() => customerOf(chat, phone, context)),
    transcript: (phone) => allowed(() => addTranscript(chat, phone, maybeApplied, context)),
  });
}

/** Whatever ended without an answer is found by its number the next time: nobody is made twice. */
async function customerOf(
  { clientName }: ChatSnapshot,
  phone: string,
  context: Context,
): Promise<{ id: string; note: string }> {
  const known = await context.memory.read(CUSTOMER_MEMORY);
  if (known !== null) return { id: known, note: 'Клиент уже известен' };
  const { customer } = await lookUp(phone, context);
  const found = customer?.id;
  const id = found ?? (await makeCustomer(clientName ?? `+${phone}`, phone, context));
  await context.memory.write(CUSTOMER_MEMORY, id);
  return { id, note: found ? 'Клиент найден в RetailCRM' : 'Создан клиент' };
}

async function makeCustomer(name: string, phone: string, context: Context): Promise<string> {
  const { id } = await callRetailcrm(context, {
    method: 'POST',
    path: '/api/v5/customers/create',
    form: { customer: { firstName: name, phones: [{ number: `+${phone}` }] } },
    schema: Added,
  });
  return id;
}

async function addTranscript(
  chat: ChatSnapshot,
  phone: string,
  maybeApplied: boolean,
  context: Context,
): Promise<DeliveryResult> {
  const { memory } = context;
  if ((await memory.read(TRANSCRIPT_MEMORY)) !== null)
    return { outcome: 'skipped', reason: 'Переписка уже в RetailCRM' };
  const { id } = await customerOf(chat, phone, context);
  if (maybeApplied && (await hasNote(id, titleOf(chat), context))) {
    await memory.write(TRANSCRIPT_MEMORY, 'there');
    return { outcome: 'delivered', note: 'Переписка уже была в RetailCRM: прошлая попытка дошла' };
  }
  await callRetailcrm(context, {
    method: 'POST',
    path: '/api/v5/customers/notes/create',
    form: { note: { text: renderTranscript(chat), customer: { id: Number(id) } } },
    schema: z.object({}),
  });
  await memory.write(TRANSCRIPT_MEMORY, 'there');
  return { outcome: 'delivered' };
}

async function hasNote(customerId: string, title: string, context: Context): Promise<boolean> {
  const { notes } = await callRetailcrm(context, {
    method: 'GET',
    path: '/api/v5/customers/notes',
    query: { 'filter[customerIds][]': customerId, 'filter[text]': title, limit: '100' },
    schema: NotesAnswer,
  });
  return notes.some(({ text }) => text.split('\n', 1)[0] === title);
}

/** Rights that a chat needs and calls do not: without them calls must go on. */
async function allowed<Result>(run: () => Promise<Result>): Promise<Result> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof VendorFailure) || error.message !== NO_RIGHTS) throw error;
    const { httpStatus } = error;
    throw new VendorFailure('permanent', 'У ключа API нет прав на клиентов', { httpStatus });
  }
}
