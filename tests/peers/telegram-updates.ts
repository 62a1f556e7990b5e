import { setTimeout as sleep } from 'node:timers/promises';

import * as z from 'zod';

import { check } from './control.ts';
import { callHub, type Outcome } from './outbound.ts';
import { type Clock, ControlError } from './peer.ts';
import { toChat, toMedia, toMessage } from './telegram-objects.ts';
import type { Bot, Chat, Said, TelegramState } from './telegram-state.ts';

const Person = z.looseObject({ id: z.int(), first_name: z.string().default('Оператор') });
const Press = z.strictObject({
  chat_id: z.int(),
  message_id: z.int(),
  /** Which button: its callback_data. */
  data: z.string(),
  from: Person.optional(),
});
const Upload = z.strictObject({
  kind: z.enum(['photo', 'document', 'voice']),
  name: z.string().default('photo.jpg'),
  type: z.string().default('image/jpeg'),
  base64: z.base64(),
});
const Say = z.strictObject({
  chat_id: z.int(),
  /** Of a file the caption. */
  text: z.string().default(''),
  file: Upload.optional(),
  from: Person.optional(),
  /** Whose webhook hears it; the first bot when there is none. */
  bot: z.int().optional(),
  reply_to_message_id: z.int().optional(),
});
const Edit = z.strictObject({ chat_id: z.int(), message_id: z.int(), text: z.string() });

const REPEAT_AFTER_MS = 1_000;
const MOST_REPEATS = 60;

const isAway = (outcome: Outcome): boolean => 'error' in outcome || outcome.status >= 500;

export type Delivery = {
  update: Record<string, unknown>;
  /** Null when the bot has no webhook, or does not want such updates: the test can post the update itself. */
  delivered: Outcome | null;
};

/** Without a list of their own bots hear of everything but these. */
const ONLY_WHEN_ASKED: ReadonlySet<string> = new Set([
  'chat_member',
  'message_reaction',
  'message_reaction_count',
]);

/** What people do in Telegram: press a button, write a message, send a file, edit what they wrote. */
export function createUpdates({ state, now }: { state: TelegramState; now: Clock }) {
  return {
    async press(body: unknown): Promise<Delivery> {
      const { chat_id, message_id, data, from } = check(Press, body);
      const chat = findChat(chat_id);
      const message = chat.messages.find((each) => each.message_id === message_id && !each.deleted);
      const buttons = message?.reply_markup?.inline_keyboard.flat() ?? [];
      const bot = [...state.bots.values()].find(({ id }) => id === message?.bot);
      if (!message || !bot || !buttons.some((button) => button['callback_data'] === data)) {
        throw new ControlError(404, `message ${message_id} has no button with data "${data}"`);
      }
      const id = String(530_215_718_000 + state.callbacks.size);
      state.callbacks.set(id, { at: now(), bot: bot.id, answered: null });
      const callback_query = {
        id,
        from: { is_bot: false, ...(from ?? personOf(chat)) },
        message: toMessage(message, { bot, chat }),
        chat_instance: String(-chat.id),
        data,
      };
      return deliver(bot, { callback_query });
    },

    async say(body: unknown): Promise<Delivery> {
      const { chat_id, text, file, from, bot: botId, reply_to_message_id } = check(Say, body);
      const chat = findChat(chat_id);
      const bot = [...state.bots.values()].find(({ id }) => botId === undefined || id === botId);
      if (!bot) throw new ControlError(404, `no bot ${botId ?? ''}`);
      const person = from ?? personOf(chat);
      const said: Said = {
        message_id: chat.nextMessageId++,
        bot: bot.id,
        from: person.id,
        text,
        media: file ? { kind: file.kind, file: state.addFile(file.kind, bytesOf(file)) } : null,
        reply_to: reply_to_message_id ?? null,
        at: new Date(now()).toISOString(),
        edited_at: null,
      };
      chat.said.push(said);
      return deliver(bot, { message: toSaid(said, { bot, chat, person }) });
    },

    async edit(body: unknown): Promise<Delivery> {
      const { chat_id, message_id, text } = check(Edit, body);
      const chat = findChat(chat_id);
      const said = chat.said.find((each) => each.message_id === message_id);
      const bot = [...state.bots.values()].find(({ id }) => id === said?.bot);
      if (!said || !bot) throw new ControlError(404, `nobody wrote ${message_id}`);
      said.text = text;
      said.edited_at = new Date(now()).toISOString();
      return deliver(bot, { edited_message: toSaid(said, { bot, chat, person: personOf(chat) }) });
    },
  };

  function toSaid(said: Said, { bot, chat, person }: { bot: Bot; chat: Chat; person: object }) {
    const { message_id, text, media, reply_to, at, edited_at } = said;
    const replied = chat.messages.find((each) => each.message_id === reply_to);
    return {
      message_id,
      from: { is_bot: false, ...person },
      chat: toChat(chat),
      date: Math.floor(Date.parse(at) / 1_000),
      ...(edited_at && { edit_date: Math.floor(Date.parse(edited_at) / 1_000) }),
      ...(media ? { ...toMedia(media), ...(text && { caption: text }) } : { text }),
      ...(replied && { reply_to_message: toMessage(replied, { bot, chat }) }),
      ...(text.startsWith('/') && {
        entities: [{ type: 'bot_command', offset: 0, length: text.split(' ')[0]?.length }],
      }),
    };
  }

  function findChat(id: number): Chat {
    const chat = state.chats.get(id);
    if (!chat) throw new ControlError(404, `no Telegram chat ${id}`);
    return chat;
  }

  async function deliver(bot: Bot, content: Record<string, unknown>): Promise<Delivery> {
    const update = { update_id: state.takeUpdateId(), ...content };
    const { url, secret_token, allowed_updates: allowed = [] } = bot.webhook;
    const [kind = ''] = Object.keys(content);
    const isWanted = allowed.length > 0 ? allowed.includes(kind) : !ONLY_WHEN_ASKED.has(kind);
    if (url === '' || !isWanted) return { update, delivered: null };
    const headers = {
      'content-type': 'application/json',
      ...(secret_token && { 'x-telegram-bot-api-secret-token': secret_token }),
    };
    const body = JSON.stringify(update);
    const delivered = await callHub(url, { method: 'POST', headers, body });
    if (isAway(delivered)) void insist(() => callHub(url, { method: 'POST', headers, body }));
    return { update, delivered };
  }

  /** As the real one does: what the webhook did not take comes again. */
  async function insist(send: () => ReturnType<typeof callHub>): Promise<void> {
    for (let time = 0; time < MOST_REPEATS; time += 1) {
      await sleep(REPEAT_AFTER_MS, undefined, { ref: false });
      if (!isAway(await send())) return;
    }
  }
}

/** In a private chat it is the person himself who writes. */
function personOf(chat: Chat) {
  return chat.type === 'private'
    ? { id: chat.id, first_name: chat.title }
    : { id: 700_367, first_name: 'Оператор' };
}

const bytesOf = ({ name, type, base64 }: z.output<typeof Upload>) => ({
  name,
  type,
  bytes: Buffer.from(base64, 'base64'),
});
