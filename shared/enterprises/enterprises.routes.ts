import * as z from 'zod';

import { insertAudit } from '../audit/audit.sql.ts';
import { doneBy } from '../audit/done-by.ts';
import { decodeCursor, encodeCursor } from '../cursor.ts';
import type { Pool } from '../db.ts';
import type { Route } from '../lambda/http.ts';
import { guardedRoute } from '../lambda/route.ts';
import type { SecretBox } from '../secrets.ts';
import { type BotOutcome, createBot } from '../telegram/bot.ts';
import { resumeTelegram } from '../telegram/notify.sql.ts';
import * as contract from './enterprises.schema.ts';
import { createEnterprises } from './enterprises.ts';

type Dependencies = { db: Pool; secrets: SecretBox; telegramApiUrl: string };

const TEST_TEXT = '✅ Проверка связи: Trunkline пишет в этот чат';

export function enterpriseRoutes({ telegramApiUrl, ...dependencies }: Dependencies): Route[] {
  const { db } = dependencies;
  const enterprises = createEnterprises(dependencies);

  return [
    guardedRoute(contract.listEnterprises, async ({ query: { cursor, limit, ...filters } }) => {
      const scope = ['enterprises', filters.search ?? null, filters.active ?? null];
      const after = cursor === undefined ? undefined : decodeCursor(z.string(), cursor, scope);
      const rows = await enterprises.list({ ...filters, after, limit: limit + 1 });
      const items = rows.slice(0, limit);
      const last = items.at(-1);
      const next = last && rows.length > limit ? encodeCursor(last.number, scope) : null;
      return { status: 200, body: { items, next_cursor: next } };
    }),

    guardedRoute(contract.createEnterprise, async ({ body, ...request }, caller) => ({
      status: 201,
      body: await enterprises.create(body, doneBy(request, caller)),
    })),

    guardedRoute(contract.getEnterprise, async ({ params }) => ({
      status: 200,
      body: await enterprises.get(params.number),
    })),

    guardedRoute(contract.changeEnterprise, async ({ params, body, ...request }, caller) => ({
      status: 200,
      body: await enterprises.change(params.number, body, doneBy(request, caller)),
    })),

    guardedRoute(contract.deleteEnterprise, async ({ params, ...request }, caller) => {
      const by = doneBy(request, caller);
      await enterprises.change(params.number, { active: false }, by, 'deactivate');
      return { status: 200, body: { success: true } };
    }),

    guardedRoute(contract.rotateToken, async ({ params, ...request }, caller) => ({
      status: 200,
      body: await enterprises.rotateToken(params.number, doneBy(request, caller)),
    })),

    guardedRoute(contract.rotateSecret, async ({ params, ...request }, caller) => ({
      status: 200,
      body: await enterprises.rotateSecret(params.number, doneBy(request, caller)),
    })),

    guardedRoute(contract.testTelegram, async ({ params, body, ...request }, caller) => {
      const { botToken, chatId } = await enterprises.chatOf(params.number, body);
      const started = performance.now();
      const problem =
        botToken && chatId
          ? problemOf(await createBot(botToken, telegramApiUrl).send(chatId, { text: TEST_TEXT }))
          : 'Укажите токен бота и номер чата';
      const took = Math.round(performance.now() - started);
      const isStored = body.bot_token === undefined && body.chat_id === undefined;
      if (problem === null && isStored && (await resumeTelegram(db, params.number))) {
        const entry = { action: 'enterprise.telegram_resume', enterpriseNumber: params.number };
        await insertAudit(db, doneBy(request, caller), entry);
      }
      return { status: 200, body: { ok: problem === null, problem, took_ms: took } };
    }),
  ];
}

function problemOf(outcome: BotOutcome): string | null {
  switch (outcome.kind) {
    case 'done':
      return null;
    case 'too_fast':
      return `Telegram просит подождать ${outcome.seconds} с`;
    case 'moved':
      return `Группа стала супергруппой, её новый номер: ${outcome.chatId}`;
    case 'refused':
      return `Telegram отказал: ${outcome.problem}`;
    case 'invalid':
    case 'down':
      return outcome.problem;
    case 'unchanged':
    case 'gone':
      return 'Telegram ответил в неизвестном виде';
  }
}
