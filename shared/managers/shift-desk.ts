import type { Pool } from '../db.ts';
import { log } from '../lambda/log.ts';
import type { Visit } from './bot.ts';
import * as people from './people.sql.ts';
import { button, renderMenu } from './render.ts';
import type { Turns } from './turns.ts';
import { WORDS } from './words.ts';

type Dependencies = { db: Pool; turns: Turns; timezone: string };

export type ShiftDesk = ReturnType<typeof createShiftDesk>;

/** Coming on shift, going, and one's own figures. */
export function createShiftDesk({ db, turns, timezone }: Dependencies) {
  return {
    async begin({ manager, tell }: Visit): Promise<void> {
      if (manager.status === 'paused') return tell(WORDS.paused);
      const isNew = await people.startShift(db, manager.id);
      const buttons = renderMenu({ ...manager, status: 'online' });
      await tell(isNew ? WORDS.onShift : WORDS.alreadyOnShift, { buttons });
      await turns.offerWaiting(manager.id);
    },

    /** With open chats only when he has confirmed; then they are passed on. */
    async end({ manager, tell }: Visit, isSure: boolean): Promise<void> {
      if (manager.status !== 'online' && manager.openChats === 0)
        return tell(WORDS.alreadyOffShift);
      if (manager.openChats > 0 && !isSure)
        return tell(WORDS.openChats(manager.openChats), {
          buttons: [
            [button('🔴 Уйти и передать чаты', { of: 'menu', verb: 'offline_sure' })],
            [button('💬 Мои чаты', { of: 'menu', verb: 'chats' })],
          ],
        });
      const passed = await take(manager, 'offline');
      const text = passed > 0 ? `${WORDS.offShift}\n${WORDS.passed(passed)}` : WORDS.offShift;
      await tell(text, { buttons: renderMenu({ ...manager, status: 'offline' }) });
    },

    async figures({ manager, tell }: Visit): Promise<void> {
      const { accepted, closed, seconds, rating } = await people.loadOwnFigures(
        db,
        manager.id,
        timezone,
      );
      const since = manager.shiftStartedAt;
      await tell(
        [
          '📊 <b>Сегодня</b>',
          `Принято чатов: ${accepted}`,
          `Завершено: ${closed}`,
          `Открыто сейчас: ${manager.openChats}`,
          `Среднее время до принятия: ${seconds === null ? '—' : `${Math.round(seconds)} с`}`,
          `Средняя оценка: ${rating === null ? '—' : rating.toFixed(1)}`,
          ...(since ? [`На смене ${hoursSince(since)}`] : []),
        ].join('\n'),
      );
    },

    /** He blocked the bot, or Telegram does not let us through: his chats must not wait for him. */
    async lose(managerId: string): Promise<void> {
      const manager = await people.findManager(db, managerId);
      if (!manager || (manager.status !== 'online' && manager.openChats === 0)) return;
      log.warn('manager cannot be reached', { managerId });
      await take(manager, 'offline');
    },

    take,
  };

  /** Off shift first: nothing of his may come back to him. Returns how many chats went to others. */
  async function take(manager: people.Manager, status: 'offline' | 'paused'): Promise<number> {
    await people.endShift(db, manager.id, status);
    return turns.passAllOf(manager);
  }
}

function hoursSince(moment: Date): string {
  const minutes = Math.floor((Date.now() - moment.getTime()) / 60_000);
  return `${Math.floor(minutes / 60)} ч ${minutes % 60} мин`;
}
