import { v7 as newUuid } from 'uuid';

import type { Pool } from '../db.ts';
import { AppError } from '../errors.ts';
import { log } from '../lambda/log.ts';
import { report } from '../lambda/report.ts';
import type { Queue } from '../queue.ts';
import { toChatClosed, toChatOffer } from '../telegram/messages.ts';
import {
  closeOpenChat,
  findOpenChat,
  findStanding,
  insertChatEvent,
  isAnybodyOnShift,
  upsertLiveChat,
  upsertOfflineChat,
} from './chats.sql.ts';
import { insertMessage } from './messages.sql.ts';
import type { ChatPush } from './push.ts';
import { lockSession, setSessionState, setVisitor } from './sessions.sql.ts';
import type { TellCrms } from './tell-crms.ts';
import { wordsFor } from './words.ts';

type Dependencies = {
  db: Pool;
  push: ChatPush;
  telegram: Pick<Queue, 'send'>;
  tellCrms: TellCrms;
};
type Visitor = { name: string | undefined; phone: string | undefined };

export type HandOver = ReturnType<typeof createHandOver>;

/** The turns of a chat's life that a visitor asks for. All of them happen under the session's lock, and may be repeated. */
export function createHandOver({ db, push, telegram, tellCrms }: Dependencies) {
  return {
    /**
     * Asks for a human: from here on the AI is silent. The chat is offered to managers by whoever works the telegram
     * queue; a chat that is handed over already stays as it is.
     */
    async toManager(sessionId: string, visitor: Visitor) {
      const done = await db.begin(async (tx) => {
        const session = await lockedSession(tx, sessionId);
        await setVisitor(tx, sessionId, visitor);
        if (session.state === 'waiting' || session.state === 'active') {
          const chat = await findOpenChat(tx, sessionId);
          if (chat)
            return { kind: session.state, chatId: chat.id, locale: session.locale } as const;
        }
        if (!(await isAnybodyOnShift(tx))) {
          await setSessionState(tx, sessionId, 'offline');
          return { kind: 'offline', locale: session.locale } as const;
        }
        const chatId = await upsertLiveChat(tx, { id: newUuid(), sessionId });
        await setSessionState(tx, sessionId, 'waiting');
        const text = wordsFor(session.locale).searching;
        await insertMessage(tx, { sessionId, chatId, sender: 'system', text });
        await insertChatEvent(tx, { sessionId, chatId, kind: 'chat.created' });
        const owed = await tellCrms.owe(tx, chatId, 'chat');
        return { kind: 'begun', chatId, locale: session.locale, owed } as const;
      });
      if (done.kind === 'offline') {
        await shown(sessionId);
        return done;
      }
      const { chatId } = done;
      if (done.kind === 'begun') {
        log.info('chat.created', { chatId, sessionId });
        await Promise.all([
          passOn(telegram.send(toChatOffer(chatId))),
          passOn(tellCrms.send(done.owed)),
          shown(sessionId),
        ]);
      }
      const standing = await findStanding(db, sessionId);
      return { ...done, managerName: standing?.managerName ?? null };
    },

    /** Keeps a question for when somebody is on shift. In a chat that is waiting or active it is said there. */
    async leaveRequest(
      sessionId: string,
      { question, ...visitor }: { name: string; phone: string; question: string },
    ) {
      const { chatId, locale, owed } = await db.begin(async (tx) => {
        const session = await lockedSession(tx, sessionId);
        await setVisitor(tx, sessionId, visitor);
        const isLive = session.state === 'waiting' || session.state === 'active';
        const id = await upsertOfflineChat(tx, { id: newUuid(), sessionId, question });
        if (!isLive) await setSessionState(tx, sessionId, 'offline');
        const said = { sessionId, chatId: id };
        const asked = await insertMessage(tx, { ...said, sender: 'user', text: question });
        const text = wordsFor(session.locale).requestLeft;
        await insertMessage(tx, { ...said, sender: 'system', text });
        await insertChatEvent(tx, { ...said, kind: 'chat.offline_request' });
        const steps = [
          await tellCrms.owe(tx, id, 'chat'),
          await tellCrms.owe(tx, id, 'chat_message', asked?.id ?? null),
        ];
        return { chatId: id, locale: session.locale, owed: steps.flat() };
      });
      await Promise.all([
        passOn(telegram.send(toChatOffer(chatId))),
        passOn(tellCrms.send(owed)),
        shown(sessionId),
      ]);
      return { chatId, message: wordsFor(locale).requestLeft };
    },

    /** Ends the chat. Returns false when it was closed already. */
    async close(sessionId: string, by: 'manager' | 'visitor' | 'silence'): Promise<boolean> {
      const closed = await db.begin(async (tx) => {
        const session = await lockedSession(tx, sessionId);
        if (session.state === 'closed') return false;
        const chat = await findOpenChat(tx, sessionId);
        // A question that was left waits for its answer, though the visitor has gone.
        const chatId = chat?.kind === 'live' ? chat.id : null;
        if (chatId !== null) await closeOpenChat(tx, chatId, by);
        await setSessionState(tx, sessionId, 'closed');
        const text = wordsFor(session.locale).closedBy[by];
        await insertMessage(tx, { sessionId, chatId, sender: 'system', text });
        await insertChatEvent(tx, { sessionId, chatId, kind: 'chat.closed', details: { by } });
        const owed = chatId === null ? [] : await tellCrms.owe(tx, chatId, 'chat_closed');
        return { chatId, owed };
      });
      if (!closed) return false;
      const { chatId, owed } = closed;
      if (chatId !== null) log.info('chat.closed', { chatId, sessionId, by });
      await Promise.all([
        chatId !== null && passOn(telegram.send(toChatClosed(chatId))),
        passOn(tellCrms.send(owed)),
        shown(sessionId),
      ]);
      return true;
    },
  };

  async function shown(sessionId: string): Promise<void> {
    await Promise.all([passOn(push.messages(sessionId)), passOn(push.state(sessionId))]);
  }
}

async function lockedSession(...of: Parameters<typeof lockSession>) {
  const session = await lockSession(...of);
  if (!session) throw new AppError('forbidden', 'Доступ запрещен');
  return session;
}

/** The turn is stored; the timers find what was not passed on. */
async function passOn(step: Promise<unknown>): Promise<void> {
  try {
    await step;
  } catch (error) {
    await report('a turn of a chat was stored but not passed on', error);
  }
}
