import * as z from 'zod';

import type { UploadedFile } from './body.ts';
import type { Entity } from './telegram-html.ts';

const FILE_PREFIX = { photo: 'AgACAg', document: 'BQACAg', voice: 'AwACAg' } as const;

export const BotPatch = z.strictObject({
  token: z.string().regex(/^\d+:[\w-]+$/, 'like 700000001:secret'),
  username: z.string().optional(),
  first_name: z.string().optional(),
});

export const ChatPatch = z.strictObject({
  id: z.int(),
  type: z.enum(['private', 'group', 'supergroup', 'channel']).optional(),
  title: z.string().optional(),
  username: z.string().optional(),
  /** `blocked` and `not_started` are for private chats, `kicked` for the others. */
  state: z.enum(['member', 'kicked', 'blocked', 'not_started']).optional(),
  /** Says 400 with this id from now on; the new supergroup is made when it is not there. */
  migrate_to_chat_id: z.int().nullable().optional(),
});

export type Bot = {
  id: number;
  token: string;
  username: string;
  first_name: string;
  webhook: Webhook;
  commands: { command: string; description: string }[];
};
type Webhook = {
  url: string;
  secret_token: string;
  max_connections: number;
  allowed_updates: string[] | undefined;
};

type Version = {
  text: string;
  reply_markup: InlineKeyboard | null;
  at: string;
  sequence: number;
};

/** A file that lies with Telegram: sent by a bot, or by a person. */
export type StoredFile = {
  file_id: string;
  file_unique_id: string;
  file_path: string;
  name: string;
  type: string;
  bytes: Buffer;
};
export type Media = { kind: 'photo' | 'document' | 'voice'; file: StoredFile };

/** What a person wrote to a bot. */
export type Said = {
  message_id: number;
  bot: number;
  from: number;
  text: string;
  media: Media | null;
  reply_to: number | null;
  at: string;
  edited_at: string | null;
};

export type Message = {
  message_id: number;
  bot: number;
  /** As it stands now: after entity parsing, the way a person reads it. */
  text: string;
  html: string;
  /** As the bot wrote it, tags included. */
  source: string;
  parse_mode: string | null;
  entities: Entity[];
  reply_markup: InlineKeyboard | null;
  message_thread_id: number | null;
  media: Media | null;
  reply_to: number | null;
  silent: boolean;
  sent_at: string;
  edited_at: string | null;
  edits: number;
  deleted: boolean;
  history: Version[];
};

export type Button = { text: string; [field: string]: unknown };
export type InlineKeyboard = { inline_keyboard: Button[][] };

export type Chat = {
  id: number;
  type: 'private' | 'group' | 'supergroup' | 'channel';
  title: string;
  username?: string | undefined;
  state: 'member' | 'kicked' | 'blocked' | 'not_started';
  migrate_to_chat_id: number | null;
  messages: Message[];
  said: Said[];
  nextMessageId: number;
};

export type TelegramState = ReturnType<typeof createTelegramState>;

export function createTelegramState() {
  const bots = new Map<string, Bot>();
  const chats = new Map<number, Chat>();
  /** Pressed buttons by query id; `answered` is what the bot showed to who pressed. */
  const callbacks = new Map<string, { at: number; bot: number; answered: string | null }>();
  const files = new Map<string, StoredFile>();
  let nextUpdateId = 900_000_001;

  const state = {
    bots,
    chats,
    callbacks,
    files,
    takeUpdateId: () => nextUpdateId++,

    addBot({ token, username, first_name }: z.output<typeof BotPatch>): Bot {
      const id = Number(token.split(':')[0]);
      const bot: Bot = bots.get(token) ?? {
        id,
        token,
        username: `bot_${id}`,
        first_name: `Bot ${id}`,
        webhook: { url: '', secret_token: '', max_connections: 40, allowed_updates: undefined },
        commands: [],
      };
      bot.username = username ?? bot.username;
      bot.first_name = first_name ?? bot.first_name;
      bots.set(token, bot);
      return bot;
    },

    patchChat({ id, ...patch }: z.output<typeof ChatPatch>): Chat {
      const chat: Chat = chats.get(id) ?? {
        id,
        type: id > 0 ? 'private' : 'supergroup',
        title: `Чат ${id}`,
        state: 'member',
        migrate_to_chat_id: null,
        messages: [],
        said: [],
        nextMessageId: 101,
      };
      Object.assign(
        chat,
        Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== undefined)),
      );
      chats.set(id, chat);
      const target = chat.migrate_to_chat_id;
      if (target !== null && !chats.has(target)) {
        state.patchChat({ id: target, type: 'supergroup', title: chat.title });
      }
      return chat;
    },

    /** Telegram takes numbers, numbers as text, and @names of public chats. */
    findChat(chatId: string): Chat | undefined {
      if (/^-?\d+$/.test(chatId)) return chats.get(Number(chatId));
      const name = /^@(\w+)$/.exec(chatId)?.[1];
      return name === undefined
        ? undefined
        : [...chats.values()].find(({ username }) => username === name);
    },

    /** Keeps a file; ids are as long and as opaque as the real ones. */
    addFile(kind: Media['kind'], { name, type, bytes }: UploadedFile): StoredFile {
      const number = files.size;
      const extension = /\.[A-Za-z0-9]{1,5}$/.exec(name)?.[0] ?? '';
      const file = {
        file_id: `${FILE_PREFIX[kind]}${String(number).padStart(30, 'x')}`,
        file_unique_id: `AQAD${String(number).padStart(8, 'x')}`,
        file_path: `${kind}s/file_${number}${extension}`,
        name,
        type,
        bytes,
      };
      files.set(file.file_id, file);
      return file;
    },

    reset() {
      callbacks.clear();
      files.clear();
      for (const chat of chats.values()) {
        chat.messages = [];
        chat.said = [];
      }
    },
  };

  state.addBot({
    token: '700000001:demo-telegram-token-0367',
    username: 'trunkline_demo_bot',
    first_name: 'Trunkline',
  });
  state.addBot({
    token: '700000002:demo-managers-bot-token',
    username: 'trunkline_managers_bot',
    first_name: 'Trunkline: чаты',
  });
  state.patchChat({ id: 700_401, type: 'private', title: 'Мария' });
  state.patchChat({ id: 700_402, type: 'private', title: 'Иван' });
  state.patchChat({ id: 700_403, type: 'private', title: 'Олег' });
  state.patchChat({ id: -1_000_000_000_367, type: 'supergroup', title: 'june: звонки' });
  state.patchChat({ id: 700_367, type: 'private', title: 'Оператор' });
  return state;
}
