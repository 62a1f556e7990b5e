import { timingSafeEqual } from 'node:crypto';

import { hashToken } from '../auth/tokens.ts';
import { AppError } from '../errors.ts';
import type { HttpRequest } from '../lambda/http-event.ts';
import type { Route } from '../lambda/http.ts';

const HEADER = 'x-telegram-bot-api-secret-token';

/** Lets only Telegram in: who shows the secret it was given, compared in constant time, before anything is read. */
export function onlyTelegram({ contract, handle }: Route, secret: string | undefined): Route {
  const isTelegram = ({ headers }: HttpRequest): boolean =>
    secret !== undefined && timingSafeEqual(hashToken(secret), hashToken(headers[HEADER] ?? ''));
  return {
    contract,
    handle: async (request) => {
      if (!isTelegram(request)) throw new AppError('forbidden', 'Доступ запрещен');
      return handle(request);
    },
  };
}
