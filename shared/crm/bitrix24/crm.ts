import type { ConnectionReport, CrmAdapter, CrmContext } from '../crm.ts';
import { VendorFailure } from '../failure.ts';
import { arrangeCards } from './cards.ts';
import { deliverChat } from './chats.ts';
import { call, read, refusalOf, run } from './client.ts';
import { Bitrix24Config, portalOf } from './config.ts';
import { isUnknownCall, toFailure } from './failures.ts';
import { enterCall, enterDownloaded, enterRecording } from './journal.ts';
import { findResponsible, listUsers } from './people.ts';
import { Profile, Scopes, Users } from './schema.ts';

type Context = CrmContext<Bitrix24Config>;

const UNKNOWN_NUMBER = 'Номер не определён: Bitrix24 не принимает звонки без номера';
const NEEDED = ['telephony', 'crm'];
const NEEDED_FOR_USERS = ['user', 'user_basic'];
const NO_SUCH_CALL = 'trunkline-connection-test';

/** Bitrix24 by an inbound webhook. Facts and sources: the vendor's REST documentation and product source. */
export const bitrix24: CrmAdapter<Bitrix24Config> = {
  type: 'bitrix24',
  schema: Bitrix24Config,
  // The portal takes 50 requests at once and 2 a second; a step is one or two. What is left serves the rare third.
  rate: { perSecond: 1, burst: 20 },
  account: portalOf,

  async deliver(step, snapshot, context) {
    const { phone } = snapshot;
    if (!phone) return { outcome: 'skipped', reason: UNKNOWN_NUMBER };
    const numbered = { ...snapshot, phone };
    switch (step.step) {
      case 'dial':
      case 'bridge':
        return arrangeCards(step.extensions, numbered, context);
      case 'hangup':
        return enterCall(step, numbered, context);
      case 'recording':
        return enterRecording(numbered, context);
      case 'download':
        return enterDownloaded(step, numbered, context);
    }
  },

  deliverChat,
  findResponsible,
  listUsers,

  async test(context): Promise<ConnectionReport> {
    try {
      return await examine(context);
    } catch (error) {
      if (!(error instanceof VendorFailure)) throw error;
      return { ok: false, problem: error.message, hint: hintFor(error) };
    }
  },
};

/** The webhook, its rights, the configured user, and whether a webhook may finish calls on this portal at all. */
async function examine(context: Context): Promise<ConnectionReport> {
  const { config } = context;
  const owner = await call(context, 'profile', {}, Profile);
  if (owner.ID === undefined) {
    return {
      ok: false,
      problem: 'Владелец вебхука Bitrix24 неактивен',
      hint: 'Создайте входящий вебхук от имени работающего сотрудника.',
    };
  }
  const replies = await run(
    context,
    {
      scope: { method: 'scope', params: {} },
      user: { method: 'user.get', params: { ID: config.user_id } },
      // Refused for its unknown call, where webhooks may work; nothing changes.
      finish: {
        method: 'telephony.externalcall.finish',
        params: { CALL_ID: NO_SUCH_CALL, USER_ID: Number(config.user_id) },
      },
    },
    { halt: false },
  );
  const scopes = read(replies.scope, Scopes);
  const missing = NEEDED.filter((scope) => !scopes.includes(scope));
  if (!NEEDED_FOR_USERS.some((scope) => scopes.includes(scope))) missing.push('user');
  if (missing.length > 0) {
    return {
      ok: false,
      problem: `У вебхука Bitrix24 нет прав: ${missing.join(', ')}`,
      hint: 'Откройте вебхук в Bitrix24 («Разработчикам → Другое → Входящий вебхук») и добавьте эти права.',
    };
  }
  const user = read(replies.user, Users).find(({ ID }) => ID === config.user_id);
  if (!user || [false, 'N', 'false'].includes(user.ACTIVE ?? true)) {
    return {
      ok: false,
      problem: `В Bitrix24 нет работающего сотрудника с номером ${config.user_id}`,
      hint: 'Номер сотрудника виден в адресе его профиля: /company/personal/user/1/.',
    };
  }
  const refused = refusalOf(replies.finish);
  if (refused && !isUnknownCall(refused)) throw toFailure(refused);
  return { ok: true };
}

function hintFor({ failureClass, timedOut, message }: VendorFailure): string {
  if (message.includes('приложение')) {
    return 'Попросите администратора Bitrix24 включить телефонию для вебхуков или обратитесь к нам.';
  }
  if (failureClass === 'auth') {
    return 'Создайте входящий вебхук заново («Разработчикам → Другое → Входящий вебхук») и вставьте его адрес.';
  }
  if (timedOut) return 'Попробуйте ещё раз через минуту; если не поможет, проверьте адрес.';
  return 'Проверьте адрес: он выглядит как https://demo.bitrix24.ru/rest/1/…/.';
}
