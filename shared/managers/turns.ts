import { randomUUID } from 'node:crypto';

import { insertChatEvent } from '../chat/chats.sql.ts';
import type { HandOver } from '../chat/hand-over.ts';
import { insertMessage } from '../chat/messages.sql.ts';
import type { ChatPush } from '../chat/push.ts';
import { lockSession } from '../chat/sessions.sql.ts';
import type { TellCrms } from '../chat/tell-crms.ts';
import { wordsFor } from '../chat/words.ts';
import type { Pool, Transaction } from '../db.ts';
import type { QueuedDelivery } from '../deliveries/messages.ts';
import { log } from '../lambda/log.ts';
import { report } from '../lambda/report.ts';
import type { Queue, QueueMessage } from '../queue.ts';
import { escapeHtml } from '../telegram/render.ts';
import * as cards from './cards.sql.ts';
import * as chats from './chats.sql.ts';
import { toCard, toCopyAgain, toNotice, toOfferAgain } from './messages.ts';
import { type NewNotice, oweNotice } from './notices.sql.ts';
import * as people from './people.sql.ts';
import { renderHistory } from './render.ts';

type Dependencies = {
  db: Pool;
  push: ChatPush;
  handOver: HandOver;
  telegram: Pick<Queue, 'sendAll'>;
  tellCrms: TellCrms;
};
type Member = Pick<people.Manager, 'id' | 'name'>;

const HISTORY = 20;

export type Turns = ReturnType<typeof createTurns>;

/**
 * The turns of a chat's life on the managers' side, whoever asks for them: a button, the admin, the timers. Each
 * happens once under the session's lock; what has to follow is owed on rows, and found by the timers when it is lost.
 */
