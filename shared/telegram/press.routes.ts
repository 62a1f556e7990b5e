import type { Route } from '../lambda/http.ts';
import { route } from '../lambda/route.ts';
import { takePress, Update } from './press.schema.ts';
import type { createPress } from './press.ts';
import { onlyTelegram } from './webhook-secret.ts';

type Dependencies = {
  press: ReturnType<typeof createPress>;
  /** Undefined: no webhook was ever set, so nobody is Telegram. */
  webhookSecret: string | undefined;
};

export function pressRoutes({ press, webhookSecret }: Dependencies): Route[] {
  const taken = route(takePress, async ({ params, body }) => {
    const update = Update.safeParse(body);
    // What Telegram sends beside buttons is its own affair: refused, it would come again and again.
    if (update.success) await press(params.number, update.data);
    return { status: 200, body: { ok: true } };
  });
  return [onlyTelegram(taken, webhookSecret)];
}
