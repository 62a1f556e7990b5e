import type { Pool } from '../db.ts';
import type { TelegramBot } from '../telegram/bot.ts';
import { escapeHtml } from '../telegram/render.ts';
import type { AdminDesk } from './admin-desk.ts';
import { parseCallbackData, type Press } from './callback-data.ts';
import type { ChatDesk } from './chat-desk.ts';
import * as people from './people.sql.ts';
import type { Relay } from './relay.ts';
import { renderMenu } from './render.ts';
import type { ShiftDesk } from './shift-desk.ts';
import type { Turns } from './turns.ts';
import type { BotMessage, BotUpdate, CallbackQuery } from './update.schema.ts';
import { WORDS } from './words.ts';

export type Tell = (
  text: string,
  more?: { buttons?: { text: string; callbackData: string }[][]; chatId?: string },
) => Promise<void>;
/** A manager who wrote or pressed, and how to answer him. */
export type Visit = { manager: people.Manager; tell: Tell };

type Dependencies = {
  db: Pool;
  bot: Pick<TelegramBot, 'answer'>;
  turns: Turns;
  relay: Relay;
  desks: { chat: ChatDesk; shift: ShiftDesk; admin: AdminDesk };
  managerIds: ReadonlySet<string>;
  adminIds: ReadonlySet<string>;
};

const LONGEST_NAME = 60;

/**
 * Works in one update of the managers' bot. May be run again for the same update: every step is done once by what
 * stands in the database, and what it says carries the update's number.
 */
export function createManagersBot(dependencies: Dependencies) {
  const { db, bot, turns, relay, desks, managerIds, adminIds } = dependencies;

  return async function work(update: BotUpdate): Promise<void> {
    const { message, edited_message: edited, callback_query: query, my_chat_member } = update;
    if (message?.from && message.chat.type === 'private') return hear(update.update_id, message);
    if (edited?.chat.type === 'private') return relay.edit(edited);
    if (query) return press(update.update_id, query);
    if (my_chat_member && ['kicked', 'left'].includes(my_chat_member.new_chat_member.status))
      return desks.shift.lose(String(my_chat_member.chat.id));
  };

  async function hear(updateId: number, message: BotMessage): Promise<void> {
    const id = String(message.chat.id);
    const tell = telling(updateId, id);
    const command = /^\/([a-z_]+)(?:@\w+)?(?:\s|$)/i.exec(message.text ?? '')?.[1]?.toLowerCase();
    const manager = await people.findManager(db, id);
    if (!manager) return meet(message, command === 'start', tell);
    if (manager.isAdmin !== isAdmin(manager)) manager.isAdmin = isAdmin(manager);
    const visit: Visit = { manager, tell };
    if (command !== undefined) return obey(command, visit);
    const { awaits } = await people.loadState(db, id);
    if (awaits && message.text !== undefined) return desks.admin.addFrom(message.text, visit);
    return relay.toVisitor(message, visit);
  }

  /** Only who is listed, or was added in the admin, is let in. */
  async function meet({ chat, from }: BotMessage, isStart: boolean, tell: Tell): Promise<void> {
    const id = String(chat.id);
    const isListed = managerIds.has(id) || adminIds.has(id);
    if (!isListed) return tell(`${WORDS.stranger}<code>${id}</code>`);
    if (!isStart) return tell(WORDS.notRegistered);
    const full = [from?.first_name, from?.last_name].filter(Boolean).join(' ').trim();
    const name = (full || `Менеджер ${id}`).slice(0, LONGEST_NAME);
    await people.addManager(db, { id, name, isAdmin: adminIds.has(id) });
    const manager = await people.findManager(db, id);
    if (manager) await tell(escapeHtml(WORDS.welcome(name)), { buttons: renderMenu(manager) });
  }

  async function obey(command: string, visit: Visit): Promise<void> {
    switch (command) {
      case 'start':
        return visit.tell(WORDS.menu, { buttons: renderMenu(visit.manager) });
      case 'online':
        return desks.shift.begin(visit);
      case 'offline':
        return desks.shift.end(visit, false);
      case 'chats':
        return desks.chat.list(visit);
      case 'cancel':
        return desks.chat.cancel(visit);
      case 'stats':
        return desks.shift.figures(visit);
      case 'admin':
        return desks.admin.open(visit);
      default:
        return visit.tell(WORDS.unknown, { buttons: renderMenu(visit.manager) });
    }
  }

  /** The button stops spinning first, whatever else there is to do. */
  async function press(updateId: number, query: CallbackQuery): Promise<void> {
    const id = String(query.from.id);
    const pressed = parseCallbackData(query.data ?? '');
    const manager = await people.findManager(db, id);
    if (!manager || !pressed) {
      await bot.answer(query.id, manager ? '' : WORDS.notRegistered);
      return;
    }
    manager.isAdmin = isAdmin(manager);
    const visit: Visit = { manager, tell: telling(updateId, id) };
    if (pressed.of === 'chat' && pressed.verb === 'accept') {
      await bot.answer(query.id, await desks.chat.accept(pressed.chatId, visit));
      return;
    }
    await bot.answer(query.id, '');
    return follow(pressed, visit);
  }

  async function follow(pressed: Press, visit: Visit): Promise<void> {
    switch (pressed.of) {
      case 'chat':
        return desks.chat.press(pressed.verb, pressed.chatId, visit);
      case 'to':
        return desks.chat.pressColleague(pressed, visit);
      case 'menu':
        switch (pressed.verb) {
          case 'online':
            return desks.shift.begin(visit);
          case 'offline':
          case 'offline_sure':
            return desks.shift.end(visit, pressed.verb === 'offline_sure');
          case 'chats':
            return desks.chat.list(visit);
          case 'cancel':
            return desks.chat.cancel(visit);
          case 'stats':
            return desks.shift.figures(visit);
        }
        break;
      case 'admin':
        return desks.admin.press(pressed.verb, visit);
      case 'manager':
        return desks.admin.pressManager(pressed.verb, pressed.managerId, visit);
    }
  }

  function isAdmin({ id, isAdmin: marked }: people.Manager): boolean {
    return marked || adminIds.has(id);
  }

  /** The first thing that an update says is the same thing when it is worked in once more. */
  function telling(updateId: number, telegramId: string): Tell {
    let said = 0;
    return async (text, more = {}) => {
      said += 1;
      await turns.tell({ source: `update:${updateId}:${said}`, telegramId, text, ...more });
    };
  }
}
