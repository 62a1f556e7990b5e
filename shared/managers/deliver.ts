import { createHash } from 'node:crypto';

import { insertChatEvent } from '../chat/chats.sql.ts';
import { keepWriting, type Pool } from '../db.ts';
import { ComeBackLater } from '../errors.ts';
import { log } from '../lambda/log.ts';
import { report } from '../lambda/report.ts';
import type { BotOutcome, BotText, TelegramBot } from '../telegram/bot.ts';
import { pauseChat, takeBudget, type Urgency } from '../telegram/budget.ts';
import * as cards from './cards.sql.ts';
import * as copies from './copies.sql.ts';
import type { ReadFile } from './files.ts';
import * as notices from './notices.sql.ts';
import { renderCard, renderCopy } from './render.ts';

type Dependencies = {
  db: Pool;
  bot: TelegramBot;
  botId: string;
  readFile: ReadFile;
  /** He blocked the bot: what is his goes to others. */
  unreachable: (managerId: string, problem: string) => Promise<void>;
};

/** After so many tries Telegram is left alone; the timers try what is not given up later. */
const TRIES = 20;
const RETRY_SECONDS = 5;
const LONGEST_CAPTION = 1_000;

/**
 * Makes managers' Telegram show what is true now. Everything that is owed is a row: what stands there already is not
 * sent again, so that a message on the queue twice, or a worker that died, doubles nothing but what Telegram took
 * without our hearing of it.
 */
