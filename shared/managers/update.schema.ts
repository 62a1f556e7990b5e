import * as z from 'zod';

const Person = z.object({
  id: z.int(),
  first_name: z.string().default(''),
  last_name: z.string().optional(),
});

/** A file as Telegram names it: to be asked for by its id. */
const File = z.object({
  file_id: z.string(),
  file_size: z.int().optional(),
  file_name: z.string().optional(),
  mime_type: z.string().optional(),
});

const Message = z.object({
  message_id: z.int(),
  from: Person.optional(),
  chat: z.object({ id: z.int(), type: z.string() }),
  text: z.string().optional(),
  caption: z.string().optional(),
  reply_to_message: z.object({ message_id: z.int() }).optional(),
  photo: File.array().optional(),
  document: File.optional(),
  voice: File.optional(),
  audio: File.optional(),
  video: File.optional(),
});
export type BotMessage = z.output<typeof Message>;

const CallbackQuery = z.object({
  id: z.string(),
  from: Person,
  message: z
    .object({ message_id: z.int(), chat: z.object({ id: z.int(), type: z.string() }) })
    .optional(),
  data: z.string().optional(),
});
export type CallbackQuery = z.output<typeof CallbackQuery>;

/** What we read of an update; Telegram sends much more. */
export const BotUpdate = z.object({
  update_id: z.int(),
  message: Message.optional(),
  edited_message: Message.optional(),
  callback_query: CallbackQuery.optional(),
  my_chat_member: z
    .object({
      chat: z.object({ id: z.int(), type: z.string() }),
      new_chat_member: z.object({ status: z.string() }),
    })
    .optional(),
});
export type BotUpdate = z.output<typeof BotUpdate>;

/** What the webhook asks Telegram for. */
export const ALLOWED_UPDATES = [
  'message',
  'edited_message',
  'callback_query',
  'my_chat_member',
] as const;

/** The private chat an update is about: its updates are worked in one after the other. */
export function chatOf(update: BotUpdate): string {
  const chat =
    update.message?.chat.id ??
    update.edited_message?.chat.id ??
    update.callback_query?.from.id ??
    update.my_chat_member?.chat.id;
  return String(chat ?? 'other');
}
