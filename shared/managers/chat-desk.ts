import type { Pool } from '../db.ts';
import type { createOriginate } from '../originates/originate.ts';
import { tryToPlace } from '../originates/say-why.ts';
import { escapeHtml } from '../telegram/render.ts';
import type { Visit } from './bot.ts';
import type { Press } from './callback-data.ts';
import * as chats from './chats.sql.ts';
import * as people from './people.sql.ts';
import { button, nameOfChat, renderDetails, showPhone } from './render.ts';
import type { Turns } from './turns.ts';
import { WORDS } from './words.ts';

type Dependencies = {
  db: Pool;
  turns: Turns;
  /** The enterprise whose box rings the managers; undefined: they dial themselves. */
  call?: { enterpriseNumber: string; originate: ReturnType<typeof createOriginate> } | undefined;
};
type Verb = Extract<Press, { of: 'chat' }>['verb'];

const HISTORY = 40;

export type ChatDesk = ReturnType<typeof createChatDesk>;

/** What a manager does with a chat by its buttons. */
export function createChatDesk({ db, turns, call }: Dependencies) {
  return {
    /** Returns what the button says. */
    async accept(chatId: string, { manager }: Visit): Promise<string> {
      if (manager.status !== 'online') return WORDS.goOnShift;
      const result = await turns.accept(chatId, manager);
      if (result !== 'accepted') await turns.refreshCards(chatId);
      return { accepted: WORDS.accepted, yours: WORDS.yours, taken: WORDS.taken }[result];
    },

    async press(verb: Verb, chatId: string, visit: Visit): Promise<void> {
      const { manager, tell } = visit;
      const chat = await chats.findHeldChat(db, chatId, manager.id);
      if (!chat) return tell(WORDS.notDone);
      const mayLook = chat.role !== null || chat.state === 'waiting' || manager.isAdmin;
      if (verb === 'details') return mayLook ? details(chat, visit) : tell(WORDS.notYourChat);
      if (verb === 'call') return mayLook ? ring(chat, visit) : tell(WORDS.notYourChat);
      if (chat.state === 'closed') return tell(WORDS.chatClosed);
      if (chat.role === null) return tell(WORDS.notYourChat);
      switch (verb) {
        case 'reply':
          await people.setState(db, manager.id, { chatId, awaits: null });
          return tell(escapeHtml(WORDS.replying(nameOfChat(chat))), { chatId });
        case 'close':
          if (chat.role !== 'owner') return tell(WORDS.onlyOwner);
          await turns.close(chatId, manager.id);
          return undefined;
        case 'leave':
          return tell((await turns.leave(chatId, manager.id)) ? WORDS.left : WORDS.notDone);
        case 'invite':
        case 'pass':
          if (chat.role !== 'owner') return tell(WORDS.onlyOwner);
          return offerColleagues(verb, chat, visit);
        case 'accept':
          return undefined;
      }
    },

    async pressColleague(
      { verb, chatId, managerId }: Extract<Press, { of: 'to' }>,
      { manager, tell }: Visit,
    ): Promise<void> {
      const colleague = await people.findManager(db, managerId);
      const chat = await chats.findHeldChat(db, chatId, manager.id);
      if (!colleague || colleague.status !== 'online' || chat?.role !== 'owner')
        return tell(WORDS.notDone);
      if (verb === 'invite') {
        const done = await turns.invite(chatId, manager, colleague);
        return tell(escapeHtml(done ? WORDS.invited(colleague.name) : WORDS.notDone), { chatId });
      }
      const why = `🔁 ${manager.name} передаёт вам чат ${nameOfChat(chat)}`;
      const done = await turns.passTo(chatId, manager.id, colleague, why);
      return tell(escapeHtml(done ? WORDS.passedTo(colleague.name) : WORDS.notDone));
    },

    async list({ manager, tell }: Visit): Promise<void> {
      const held = await chats.listHeldChats(db, manager.id);
      if (held.length === 0) return tell(WORDS.noChats);
      const { chatId: current } = await people.loadState(db, manager.id);
      const buttons = held.map((chat) => [
        button(`${chat.chatId === current ? '💬 ' : ''}${nameOfChat(chat)}`, {
          of: 'chat',
          verb: 'reply',
          chatId: chat.chatId,
        }),
      ]);
      await tell(WORDS.yourChats, { buttons });
    },

    async cancel({ manager, tell }: Visit): Promise<void> {
      const { chatId, awaits } = await people.loadState(db, manager.id);
      await people.setState(db, manager.id, { chatId: null, awaits: null });
      await tell(chatId === null && awaits === null ? WORDS.nothingToCancel : WORDS.cancelled);
    },
  };

  async function details(chat: chats.HeldChat, { tell }: Visit): Promise<void> {
    const about = await chats.loadVisit(db, chat.sessionId);
    const history = await chats.listHistory(db, chat.sessionId, HISTORY);
    await tell(renderDetails(chat, about, history), { chatId: chat.chatId });
  }

  /** Rings his own extension and connects the visitor; else he gets the number to call. */
  async function ring({ phone, chatId }: chats.HeldChat, { manager, tell }: Visit): Promise<void> {
    if (phone === null) return tell(WORDS.noPhone);
    const { extension } = manager;
    if (!call || extension === null)
      return tell(escapeHtml(WORDS.callHim(showPhone(phone))), { chatId });
    const { enterpriseNumber, originate } = call;
    const wanted = { enterpriseNumber, extension, phone, source: 'telegram' } as const;
    const result = await tryToPlace(originate, wanted);
    const text = result.placed
      ? WORDS.calling(extension)
      : `${WORDS.callFailed(result.why)}\n${WORDS.callHim(showPhone(phone))}`;
    await tell(escapeHtml(text), { chatId });
  }

  async function offerColleagues(
    verb: 'invite' | 'pass',
    chat: chats.HeldChat,
    { manager, tell }: Visit,
  ): Promise<void> {
    const { chatId } = chat;
    const colleagues = await chats.listColleagues(db, chatId, manager.id);
    const free = colleagues.filter(({ isInChat }) => verb === 'pass' || !isInChat);
    if (free.length === 0) return tell(WORDS.nobodyElse);
    const buttons = free.map(({ id, name }) => [
      button(name, { of: 'to', verb, chatId, managerId: id }),
    ]);
    const question = verb === 'invite' ? WORDS.whomToInvite : WORDS.whomToPass;
    await tell(escapeHtml(question(nameOfChat(chat))), { buttons, chatId });
  }
}
