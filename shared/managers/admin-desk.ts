import { TZDate } from '@date-fns/tz';

import type { Pool } from '../db.ts';
import { escapeHtml } from '../telegram/render.ts';
import type { Visit } from './bot.ts';
import type { Press } from './callback-data.ts';
import * as people from './people.sql.ts';
import { button, renderManager, STATUS } from './render.ts';
import type { ShiftDesk } from './shift-desk.ts';
import { listManagerFigures, loadTotals } from './stats.sql.ts';
import type { Turns } from './turns.ts';
import { WORDS } from './words.ts';

type Dependencies = { db: Pool; turns: Turns; shift: ShiftDesk; timezone: string };

const LONGEST_NAME = 60;
const MOST_SHOWN = 80;

export type AdminDesk = ReturnType<typeof createAdminDesk>;

/** What the bot's admins do: keep the managers, look at the day. */
export function createAdminDesk({ db, turns, shift, timezone }: Dependencies) {
  return {
    async open({ manager, tell }: Visit): Promise<void> {
      if (!manager.isAdmin) return tell(WORDS.notAdmin);
      await tell('⚙️ <b>Управление</b>', {
        buttons: [
          [button('👥 Управление менеджерами', { of: 'admin', verb: 'managers' })],
          [button('📅 Сегодня', { of: 'admin', verb: 'today' })],
        ],
      });
    },

    async press(verb: Extract<Press, { of: 'admin' }>['verb'], visit: Visit): Promise<void> {
      const { manager, tell } = visit;
      if (!manager.isAdmin) return tell(WORDS.notAdmin);
      switch (verb) {
        case 'managers':
          return list(visit);
        case 'add':
          await people.setState(db, manager.id, { chatId: null, awaits: { kind: 'new_manager' } });
          return tell(WORDS.addWhom);
        case 'today':
          return today(visit);
      }
    },

    async pressManager(
      verb: Extract<Press, { of: 'manager' }>['verb'],
      managerId: string,
      visit: Visit,
    ): Promise<void> {
      const { tell } = visit;
      if (!visit.manager.isAdmin) return tell(WORDS.notAdmin);
      const manager = await people.findManager(db, managerId);
      if (!manager) return tell(WORDS.notDone);
      switch (verb) {
        case 'show':
          break;
        case 'pause':
          await shift.take(manager, 'paused');
          break;
        case 'resume':
          await people.resumeManager(db, managerId);
          break;
        case 'shift_off':
          await shift.take(manager, 'offline');
          break;
        case 'pass_chats':
          await turns.passAllOf(manager);
          break;
        case 'remove': {
          const sure = button('🗑 Да, удалить', { of: 'manager', verb: 'remove_sure', managerId });
          return tell(escapeHtml(WORDS.removeSure(manager.name)), { buttons: [[sure]] });
        }
        case 'remove_sure':
          await shift.take(manager, 'offline');
          await people.removeManager(db, managerId);
          return tell(WORDS.removed);
      }
      const now = await people.findManager(db, managerId);
      if (!now) return;
      const { text, buttons } = renderManager(now);
      await tell(text, { buttons });
    },

    /** The answer to "whom?": an id, and perhaps a name. */
    async addFrom(text: string, { manager, tell }: Visit): Promise<void> {
      if (!manager.isAdmin) return tell(WORDS.notAdmin);
      const [, id = '', rest = ''] = /^\s*([1-9]\d{4,15})(?:\s+(.*))?$/s.exec(text) ?? [];
      if (id === '') return tell(WORDS.badId);
      const name = rest.trim().slice(0, LONGEST_NAME) || `Менеджер ${id}`;
      const isNew = await people.addManager(db, { id, name });
      await people.setState(db, manager.id, { chatId: null, awaits: null });
      await tell(isNew ? escapeHtml(WORDS.added(name)) : WORDS.alreadyThere);
    },
  };

  async function list({ tell }: Visit): Promise<void> {
    const managers = (await people.listManagers(db)).slice(0, MOST_SHOWN);
    const lines = managers.map(({ name, status, openChats, maxActiveChats }) =>
      escapeHtml(`${STATUS[status]} · ${name} · чаты ${openChats}/${maxActiveChats}`),
    );
    await tell(['👥 <b>Управление менеджерами</b>', ...lines].join('\n').slice(0, 3_500), {
      buttons: [
        ...managers.map(({ id, name }) => [
          button(name, { of: 'manager', verb: 'show', managerId: id }),
        ]),
        [button('➕ Добавить', { of: 'admin', verb: 'add' })],
      ],
    });
  }

  async function today({ tell }: Visit): Promise<void> {
    const now = new Date();
    const local = new TZDate(now, timezone);
    const midnight = new TZDate(local.getFullYear(), local.getMonth(), local.getDate(), timezone);
    const range = { from: new Date(midnight.getTime()), to: now };
    const totals = await loadTotals(db, range);
    const managers = await listManagerFigures(db, range);
    await tell(
      [
        '📅 <b>Сегодня</b>',
        `Посетителей: ${totals.sessions}`,
        `Решено ИИ: ${totals.aiResolvedShare === null ? '—' : `${Math.round(totals.aiResolvedShare * 100)} %`}`,
        `Чатов с людьми: ${totals.chats}, из них заявок: ${totals.offlineRequests}`,
        `Принято: ${totals.accepted}, завершено: ${totals.closed}`,
        `До принятия: ${seconds(totals.acceptSeconds)}, до первого ответа: ${seconds(totals.firstAnswerSeconds)}`,
        `Оценка: ${totals.rating === null ? '—' : totals.rating.toFixed(1)}`,
        '',
        ...managers
          .slice(0, MOST_SHOWN)
          .map(({ name, accepted, rating }) =>
            escapeHtml(
              `${name}: ${accepted}${rating === null ? '' : ` · ⭐ ${rating.toFixed(1)}`}`,
            ),
          ),
      ]
        .join('\n')
        .slice(0, 4_000),
    );
  }
}

const seconds = (value: number | null): string => (value === null ? '—' : `${Math.round(value)} с`);
