import type { Pool } from '../db.ts';
import { log } from '../lambda/log.ts';
import type { createOriginate } from '../originates/originate.ts';
import { tryToPlace } from '../originates/say-why.ts';
import { formatPhone } from '../phone.ts';
import type { SecretBox } from '../secrets.ts';
import type { TelegramBot } from './bot.ts';
import type { Update } from './press.schema.ts';
import { bindExtension, findPressed, keepUpdate } from './press.sql.ts';
import { escapeHtml } from './render.ts';

type Dependencies = {
  db: Pool;
  secrets: Pick<SecretBox, 'open'>;
  bot: (token: string) => Pick<TelegramBot, 'answer' | 'send'>;
  originate: ReturnType<typeof createOriginate>;
};

/** `call_back:<call>`, and with the extension that somebody chose for himself. */
export const CALL_BACK = /^call_back:([0-9a-f-]{36})(?::([0-9*#]{1,10}))?$/;
const MOST_BUTTONS = 8;

/**
 * A button below a missed call: rings the presser's own extension and connects the client. Who is not known by a
 * number yet chooses among those that rang, once. The chat is what authorises: the data names a call only.
 */
export function createPress({ db, secrets, bot, originate }: Dependencies) {
  return async function press(enterpriseNumber: string, update: Update): Promise<void> {
    const { callback_query: query } = update;
    const [, callId, chosen] = CALL_BACK.exec(query?.data ?? '') ?? [];
    const chatId = query?.message?.chat.id;
    if (!query || callId === undefined || chatId === undefined) return;
    if (!(await keepUpdate(db, enterpriseNumber, update.update_id))) return;
    const telegramId = query.from.id;
    const pressed = await findPressed(db, { enterpriseNumber, chatId, callId, telegramId });
    if (!pressed) {
      log.warn('press of a stranger', { enterpriseNumber });
      return;
    }
    const { phone, rang, extensions, own } = pressed;
    const { answer, send } = bot(secrets.open(pressed.botToken));
    if (phone === null) return void (await answer(query.id, 'Номер не определён'));

    const mine = chosen ?? own;
    if (mine === null || mine === undefined) {
      const known = rang.filter((extension) => extensions.includes(extension));
      const offered = (known.length > 0 ? known : extensions).slice(0, MOST_BUTTONS);
      const buttons = offered.map((extension) => ({
        text: extension,
        callbackData: `call_back:${callId}:${extension}`,
      }));
      const text =
        'Кто перезванивает? Выберите свой внутренний номер, в следующий раз спрашивать не буду.';
      await Promise.all([
        answer(query.id, 'Выберите свой внутренний номер'),
        send(String(chatId), { text, buttons }),
      ]);
      return;
    }
    if (chosen !== undefined) {
      if (!extensions.includes(chosen)) return void (await answer(query.id, 'Такого номера нет'));
      await bindExtension(db, enterpriseNumber, { extension: chosen, telegramId });
    }
    // The box may take its time; the button must not spin so long.
    const [, result] = await Promise.all([
      answer(query.id, `Звоню: ${mine} ➡️ ${formatPhone(phone)}`),
      tryToPlace(originate, { enterpriseNumber, extension: mine, phone, source: 'telegram' }),
    ]);
    if (result.placed) return;
    const text = escapeHtml(`❌ Перезвонить на ${formatPhone(phone)} не удалось. ${result.why}`);
    await send(String(chatId), { text });
  };
}
