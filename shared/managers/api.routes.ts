import * as z from 'zod';

import type { createChat } from '../chat/chat.ts';
import { toChatMessage } from '../chat/frames.ts';
import { listLastMessages } from '../chat/messages.sql.ts';
import { decodeCursor, encodeCursor } from '../cursor.ts';
import { AppError } from '../errors.ts';
import type { Route } from '../lambda/http.ts';
import { guardedRoute } from '../lambda/route.ts';
import * as contract from './api.schema.ts';
import * as sql from './api.sql.ts';
import { findHeldChat } from './chats.sql.ts';
import * as people from './people.sql.ts';
import type { ShiftDesk } from './shift-desk.ts';
import { readStats, tabulateStats } from './stats.ts';
import type { Turns } from './turns.ts';

type Dependencies = Pick<ReturnType<typeof createChat>, 'db' | 'say' | 'signFile'> & {
  turns: Turns;
  shift: ShiftDesk;
};

const Place = z.tuple([z.string(), z.uuid()]);
const MOST_MESSAGES = 1_000;

/** Chats and managers for the admin's pages, chats also for programs with a key. */
export function managerRoutes({ db, say, signFile, turns, shift }: Dependencies): Route[] {
  return [
    guardedRoute(contract.listChats, async ({ query: { cursor, limit, ...filters } }) => {
      const scope = ['chats', filters];
      const after = cursor === undefined ? undefined : decodeCursor(Place, cursor, scope);
      const rows = await sql.listChats(db, filters, { after, limit: limit + 1 });
      const page = rows.slice(0, limit);
      const last = page.at(-1);
      const next = last && rows.length > limit ? encodeCursor([last.place, last.id], scope) : null;
      return { status: 200, body: { items: page.map(sql.toItem), next_cursor: next } };
    }),

    // Before {id}, which would take "stats" for one.
    guardedRoute(contract.getStats, async ({ query }) => {
      const stats = await readStats(db, query);
      if (query.format === 'json') return { status: 200, body: stats };
      const headers = {
        'content-type': 'text/csv; charset=utf-8',
        'content-disposition': 'attachment; filename="chats.csv"',
      };
      return { status: 200, text: tabulateStats(stats), headers };
    }),

    guardedRoute(contract.getSettings, async () => ({
      status: 200,
      body: await sql.loadSettings(db),
    })),

    guardedRoute(contract.putSettings, async ({ body }) => ({
      status: 200,
      body: await sql.saveSettings(db, body),
    })),

    guardedRoute(contract.getChat, async ({ params: { id } }) => {
      const chat = await foundChat(id);
      const { sessionId } = chat;
      const [messages, receipts, managers, timeline] = [
        await listLastMessages(db, sessionId, MOST_MESSAGES),
        await sql.listReceipts(db, sessionId),
        await sql.listMemberships(db, id),
        await sql.listTimeline(db, { chatId: id, sessionId }),
      ];
      const shown = await Promise.all(
        messages.map(async (message) => ({
          ...(await toChatMessage(message, signFile)),
          delivered_at: receipts.get(message.id)?.deliveredAt?.toISOString() ?? null,
          read_at: receipts.get(message.id)?.readAt?.toISOString() ?? null,
        })),
      );
      return { status: 200, body: { ...sql.toItem(chat), messages: shown, managers, timeline } };
    }),

    guardedRoute(contract.assignChat, async ({ params: { id }, body: { manager_id } }) => {
      const { number } = await foundChat(id);
      const manager = await people.findManager(db, manager_id);
      if (!manager) throw unprocessable('manager_id', 'Такого менеджера нет');
      const why = `🔁 Администратор назначил вам чат №${number}`;
      if (!(await turns.passTo(id, null, manager, why))) throw movedOn();
      return { status: 200, body: { success: true } };
    }),

    guardedRoute(contract.closeChat, async ({ params: { id } }) => {
      await foundChat(id);
      if (!(await turns.close(id, null))) throw movedOn();
      return { status: 200, body: { success: true } };
    }),

    guardedRoute(contract.postMessage, async ({ params: { id }, body }, caller) => {
      const { sessionId } = await foundChat(id);
      const name = caller.kind === 'key' ? caller.name : 'Администратор';
      const { message } = await say({
        sessionId,
        sender: 'manager',
        text: body.text,
        managerName: body.manager_name ?? name,
        clientId: body.client_id ?? null,
        async check(tx) {
          const chat = await findHeldChat(tx, id, '0');
          if (chat?.state === 'closed') throw movedOn();
        },
      });
      return { status: 200, body: { success: true, message_id: message.id } };
    }),

    guardedRoute(contract.listManagers, async () => ({
      status: 200,
      body: { items: (await people.listManagers(db)).map(toItem), next_cursor: null },
    })),

    guardedRoute(contract.createManager, async ({ body }) => {
      const { telegram_id: id, name, extension, is_admin, max_active_chats } = body;
      const settings = { extension, isAdmin: is_admin, maxActiveChats: max_active_chats };
      if (!(await people.addManager(db, { id, name, ...settings })))
        throw new AppError('conflict', 'Такой менеджер уже есть');
      return { status: 201, body: toItem(await foundManager(id)) };
    }),

    guardedRoute(contract.patchManager, async ({ body: { telegram_id, ...change } }) => ({
      status: 200,
      body: { manager: await patched(telegram_id, change) },
    })),

    guardedRoute(contract.patchManagerById, async ({ params: { id }, body }) => ({
      status: 200,
      body: { manager: await patched(id, body) },
    })),
  ];

  async function patched(id: string, change: z.output<typeof contract.patchManagerById.body>) {
    const manager = await foundManager(id);
    const { name, extension, is_admin, max_active_chats, status } = change;
    await people.patchManager(db, id, {
      name,
      extension,
      isAdmin: is_admin,
      maxActiveChats: max_active_chats,
    });
    if (status === 'removed') {
      await shift.take(manager, 'offline');
      await people.removeManager(db, id);
      return null;
    }
    if (status === 'paused' || (status === 'offline' && manager.status === 'online'))
      await shift.take(manager, status);
    if (status === 'offline' && manager.status === 'paused') await people.resumeManager(db, id);
    return toItem(await foundManager(id));
  }

  async function foundChat(id: string): Promise<sql.ChatRow> {
    const chat = await sql.findChat(db, id);
    if (!chat) throw new AppError('not_found', 'Такого чата нет');
    return chat;
  }

  async function foundManager(id: string): Promise<people.Manager> {
    const manager = await people.findManager(db, id);
    if (!manager) throw new AppError('not_found', 'Такого менеджера нет');
    return manager;
  }
}

function toItem(manager: people.Manager): contract.ManagerItem {
  return {
    telegram_id: manager.id,
    name: manager.name,
    extension: manager.extension,
    is_admin: manager.isAdmin,
    status: manager.status,
    max_active_chats: manager.maxActiveChats,
    open_chats: manager.openChats,
    shift_started_at: manager.shiftStartedAt?.toISOString() ?? null,
  };
}

const movedOn = () => new AppError('conflict', 'Чат уже завершён или передан');

const unprocessable = (path: string, message: string) =>
  new AppError('unprocessable', message, { errors: [{ path, message }] });
