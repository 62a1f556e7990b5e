import type { Pool, Transaction } from '../db.ts';
import { AppError } from '../errors.ts';
import { report } from '../lambda/report.ts';
import type { Queue } from '../queue.ts';
import { toChatCopy } from '../telegram/messages.ts';
import { findOpenChat } from './chats.sql.ts';
import {
  findByClientId,
  findByTelegram,
  insertMessage,
  type NewMessage,
  oweCopies,
  type StoredMessage,
} from './messages.sql.ts';
import type { ChatPush } from './push.ts';
import { toAiQuestion } from './queue-messages.ts';
import { lockSession, type Session, setSessionState } from './sessions.sql.ts';
import type { TellCrms } from './tell-crms.ts';

type Dependencies = {
  db: Pool;
  push: ChatPush;
  ai: Pick<Queue, 'send'>;
  telegram: Pick<Queue, 'sendAll'>;
  tellCrms: TellCrms;
};
type Saying = Omit<NewMessage, 'chatId'> & {
  /** Looked at under the session's lock; throws when this may not be said now. */
  check?: (tx: Transaction, session: Session) => Promise<void>;
};
type Said = { message: StoredMessage; isNew: boolean };

export type Say = ReturnType<typeof createSay>;

/**
 * Says something in a session, whoever says it: stored once, then shown to the visitor, given to the AI when it is the
 * AI's turn, owed to every manager of the chat but the author. A repeat (the same client_id, the same Telegram message)
 * is the message that is there already.
 * @throws AppError 403 there is no such session
 */
export function createSay({ db, push, ai, telegram, tellCrms }: Dependencies) {
  return async function say({ check, ...said }: Saying): Promise<Said> {
    const { sessionId, sender } = said;
    const done = await db.begin(async (tx) => {
      const session = await lockSession(tx, sessionId);
      if (!session) throw new AppError('forbidden', 'Доступ запрещен');
      await check?.(tx, session);
      const isLive = session.state === 'waiting' || session.state === 'active';
      const chat = isLive ? await findOpenChat(tx, sessionId) : undefined;
      const message = await insertMessage(tx, { ...said, chatId: chat?.id ?? null });
      if (!message) return { message: await findRepeated(tx, said), isNew: false } as const;
      const goesOn = sender === 'user' && !isLive && session.state !== 'ai';
      if (goesOn) await setSessionState(tx, sessionId, 'ai');
      const isHeard = chat?.state === 'active' && (sender === 'user' || sender === 'manager');
      const managers = isHeard
        ? await oweCopies(tx, {
            messageId: message.id,
            chatId: chat.id,
            but: said.managerId ?? null,
          })
        : [];
      const isTold = chat && (sender === 'user' || sender === 'manager');
      const owed = isTold ? await tellCrms.owe(tx, chat.id, 'chat_message', message.id) : [];
      return {
        message,
        isNew: true,
        goesOn,
        isForAi: sender === 'user' && !isLive,
        managers,
        owed,
      } as const;
    });
    if (!done.isNew) return done;
    const { message, goesOn, isForAi, managers, owed } = done;
    await Promise.all(
      [
        telegram.sendAll(managers.map((managerId) => toChatCopy(message.id, managerId))),
        isForAi && ai.send(toAiQuestion(sessionId, message.id)),
        push.messages(sessionId),
        goesOn && push.state(sessionId),
        push.liveMessage(message),
        tellCrms.send(owed),
      ].map(follow),
    );
    return { message, isNew: true };
  };
}

/** The message is stored: what has to follow and did not is found by the timers, and an error now would have it said twice. */
async function follow(step: Promise<unknown> | false): Promise<void> {
  try {
    await step;
  } catch (error) {
    await report('a chat message was stored but not passed on', error);
  }
}

async function findRepeated(
  tx: Transaction,
  { sessionId, clientId, telegramChat, telegramMessage }: Saying,
): Promise<StoredMessage> {
  const message = clientId
    ? await findByClientId(tx, sessionId, clientId)
    : await findByTelegram(tx, telegramChat ?? '', telegramMessage ?? '');
  if (!message) throw new AppError('conflict', 'This message belongs to another chat');
  return message;
}
