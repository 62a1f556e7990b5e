import { v5 as uuidOf } from 'uuid';

import { findByTelegram } from '../chat/messages.sql.ts';
import type { ChatPush } from '../chat/push.ts';
import type { Say } from '../chat/say.ts';
import type { Pool } from '../db.ts';
import { AppError, ComeBackLater } from '../errors.ts';
import { report } from '../lambda/report.ts';
import type { TelegramBot } from '../telegram/bot.ts';
import type { Visit } from './bot.ts';
import * as chats from './chats.sql.ts';
import * as copies from './copies.sql.ts';
import { insertManagersFile } from './files.sql.ts';
import type { StoreFile } from './files.ts';
import { toCopyAgain, toMark } from './messages.ts';
import * as people from './people.sql.ts';
import type { Turns } from './turns.ts';
import type { BotMessage } from './update.schema.ts';
import { WORDS } from './words.ts';

type Dependencies = {
  db: Pool;
  say: Say;
  push: ChatPush;
  bot: Pick<TelegramBot, 'receiveFile'>;
  storeFile: StoreFile;
  turns: Turns;
};
type Given = { id: string; name: string; contentType: string; size: number | undefined };

/** Telegram gives bots no more. */
const LARGEST_FILE = 20 * 1024 * 1024;
/** The same message is the same attachment, however often it is worked in. */
const ATTACHMENTS = '5f1f8a0e-3a64-4c0f-9d3b-6d4a1c1f0b7e';
const RETRY_SECONDS = 5;

export type Relay = ReturnType<typeof createRelay>;

/** What managers write on its way to the visitor. */
export function createRelay({ db, say, push, bot, storeFile, turns }: Dependencies) {
  return {
    /** Into the chat that the message replies to, else into the one of the reply mode. */
    async toVisitor(message: BotMessage, { manager, tell }: Visit): Promise<void> {
      const text = (message.text ?? message.caption ?? '').trim();
      const given = fileOf(message);
      if (text === '' && !given) return tell(WORDS.badKind);
      const chatId = await addressOf(message, manager.id);
      if (chatId === undefined) return tell(WORDS.chooseChat);
      const chat = await chats.findHeldChat(db, chatId, manager.id);
      if (!chat || chat.role === null) return tell(WORDS.notYourChat);
      if (chat.state !== 'active') return tell(WORDS.chatClosed);
      if (given && (given.size ?? 0) > LARGEST_FILE) return tell(WORDS.tooLarge);
      const attachmentId = given && (await keep(given, message, chat.sessionId));
      if (attachmentId === 'refused') return tell(WORDS.noFile);
      try {
        const { message: said } = await say({
          sessionId: chat.sessionId,
          sender: 'manager',
          text,
          attachmentId: attachmentId ?? null,
          managerId: manager.id,
          managerName: manager.name,
          telegramChat: String(message.chat.id),
          telegramMessage: String(message.message_id),
          async check(tx) {
            const now = await chats.findHeldChat(tx, chatId, manager.id);
            if (now?.state !== 'active' || now.role === null)
              throw new AppError('conflict', WORDS.chatClosed);
          },
        });
        await copies.oweMark(db, said.id);
        await turns.send([toMark(said.id, manager.id, 'said')]);
      } catch (error) {
        if (error instanceof AppError && error.code === 'conflict') return tell(error.message);
        throw error;
      }
    },

    /** An edited message is edited everywhere. */
    async edit(message: BotMessage): Promise<void> {
      const text = (message.text ?? message.caption ?? '').trim();
      const telegramChat = String(message.chat.id);
      const edit = { telegramChat, telegramMessage: message.message_id, text };
      await copies.editMessage(db, edit);
      // Worked in twice it is there already, and who shows it may not know yet.
      const said = await findByTelegram(db, telegramChat, String(message.message_id));
      if (!said?.editedAt || said.text !== text) return;
      const { id, sessionId, editedAt } = said;
      const edited_at = editedAt.toISOString();
      const holders = await copies.listCopyHolders(db, id);
      await Promise.all([
        push
          .frame(sessionId, { type: 'message_edited', id, text, edited_at })
          .catch((error: unknown) => report('an edit was stored but not shown', error)),
        turns.send(holders.map((managerId) => toCopyAgain(id, managerId, edited_at))),
      ]);
    },
  };

  async function addressOf(message: BotMessage, managerId: string): Promise<string | undefined> {
    const repliedTo = message.reply_to_message?.message_id;
    if (repliedTo !== undefined) {
      const chatId = await chats.findChatOfTelegram(db, managerId, repliedTo);
      if (chatId !== undefined) return chatId;
    }
    return (await people.loadState(db, managerId)).chatId ?? undefined;
  }

  /** From Telegram into the storage. @throws ComeBackLater when Telegram does not give it now */
  async function keep(given: Given, { chat, message_id }: BotMessage, sessionId: string) {
    const received = await bot.receiveFile(given.id);
    if (received.kind === 'too_fast')
      throw new ComeBackLater(received.seconds, 'Telegram asks to wait');
    if (received.kind === 'down') throw new ComeBackLater(RETRY_SECONDS, received.problem);
    if (received.kind !== 'file') return 'refused';
    const { bytes } = received;
    const { name: fileName, contentType } = given;
    const id = uuidOf(`${chat.id}:${message_id}`, ATTACHMENTS);
    const objectKey = `chat/${sessionId}/${id}`;
    await storeFile(objectKey, { bytes, contentType });
    const file = { id, sessionId, objectKey, fileName, contentType, size: bytes.length };
    await insertManagersFile(db, file);
    return id;
  }
}

/** The file of a message: of a photo the largest size. */
function fileOf({ photo, document, voice, audio, video }: BotMessage): Given | undefined {
  const largest = photo?.toSorted((a, b) => (a.file_size ?? 0) - (b.file_size ?? 0)).at(-1);
  if (largest)
    return {
      id: largest.file_id,
      name: 'photo.jpg',
      contentType: 'image/jpeg',
      size: largest.file_size,
    };
  if (voice)
    return {
      id: voice.file_id,
      name: 'voice.ogg',
      contentType: 'audio/ogg',
      size: voice.file_size,
    };
  const file = document ?? audio ?? video;
  if (!file) return undefined;
  const contentType = /^[\w.+-]+\/[\w.+-]+$/.test(file.mime_type ?? '')
    ? (file.mime_type ?? '')
    : '';
  return {
    id: file.file_id,
    name: (file.file_name ?? 'file').slice(0, 200),
    contentType: contentType || 'application/octet-stream',
    size: file.file_size,
  };
}
