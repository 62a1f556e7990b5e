import { timingSafeEqual } from 'node:crypto';

import { hashToken } from '../auth/tokens.ts';
import { AppError } from '../errors.ts';
import type { HttpRequest } from '../lambda/http-event.ts';
import type { Route } from '../lambda/http.ts';
import { route } from '../lambda/route.ts';
import { takePress, Update } from './press.schema.ts';
import type { createPress } from './press.ts';

type Dependencies = {
  press: ReturnType<typeof createPress>;
  /** Undefined: no webhook was ever set, so nobody is Telegram. */
  webhookSecret: string | undefined;
};

const HEADER = 'x-telegram-bot-api-secret-token';

export function pressRoutes({ press, webhookSecret }: Dependencies): Route[] {
  const isTelegram = ({ headers }: HttpRequest): boolean =>
    webhookSecret !== undefined &&
    timingSafeEqual(hashToken(webhookSecret), hashToken(headers[HEADER] ?? ''));
  const { contract, handle } = route(takePress, async ({ params, body }) => {
    const update = Update.safeParse(body);
    // What Telegram sends beside buttons is its own affair: refused, it would come again and again.
    if (update.success) await press(params.number, update.data);
    return { status: 200, body: { ok: true } };
  });
  return [
    {
      contract,
      handle: async (request) => {
        if (!isTelegram(request)) throw new AppError('forbidden', 'Доступ запрещен');
        return handle(request);
      },
    },
  ];
}
