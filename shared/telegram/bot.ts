import { Api, isTransientError, TelegramApiError } from 'node-telegram-bot-api';

/** What Telegram made of a request. */
export type BotOutcome =
  | { kind: 'done'; messageId: number }
  /** The text stands there already. */
  | { kind: 'unchanged' }
  /** Somebody deleted the message. */
  | { kind: 'gone' }
  | { kind: 'too_fast'; seconds: number }
  | { kind: 'moved'; chatId: string }
  /** Bot kicked, token wrong, chat unknown: nothing works until a person acts. */
  | { kind: 'refused'; problem: string }
  /** This one message is wrong, whatever the chat: a fault of ours. */
  | { kind: 'invalid'; problem: string }
  /** Network, time-out, 5xx: later. */
  | { kind: 'down'; problem: string };

/** Text in Telegram's HTML, and the buttons below it. */
export type BotText = { text: string; buttons?: { text: string; callbackData: string }[] };

const TIMEOUT_MS = 8_000;

/** A bot that never sleeps or retries by itself: waiting is the queue's work. */
export function createBot(token: string, apiRoot: string) {
  const api = new Api(token, { apiRoot, timeoutMs: TIMEOUT_MS, maxRetries: 0 });

  return {
    send: (chatId: string, message: BotText) =>
      outcomeOf(async () => {
        const { message_id } = await api.sendMessage({ chat_id: chatId, ...toWire(message) });
        return message_id;
      }),
    edit: (chatId: string, messageId: number, message: BotText) =>
      outcomeOf(async () => {
        await api.editMessageText({ chat_id: chatId, message_id: messageId, ...toWire(message) });
        return messageId;
      }),
    /** Where Telegram brings pressed buttons, and what it shows there of itself. */
    setWebhook: (url: string, secret: string) =>
      outcomeOf(async () => {
        await api.setWebhook({ url, secret_token: secret, allowed_updates: ['callback_query'] });
        return 0;
      }),
    /** Ends the spinning of a pressed button. Too late or not, nothing depends on it. */
    answer: (callbackQueryId: string, text: string) =>
      outcomeOf(async () => {
        await api.answerCallbackQuery({ callback_query_id: callbackQueryId, text });
        return 0;
      }),
    delete: (chatId: string, messageId: number) =>
      outcomeOf(async () => {
        await api.deleteMessage({ chat_id: chatId, message_id: messageId });
        return messageId;
      }),
    /** Whether the bot may write to the chat; shows people "typing…" for a moment. */
    check: (chatId: string) =>
      outcomeOf(async () => {
        await api.sendChatAction({ chat_id: chatId, action: 'typing' });
        return 0;
      }),
  };
}
export type TelegramBot = ReturnType<typeof createBot>;

function toWire({ text, buttons = [] }: BotText) {
  const row = buttons.map((button) => ({ text: button.text, callback_data: button.callbackData }));
  return {
    text,
    parse_mode: 'HTML' as const,
    link_preview_options: { is_disabled: true },
    // An edit without a keyboard takes the old one away.
    ...(row.length > 0 && { reply_markup: { inline_keyboard: [row] } }),
  };
}

async function outcomeOf(request: () => Promise<number>): Promise<BotOutcome> {
  try {
    return { kind: 'done', messageId: await request() };
  } catch (error) {
    return classify(error);
  }
}

/** Texts are those of Telegram's own server code (tdlib/telegram-bot-api, Client.cpp). */
function classify(error: unknown): BotOutcome {
  if (!(error instanceof TelegramApiError)) {
    if (isTransientError(error)) return { kind: 'down', problem: 'Telegram не отвечает' };
    return { kind: 'down', problem: 'Telegram ответил в неизвестном виде' };
  }
  const { errorCode, description, parameters } = error;
  if (errorCode === 429) return { kind: 'too_fast', seconds: parameters?.retry_after ?? 5 };
  if (parameters?.migrate_to_chat_id)
    return { kind: 'moved', chatId: String(parameters.migrate_to_chat_id) };
  if (/message is not modified/i.test(description)) return { kind: 'unchanged' };
  if (/message (to edit|to delete) not found|message can't be edited/i.test(description))
    return { kind: 'gone' };
  if (errorCode >= 500) return { kind: 'down', problem: description };
  if (errorCode === 400 && !/chat not found|rights|write forbidden/i.test(description))
    return { kind: 'invalid', problem: description };
  return { kind: 'refused', problem: description };
}
