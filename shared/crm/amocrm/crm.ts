import type {
  CallSnapshot,
  ConnectionReport,
  CrmAdapter,
  DeliveryResult,
  DeliveryStep,
} from '../crm.ts';
import { VendorFailure } from '../failure.ts';
import { deliverChat } from './chats.ts';
import { type Ask, createAsk } from './client.ts';
import { addressOf, AmocrmConfig } from './config.ts';
import { logCall, userIdOf } from './log-call.ts';
import { findOwner, listPeople } from './people.ts';
import { Anything } from './schema.ts';
import type { Context } from './tokens.ts';

const UNKNOWN_NUMBER = 'Номер не определён: amoCRM не принимает звонки без номера';
/** Whether a pop-up of this call went out. */
const POP_UP_MEMORY = 'popup';
/** A step's usual requests; see `rate`. */
const QUICK_REQUESTS = 2;

/** amoCRM and Kommo, API v4 (pop-ups: v2). */
export const amocrm = createAmocrm();

/** `pauseMs` is an argument so that no test waits. */
export function createAmocrm({ pauseMs = 1_000 } = {}): CrmAdapter<AmocrmConfig> {
  return {
    type: 'amocrm',
    schema: AmocrmConfig,
    // amoCRM takes 7 requests in any second, and blocks who persists. In any second at most 1 + 2 steps begin with two
    // requests each, 6 together; the rare further ones (a renewal, a search) come a second apart.
    rate: { perSecond: 2, burst: 1 },
    account: ({ subdomain }) =>
      (addressOf(subdomain) ?? subdomain).replace(/^https?:\/\//, '').toLowerCase(),

    async deliver(step, call, context) {
      if (!call.phone) return { outcome: 'skipped', reason: UNKNOWN_NUMBER };
      const ask = createAsk(context, { quick: QUICK_REQUESTS, pauseMs });
      switch (step.step) {
        case 'dial':
          return showPopUp(step, call.phone, context, ask);
        case 'bridge':
          return { outcome: 'skipped', reason: 'amoCRM не различает начало разговора' };
        case 'hangup':
        case 'download':
          return logCall(
            { call, phone: call.phone, maybeApplied: step.maybeApplied },
            context,
            ask,
          );
        case 'recording':
          return {
            outcome: 'skipped',
            reason: 'Ссылка на запись отправляется в amoCRM вместе со звонком',
          };
      }
    },

    deliverChat: (step, chat, context) =>
      deliverChat(step, chat, context, createAsk(context, { quick: QUICK_REQUESTS, pauseMs })),

    findResponsible: (phone, context) => findOwner(phone, context, createAsk(context)),

    async test(context): Promise<ConnectionReport> {
      try {
        await createAsk(context)({ method: 'GET', path: '/api/v4/account', schema: Anything });
        return { ok: true };
      } catch (error) {
        if (!(error instanceof VendorFailure)) throw error;
        return { ok: false, problem: error.message, hint: hintFor(error) };
      }
    },

    listUsers: (context) => listPeople(createAsk(context)),
  };
}

/**
 * The card for those who ring and are known in amoCRM: without names it would open for the whole company. Every
 * request is a notification of its own, so a call gets one: later rounds say nothing.
 */
async function showPopUp(
  { extensions }: DeliveryStep,
  phone: NonNullable<CallSnapshot['phone']>,
  { users, memory }: Context,
  ask: Ask,
): Promise<DeliveryResult> {
  if ((await memory.read(POP_UP_MEMORY)) !== null)
    return { outcome: 'skipped', reason: 'Карточка этого звонка в amoCRM уже показана' };
  const ids = [...new Set(extensions.flatMap((extension) => userIdOf(users, extension) ?? []))];
  if (ids.length === 0) {
    const reason = 'Никому из тех, кому звонят, не сопоставлен пользователь amoCRM';
    return { outcome: 'skipped', reason };
  }
  try {
    await ask({
      method: 'POST',
      path: '/api/v2/events/',
      body: { add: [{ type: 'phone_call', phone_number: `+${phone}`, users: ids }] },
      schema: Anything,
    });
  } catch (error) {
    if (error instanceof VendorFailure && error.maybeApplied)
      await memory.write(POP_UP_MEMORY, 'maybe shown');
    throw error;
  }
  await memory.write(POP_UP_MEMORY, 'shown');
  return { outcome: 'delivered' };
}

function hintFor({ failureClass, timedOut, httpStatus }: VendorFailure): string {
  if (httpStatus === 402) return 'Оплатите amoCRM и повторите тест.';
  if (httpStatus === 403)
    return 'Проверьте в amoCRM, что интеграция включена и что адрес не заблокирован за частые запросы.';
  if (failureClass === 'auth')
    return 'Проверьте адрес и токен в настройках amoCRM («amoМаркет → Ваша интеграция → Ключи и доступы»).';
  if (failureClass === 'limit' || timedOut)
    return 'Попробуйте ещё раз через минуту; если не поможет, проверьте адрес.';
  return 'Проверьте адрес: он выглядит как https://demo.amocrm.ru.';
}