export function createDelivery(dependencies: Dependencies) {
  const { db, bot, readFile } = dependencies;

  return {
    /** The card of a chat: offer, own chat, somebody else's, closed. */
    async card(chatId: string, managerId: string): Promise<void> {
      const card = await cards.loadCard(db, chatId, managerId);
      if (!card) return;
      const { text, buttons } = renderCard(card);
      const message = { text, rows: buttons };
      const shown = createHash('sha256').update(JSON.stringify(message)).digest('base64url');
      const { messageId } = card;
      const of = { chatId, managerId };
      if (messageId !== null && card.shown === shown)
        return cards.saveCard(db, { ...of, messageId, shown });
      // Nobody needs to hear of a chat that he never saw and that is not his.
      if (messageId === null && card.role === null && card.state !== 'waiting')
        return cards.forgetCard(db, { ...of, isBehind: false });
      await spend(managerId, 'end');
      const isRenewed = card.shown === null;
      if (messageId !== null && isRenewed) await bot.delete(managerId, messageId);
      const outcome =
        messageId === null || isRenewed
          ? await bot.send(managerId, message)
          : await bot.edit(managerId, messageId, message);
      if (outcome.kind === 'gone') {
        await cards.forgetCard(db, { ...of, isBehind: true });
        throw new ComeBackLater(0, 'the card was deleted by hand');
      }
      if (outcome.kind === 'done' || (outcome.kind === 'unchanged' && messageId !== null)) {
        const shownAs = outcome.kind === 'done' ? outcome.messageId : (messageId ?? 0);
        await keepWriting(() => cards.saveCard(db, { ...of, messageId: shownAs, shown }));
        if (isRenewed)
          await noteShown('chat.manager_notified', { ...of, sessionId: card.sessionId });
        return;
      }
      const tries = await cards.countCardTry(db, chatId, managerId);
      await followRefusal(outcome, managerId, tries, () =>
        cards.forgetCard(db, { ...of, isBehind: false }),
      );
    },

    /** A message of a chat: sent once, then edited as it is. */
    async copy(messageId: string, managerId: string): Promise<void> {
      const copy = await copies.loadCopy(db, messageId, managerId);
      if (!copy) return;
      const { telegramMessage, objectKey, sessionId, chatId } = copy;
      const text = renderCopy(copy);
      if (telegramMessage !== null && text === copy.sentText) return;
      await spend(managerId, 'end');
      const outcome =
        telegramMessage !== null
          ? await editCopy(managerId, telegramMessage, { text }, objectKey !== null)
          : await sendCopy(managerId, copy, text);
      const of = { messageId, managerId };
      if (outcome.kind === 'done' || outcome.kind === 'unchanged' || outcome.kind === 'gone') {
        const sent = outcome.kind === 'done' ? outcome.messageId : (telegramMessage ?? 0);
        await keepWriting(() =>
          copies.saveCopy(db, { ...of, telegramMessage: sent, sentText: text }),
        );
        if (telegramMessage === null && copy.sender === 'user' && chatId !== null)
          await noteShown('chat.visitor_message_forwarded', {
            sessionId,
            chatId,
            managerId,
            messageId,
          });
        return;
      }
      const tries = copy.attempts + 1;
      const givesUp = outcome.kind === 'invalid' || outcome.kind === 'refused';
      await copies.countCopyTry(db, { ...of, givesUp });
      await followRefusal(outcome, managerId, tries, async () => {});
    },

    /** A text of the bot's own. */
    async notice(noticeId: string): Promise<void> {
      const notice = await notices.loadNotice(db, noticeId);
      if (!notice) return;
      const { telegramId, text, buttons } = notice;
      await spend(telegramId, 'end');
      const outcome = await bot.send(telegramId, { text, rows: buttons });
      if (outcome.kind === 'done')
        return keepWriting(() => notices.saveNotice(db, noticeId, outcome.messageId));
      const givesUp = outcome.kind === 'invalid' || outcome.kind === 'refused';
      await notices.countNoticeTry(db, noticeId, givesUp);
      await followRefusal(outcome, telegramId, notice.attempts + 1, async () => {});
    },

    /** Below a manager's message: ✓ stored, ✓✓ delivered. The least urgent of all. */
    async mark(messageId: string): Promise<void> {
      const mark = await copies.loadMark(db, messageId);
      if (!mark) return;
      const { sessionId, chatId, managerId, telegramMessage, isDelivered } = mark;
      const shown = isDelivered ? 'delivered' : 'stored';
      if (mark.shown === shown) return;
      const text = isDelivered ? '✓✓' : '✓';
      await spend(managerId, 'change');
      const outcome =
        telegramMessage === null
          ? await bot.send(managerId, { text, replyTo: mark.written, silent: true })
          : await bot.edit(managerId, telegramMessage, { text });
      if (outcome.kind === 'done' || outcome.kind === 'unchanged' || outcome.kind === 'gone') {
        const sent = outcome.kind === 'done' ? outcome.messageId : (telegramMessage ?? 0);
        await keepWriting(() => copies.saveMark(db, { messageId, telegramMessage: sent, shown }));
        if (isDelivered && chatId !== null)
          await noteShown('chat.manager_message_delivered', {
            sessionId,
            chatId,
            managerId,
            messageId,
          });
        return;
      }
      const givesUp = outcome.kind === 'invalid' || outcome.kind === 'refused';
      await copies.countMarkTry(db, messageId, givesUp);
      await followRefusal(outcome, managerId, mark.attempts + 1, async () => {});
    },
  };

  async function sendCopy(managerId: string, copy: copies.Copy, text: string): Promise<BotOutcome> {
    const { objectKey, fileName, contentType } = copy;
    if (objectKey === null) return bot.send(managerId, { text });
    const bytes = await readFile(objectKey);
    if (!bytes) return bot.send(managerId, { text: `${text}\n📎 файл не найден` });
    const file = {
      bytes,
      name: fileName ?? 'file',
      contentType: contentType ?? 'application/octet-stream',
    };
    if (text.length <= LONGEST_CAPTION) return bot.sendFile(managerId, file, { text });
    // A caption is short: what was said about the file goes first, and the file answers it.
    const said = await bot.send(managerId, { text });
    if (said.kind !== 'done') return said;
    await bot.sendFile(managerId, file, { text: '📎', replyTo: said.messageId });
    return said;
  }

  function editCopy(managerId: string, telegramMessage: number, message: BotText, isFile: boolean) {
    return isFile && message.text.length <= LONGEST_CAPTION
      ? bot.editCaption(managerId, telegramMessage, message)
      : bot.edit(managerId, telegramMessage, message);
  }

  async function spend(managerId: string, urgency: Urgency): Promise<void> {
    const wait = await takeBudget(db, { botId: dependencies.botId, chatId: managerId }, urgency);
    if (wait > 0) throw new ComeBackLater(wait, 'the budget of the chat is used up');
  }

  async function followRefusal(
    outcome: BotOutcome,
    managerId: string,
    tries: number,
    forget: () => Promise<void>,
  ): Promise<void> {
    switch (outcome.kind) {
      case 'too_fast':
        await pauseChat(db, { botId: dependencies.botId, chatId: managerId }, outcome.seconds);
        throw new ComeBackLater(outcome.seconds, 'Telegram asks to wait');
      case 'down':
        if (tries < TRIES) throw new ComeBackLater(RETRY_SECONDS, outcome.problem);
        log.warn('Telegram is down, the timers bring it back', { managerId });
        return;
      case 'refused':
        await forget();
        return dependencies.unreachable(managerId, outcome.problem);
      case 'invalid':
        await forget();
        return report('Telegram refuses a message of ours', new Error(outcome.problem), {
          managerId,
        });
      case 'done':
      case 'unchanged':
      case 'gone':
      case 'moved':
        return forget();
    }
  }

  async function noteShown(
    kind: string,
    ids: { sessionId: string; chatId: string; managerId: string; messageId?: string },
  ): Promise<void> {
    log.info(kind, ids);
    const { sessionId, chatId, managerId, messageId } = ids;
    const details = messageId === undefined ? {} : { message_id: messageId };
    await insertChatEvent(db, { sessionId, chatId, managerId, kind, details });
  }
}