export function createTurns({ db, push, handOver, telegram, tellCrms }: Dependencies) {
  return {
    /** Takes a chat that waits. The first wins. */
    async accept(chatId: string, manager: Member): Promise<'accepted' | 'yours' | 'taken'> {
      let owed: QueuedDelivery[] = [];
      const turn = await underLock(chatId, manager.id, async (tx, chat, locale) => {
        if (!(await chats.takeChat(tx, chatId, manager.id))) return false;
        const { sessionId } = chat;
        await cards.renewCard(tx, chatId, manager.id, true);
        const text = wordsFor(locale).joined(manager.name);
        await insertMessage(tx, { sessionId, chatId, sender: 'system', text });
        await insertChatEvent(tx, {
          sessionId,
          chatId,
          managerId: manager.id,
          kind: 'chat.accepted',
        });
        owed = await tellCrms.owe(tx, chatId, 'chat_accepted');
        return true;
      });
      if (turn === undefined) return 'taken';
      if (!turn.done) return turn.chat.role === null ? 'taken' : 'yours';
      log.info('chat.accepted', { chatId, sessionId: turn.chat.sessionId, managerId: manager.id });
      const copies = await chats.listOwedCopies(db, chatId, manager.id);
      await send(copies.map((messageId) => toCopyAgain(messageId, manager.id, 'accepted')));
      await followUp(turn.chat, owed);
      return 'accepted';
    },

    /** Another one joins: both see everything, both may answer. */
    async invite(chatId: string, by: Member, guest: Member): Promise<boolean> {
      const turn = await underLock(chatId, by.id, async (tx, chat, locale) => {
        const members = await chats.listMembers(tx, chatId);
        if (chat.state !== 'active' || chat.role !== 'owner') return false;
        if (members.some(({ id }) => id === guest.id)) return false;
        const { sessionId } = chat;
        await chats.joinChat(tx, { chatId, managerId: guest.id, role: 'guest' });
        await cards.renewCard(tx, chatId, guest.id);
        const text = wordsFor(locale).joined(guest.name);
        await insertMessage(tx, { sessionId, chatId, sender: 'system', text });
        const event = { sessionId, chatId, managerId: guest.id, kind: 'chat.invited' };
        await insertChatEvent(tx, { ...event, details: { by: by.id } });
        return true;
      });
      if (!turn?.done) return false;
      await followUp(turn.chat);
      await tellHistory(turn.chat, guest.id, `➕ ${by.name} приглашает вас в чат`);
      return true;
    },

    /** The chat is another one's from now on, with all that was said. */
    async passTo(chatId: string, from: string | null, to: Member, why: string): Promise<boolean> {
      let owed: QueuedDelivery[] = [];
      const turn = await underLock(chatId, to.id, async (tx, chat, locale) => {
        const members = await chats.listMembers(tx, chatId);
        const owner = members.find(({ role }) => role === 'owner')?.id ?? null;
        if (chat.state === 'closed' || owner === to.id) return false;
        if (from !== null && owner !== from) return false;
        const { sessionId } = chat;
        if (chat.state === 'waiting') {
          if (!(await chats.takeChat(tx, chatId, to.id))) return false;
          owed = await tellCrms.owe(tx, chatId, 'chat_accepted');
        } else {
          if (owner !== null) await chats.leaveChat(tx, chatId, owner);
          await chats.joinChat(tx, { chatId, managerId: to.id, role: 'owner' });
        }
        await cards.renewCard(tx, chatId, to.id);
        const text = wordsFor(locale).joined(to.name);
        await insertMessage(tx, { sessionId, chatId, sender: 'system', text });
        const event = { sessionId, chatId, managerId: to.id, kind: 'chat.passed' };
        await insertChatEvent(tx, { ...event, details: { from: owner, to: to.id } });
        return true;
      });
      if (!turn?.done) return false;
      await followUp(turn.chat, owed);
      await tellHistory(turn.chat, to.id, why);
      return true;
    },

    /** A guest goes. */
    async leave(chatId: string, managerId: string): Promise<boolean> {
      const turn = await underLock(chatId, managerId, async (tx, { role, sessionId }) => {
        if (role !== 'guest') return false;
        await chats.leaveChat(tx, chatId, managerId);
        await insertChatEvent(tx, { sessionId, chatId, managerId, kind: 'chat.left' });
        return true;
      });
      if (turn?.done) await followUp(turn.chat);
      return turn?.done ?? false;
    },

    /** Only the owner closes; without a manager it is the admin who does. */
    async close(chatId: string, managerId: string | null): Promise<boolean> {
      const chat = await chats.findHeldChat(db, chatId, managerId ?? '0');
      if (!chat || chat.state === 'closed') return false;
      if (managerId !== null && chat.role !== 'owner') return false;
      return handOver.close(chat.sessionId, 'manager');
    },

    /** Everything that is his goes to colleagues on shift, or waits again. Returns how many chats. */
    async passAllOf(manager: Member): Promise<number> {
      const held = await chats.listHeldChats(db, manager.id);
      for (const { chatId, role, number } of held) {
        if (role === 'guest') {
          await this.leave(chatId, manager.id);
          continue;
        }
        const successor = await chats.findSuccessor(db, chatId, manager.id);
        const to = successor && (await people.findManager(db, successor));
        const why = `🔁 Вам передан чат №${number} от менеджера ${manager.name}`;
        if (!to || !(await this.passTo(chatId, manager.id, to, why)))
          await putBack(chatId, manager);
      }
      return held.filter(({ role }) => role === 'owner').length;
    },

    /** Somebody is on shift now: what waits for anybody is offered to him. */
    async offerWaiting(managerId: string): Promise<void> {
      const offered = await cards.offerWaitingTo(db, managerId);
      await send(offered.map((chatId) => toCard(chatId, managerId, randomUUID())));
    },

    /** Owes a text to somebody and sends it on its way. */
    tell,
    send,
    /** Every card of a chat follows what has changed. */
    refreshCards,
  };

  async function putBack(chatId: string, manager: Member): Promise<void> {
    const turn = await underLock(chatId, manager.id, async (tx, { sessionId, state }, locale) => {
      if (state !== 'active') return false;
      await chats.leaveChat(tx, chatId, manager.id);
      await chats.putBackChat(tx, chatId);
      const text = wordsFor(locale).searching;
      await insertMessage(tx, { sessionId, chatId, sender: 'system', text });
      const event = { sessionId, chatId, managerId: manager.id, kind: 'chat.put_back' };
      await insertChatEvent(tx, event);
      return true;
    });
    if (!turn?.done) return;
    await followUp(turn.chat);
    await send([toOfferAgain(chatId, randomUUID())]);
  }

  /** Runs a turn with the chat as it is under its session's lock; undefined when there is no such chat. */
  async function underLock(
    chatId: string,
    managerId: string,
    run: (tx: Transaction, chat: chats.HeldChat, locale: 'ru' | 'en') => Promise<boolean>,
  ) {
    const found = await chats.findHeldChat(db, chatId, managerId);
    if (!found) return undefined;
    return db.begin(async (tx) => {
      const session = await lockSession(tx, found.sessionId);
      const chat = await chats.findHeldChat(tx, chatId, managerId);
      if (!session || !chat) return undefined;
      return { done: await run(tx, chat, session.locale), chat };
    });
  }

  async function followUp(
    { chatId, sessionId }: chats.HeldChat,
    owed: QueuedDelivery[] = [],
  ): Promise<void> {
    await Promise.all([
      refreshCards(chatId),
      tellCrms.send(owed).catch(notPassedOn),
      push.messages(sessionId).catch(notPassedOn),
      push.state(sessionId).catch(notPassedOn),
    ]);
  }

  async function refreshCards(chatId: string): Promise<void> {
    const managerIds = await cards.setCardsBehind(db, chatId);
    const round = randomUUID();
    await send(managerIds.map((managerId) => toCard(chatId, managerId, round)));
  }

  async function tellHistory(chat: chats.HeldChat, managerId: string, why: string): Promise<void> {
    const history = await chats.listHistory(db, chat.sessionId, HISTORY);
    const text = `<b>${escapeHtml(why)}</b>\n${renderHistory(history)}`;
    const source = `history:${chat.chatId}:${managerId}:${randomUUID()}`;
    await tell({ source, telegramId: managerId, text, chatId: chat.chatId });
  }

  async function tell(notice: NewNotice): Promise<void> {
    const id = await oweNotice(db, notice);
    if (id !== undefined) await send([toNotice(id, notice.telegramId)]);
  }

  /** What the queue does not take is found by the timers. */
  async function send(messages: QueueMessage[]): Promise<void> {
    if (messages.length > 0) await telegram.sendAll(messages);
  }
}

const notPassedOn = (error: unknown) =>
  report('a turn of a chat was stored but not passed on', error);
