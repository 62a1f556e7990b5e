import * as z from 'zod';

import { check } from './control.ts';
import { callHub, type Outcome } from './outbound.ts';
import { type Clock, ControlError } from './peer.ts';
import { toChat, toMessage } from './telegram-methods.ts';
import type { Bot, Chat, TelegramState } from './telegram-state.ts';

const Person = z
  .looseObject({ id: z.int(), first_name: z.string().default('Оператор') })
  .default({ id: 700_367, first_name: 'Оператор' });
const Press = z.strictObject({
  chat_id: z.int(),
  message_id: z.int(),
  /** Which button: its callback_data. */
  data: z.string(),
  from: Person,
});
const Say = z.strictObject({
  chat_id: z.int(),
  text: z.string(),
  from: Person,
  /** Whose webhook hears it; the first bot when there is none. */
  bot: z.int().optional(),
  reply_to_message_id: z.int().optional(),
});

export type Delivery = {
  update: Record<string, unknown>;
  /** Null when the bot has no webhook: the test can post the update itself. */
  delivered: Outcome | null;
};

/** What people do in Telegram: press a button, write a message. */
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
        from: { is_bot: false, ...from },
        message: toMessage(message, { bot, chat }),
        chat_instance: String(-chat.id),
        data,
      };
      return deliver(bot, { callback_query });
    },

    async say(body: unknown): Promise<Delivery> {
      const { chat_id, text, from, bot: botId, reply_to_message_id } = check(Say, body);
      const chat = findChat(chat_id);
      const bot = [...state.bots.values()].find(({ id }) => botId === undefined || id === botId);
      if (!bot) throw new ControlError(404, `no bot ${botId ?? ''}`);
      const replied = chat.messages.find((each) => each.message_id === reply_to_message_id);
      const message = {
        message_id: chat.nextMessageId++,
        from: { is_bot: false, ...from },
        chat: toChat(chat),
        date: Math.floor(now() / 1_000),
        text,
        ...(replied && { reply_to_message: toMessage(replied, { bot, chat }) }),
        ...(text.startsWith('/') && {
          entities: [{ type: 'bot_command', offset: 0, length: text.split(' ')[0]?.length }],
        }),
      };
      return deliver(bot, { message });
    },
  };

  function findChat(id: number): Chat {
    const chat = state.chats.get(id);
    if (!chat) throw new ControlError(404, `no Telegram chat ${id}`);
    return chat;
  }

  async function deliver(bot: Bot, content: Record<string, unknown>): Promise<Delivery> {
    const update = { update_id: state.takeUpdateId(), ...content };
    const { url, secret_token } = bot.webhook;
    if (url === '') return { update, delivered: null };
    const headers = {
      'content-type': 'application/json',
      ...(secret_token && { 'x-telegram-bot-api-secret-token': secret_token }),
    };
    const body = JSON.stringify(update);
    return { update, delivered: await callHub(url, { method: 'POST', headers, body }) };
  }
}
