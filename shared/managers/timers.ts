import { insertChatEvent } from '../chat/chats.sql.ts';
import type { HandOver } from '../chat/hand-over.ts';
import type { Say } from '../chat/say.ts';
import { lockSession } from '../chat/sessions.sql.ts';
import type { Pool } from '../db.ts';
import { report } from '../lambda/report.ts';
import type { Counts } from '../lambda/schedule.ts';
import type { Queue } from '../queue.ts';
import { listMembers } from './chats.sql.ts';
import {
  toCard,
  toCopyAgain,
  toMark,
  toNotice,
  toOfferAgain,
  toUpdateMessage,
} from './messages.ts';
import * as sql from './timers.sql.ts';
import type { Turns } from './turns.ts';
import { listWaitingUpdates } from './updates.sql.ts';
import { WORDS } from './words.ts';

type Dependencies = {
  db: Pool;
  say: Say;
  handOver: HandOver;
  turns: Turns;
  updates: Pick<Queue, 'sendAll'>;
  clock?: () => Date;
};

const NOTICE_MINUTES = 5;
const UPDATES_AT_ONCE = 200;

const IDLE_SOON = {
  ru: `Чат закроется через ${NOTICE_MINUTES} минут, если никто не напишет.`,
  en: `The chat will close in ${NOTICE_MINUTES} minutes unless somebody writes.`,
} as const;

/** Every minute: chats that have been quiet for too long, and whatever was owed and got lost on its way. */
export function createTimers({
  db,
  say,
  handOver,
  turns,
  updates,
  clock = () => new Date(),
}: Dependencies) {
  return async function run(): Promise<Counts> {
    const round = `timers-${Math.floor(clock().getTime() / 60_000)}`;
    const due = await sql.listDueOffers(db);
    await turns.send(due.map((chatId) => toOfferAgain(chatId, round)));

    const silent = await sql.listSilentChats(db, NOTICE_MINUTES);
    for (const sessionId of silent)
      await each(() => handOver.close(sessionId, 'silence'), sessionId);
    const quiet = await sql.takeQuietChats(db, NOTICE_MINUTES);
    for (const chat of quiet) await each(() => warn(chat), chat.sessionId);

    const [copies, notices, cards, marks] = [
      await sql.listLostCopies(db),
      await sql.listLostNotices(db),
      await sql.listCardsBehind(db),
      await sql.listMarksBehind(db),
    ];
    await turns.send([
      ...copies.map(({ id, managerId }) => toCopyAgain(id, managerId, round)),
      ...notices.map(({ id, managerId }) => toNotice(id, managerId, round)),
      ...cards.map(({ id, managerId }) => toCard(id, managerId, round)),
      ...marks.map(({ id, managerId }) => toMark(id, managerId, round)),
    ]);
    const waiting = await listWaitingUpdates(db, UPDATES_AT_ONCE);
    await updates.sendAll(
      waiting.map(({ updateId, chat }) => toUpdateMessage(updateId, chat, round)),
    );
    return {
      escalated: due.length,
      closed: silent.length,
      warned: quiet.length,
      owed: copies.length + notices.length + cards.length + marks.length,
      updates: waiting.length,
    };
  };

  async function warn({
    chatId,
    sessionId,
    number,
  }: {
    chatId: string;
    sessionId: string;
    number: string;
  }) {
    const session = await db.begin((tx) => lockSession(tx, sessionId));
    await say({ sessionId, sender: 'system', text: IDLE_SOON[session?.locale ?? 'ru'] });
    await insertChatEvent(db, { sessionId, chatId, kind: 'chat.idle_warned' });
    const text = WORDS.idleSoon(`№${number}`, NOTICE_MINUTES);
    for (const { id } of await listMembers(db, chatId)) {
      await turns.tell({
        source: `idle:${chatId}:${id}:${clock().getTime()}`,
        telegramId: id,
        text,
        chatId,
      });
    }
  }
}

/** One chat that cannot be closed must not keep the others open. */
async function each(step: () => Promise<unknown>, sessionId: string): Promise<void> {
  try {
    await step();
  } catch (error) {
    await report('a quiet chat could not be worked in', error, { sessionId });
  }
}
