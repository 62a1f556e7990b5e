import { Api, InputFile, isTransientError, TelegramApiError } from 'node-telegram-bot-api';

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

type Button = { text: string; callbackData: string };

/** Text in Telegram's HTML, and the buttons below it: one row, or several. */
export type BotText = {
  text: string;
  buttons?: Button[];
  rows?: Button[][];
  /** The message of this chat that it answers, as long as that is there. */
  replyTo?: number;
  silent?: boolean;
};

export type SentFile = { bytes: Uint8Array; name: string; contentType: string };
/** A file that somebody sent, or why there is none. */
export type ReceivedFile =
  | { kind: 'file'; bytes: Uint8Array }
  | Exclude<BotOutcome, { kind: 'done' }>;

export type BotSetUp = {
  commands: { command: string; description: string }[];
  webhook: { url: string; secret: string; allowedUpdates: readonly string[] };
};

const TIMEOUT_MS = 8_000;
const FILE_TIMEOUT_MS = 15_000;
/** As a photo a picture is shown at once; larger than this it goes as a document. */
const LARGEST_PHOTO = 5 * 1024 * 1024;
const PHOTOS: ReadonlySet<string> = new Set(['image/jpeg', 'image/png', 'image/webp']);

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
    /** Pictures as pictures, sounds that Telegram records as voice, all else as documents. */
    sendFile: (chatId: string, file: SentFile, caption: BotText) =>
      outcomeOf(async () => {
        const { text, ...rest } = toWire(caption);
        const { link_preview_options: _, ...common } = { chat_id: chatId, caption: text, ...rest };
        const { contentType, bytes, name } = file;
        const input = new InputFile(bytes, { filename: name, contentType });
        if (PHOTOS.has(contentType) && bytes.length <= LARGEST_PHOTO)
          return (await api.sendPhoto({ ...common, photo: input })).message_id;
        if (contentType === 'audio/ogg')
          return (await api.sendVoice({ ...common, voice: input })).message_id;
        return (await api.sendDocument({ ...common, document: input })).message_id;
      }),
    editCaption: (chatId: string, messageId: number, { text }: BotText) =>
      outcomeOf(async () => {
        await api.editMessageCaption({
          chat_id: chatId,
          message_id: messageId,
          caption: text,
          parse_mode: 'HTML',
        });
        return messageId;
      }),
    /** What somebody sent, by the id of the file; Telegram gives bots 20 MB at most. */
    async receiveFile(fileId: string): Promise<ReceivedFile> {
      try {
        const { file_path: path } = await api.getFile({ file_id: fileId });
        if (!path) return { kind: 'gone' };
        // The address holds the token: it is neither logged nor shown.
        const response = await fetch(`${apiRoot}/file/bot${token}/${path}`, {
          signal: AbortSignal.timeout(FILE_TIMEOUT_MS),
        });
        if (!response.ok)
          return { kind: 'down', problem: `Telegram не отдал файл (${response.status})` };
        return { kind: 'file', bytes: new Uint8Array(await response.arrayBuffer()) };
      } catch (error) {
        if (error instanceof TypeError || (error instanceof Error && error.name === 'TimeoutError'))
          return { kind: 'down', problem: 'Telegram не отдал файл' };
        const outcome = classify(error);
        return outcome.kind === 'done' ? { kind: 'gone' } : outcome;
      }
    },
    /** The commands that Telegram offers by itself, and where updates go. */
    async setUp({ commands, webhook }: BotSetUp): Promise<void> {
      await api.setMyCommands({ commands, scope: { type: 'all_private_chats' } });
      await api.setWebhook({
        url: webhook.url,
        secret_token: webhook.secret,
        allowed_updates: [...webhook.allowedUpdates],
        max_connections: 40,
      });
    },
    webhookInfo: () => api.getWebhookInfo(),
    /** Whether the bot may write to the chat; shows people "typing…" for a moment. */
    check: (chatId: string) =>
      outcomeOf(async () => {
        await api.sendChatAction({ chat_id: chatId, action: 'typing' });
        return 0;
      }),
  };
}
export type TelegramBot = ReturnType<typeof createBot>;

function toWire({ text, buttons = [], rows = [buttons], replyTo, silent }: BotText) {
  const keyboard = rows
    .filter((row) => row.length > 0)
    .map((row) => row.map((button) => ({ text: button.text, callback_data: button.callbackData })));
  return {
    text,
    parse_mode: 'HTML' as const,
    link_preview_options: { is_disabled: true },
    ...(replyTo !== undefined && {
      reply_parameters: { message_id: replyTo, allow_sending_without_reply: true },
    }),
    ...(silent && { disable_notification: true }),
    // An edit without a keyboard takes the old one away.
    ...(keyboard.length > 0 && { reply_markup: { inline_keyboard: keyboard } }),
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
