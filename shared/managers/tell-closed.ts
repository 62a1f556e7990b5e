import type { Pool } from '../db.ts';
import { escapeHtml } from '../telegram/render.ts';
import { findClosed, listMembers } from './chats.sql.ts';
import { nameOfChat } from './render.ts';
import type { Turns } from './turns.ts';
import { WORDS } from './words.ts';

/** A chat has ended: every card of it says so, and who was in it hears of it when it was not he who ended it. */
export function createTellClosed({ db, turns }: { db: Pool; turns: Turns }) {
  return async function tellClosed(chatId: string): Promise<void> {
    await turns.refreshCards(chatId);
    const closed = await findClosed(db, chatId);
    if (!closed || closed.closedBy === 'manager') return;
    const say = closed.closedBy === 'visitor' ? WORDS.closedByVisitor : WORDS.closedBySilence;
    const text = escapeHtml(say(nameOfChat(closed)));
    for (const { id } of await listMembers(db, chatId)) {
      await turns.tell({ source: `closed:${chatId}:${id}`, telegramId: id, text });
    }
  };
}
