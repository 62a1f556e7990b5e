import * as z from 'zod';

import type { CallStatus } from '../../calls/call.ts';
import { formatInZone } from '../../zoned-time.ts';
import type {
  CallSnapshot,
  ConnectionReport,
  CrmAdapter,
  CrmContext,
  DeliveryResult,
} from '../crm.ts';
import { VendorFailure } from '../failure.ts';
import { deliverChat } from './chats.ts';
import { callRetailcrm } from './client.ts';
import { RetailcrmConfig } from './config.ts';
import { findManager, listUsers } from './people.ts';
import { CallEventAnswer, CredentialsAnswer } from './schema.ts';

type Context = CrmContext<RetailcrmConfig>;

const MODULE_CODE = 'trunkline';
const UNKNOWN_NUMBER = 'Номер не определён: RetailCRM не принимает звонки без номера';

/** "no answered" in the event, "no answer" in the upload, and "cancel" only in the event: the vendor's spelling. */
const HANGUP_STATUS: Partial<Record<CallStatus, string>> = {
  answered: 'answered',
  lost_in_transfer: 'answered',
  missed: 'no answered',
  abandoned: 'cancel',
  no_answer: 'no answered',
  busy: 'busy',
  failed: 'failed',
};
const UPLOAD_RESULT: Partial<Record<CallStatus, string>> = {
  answered: 'answered',
  lost_in_transfer: 'answered',
  missed: 'no answer',
  abandoned: 'no answer',
  no_answer: 'no answer',
  busy: 'busy',
  failed: 'failed',
};

/** RetailCRM, API v5. Facts and sources: the vendor's PHP client (models, enums) and Go client (limits). */
export const retailcrm: CrmAdapter<RetailcrmConfig> = {
  type: 'retailcrm',
  schema: RetailcrmConfig,
  // 40 a second in any window; a step is at most two requests, and a burst adds to the refill.
  rate: { perSecond: 10, burst: 10 },
  account: ({ api_url }) => new URL(api_url).host + new URL(api_url).pathname,

  async deliver(step, call, context): Promise<DeliveryResult> {
    if (!call.phone) return { outcome: 'skipped', reason: UNKNOWN_NUMBER };
    switch (step.step) {
      case 'dial':
        return sendCallEvent(context, call.phone, {
          type: call.direction,
          codes: step.extensions,
          callExternalId: call.mainUniqueId,
        });
      case 'bridge':
        return { outcome: 'skipped', reason: 'RetailCRM не различает начало разговора' };
      case 'hangup':
        await closeCard(call.phone, call, context);
        return upload(call.phone, call, context);
      case 'recording':
      case 'download':
        return upload(call.phone, call, context, call.recordingUrl);
    }
  },

  deliverChat,
  findResponsible: findManager,

  async test(context): Promise<ConnectionReport> {
    try {
      const { scopes, credentials } = await callRetailcrm(context, {
        method: 'GET',
        path: '/api/credentials',
        schema: CredentialsAnswer,
      });
      const rights = [...scopes, ...credentials];
      if (rights.length === 0 || rights.some((right) => /telephony/i.test(right)))
        return { ok: true };
      return {
        ok: false,
        problem: 'У ключа API нет прав на телефонию',
        hint: 'Откройте в RetailCRM настройки ключа и разрешите методы телефонии.',
      };
    } catch (error) {
      if (!(error instanceof VendorFailure)) throw error;
      return { ok: false, problem: error.message, hint: hintFor(error) };
    }
  },

  listUsers,
  /** Without an active module with telephony RetailCRM refuses calls. */
  register: (context) => editModule(context, true),
  unregister: (context) => editModule(context, false),
};

/** Sent without the codes it forgets the map of extensions, so an inactive module has them too. */
async function editModule(context: Context, active: boolean): Promise<void> {
  const { config, publicUrl, users } = context;
  const additionalCodes = [...users].map(([code, userId]) => ({ userId: Number(userId), code }));
  await callRetailcrm(context, {
    method: 'POST',
    path: `/api/v5/integration-modules/${MODULE_CODE}/edit`,
    form: {
      integrationModule: {
        code: MODULE_CODE,
        integrationCode: MODULE_CODE,
        active,
        name: 'Trunkline',
        baseUrl: publicUrl,
        clientId: config.client_id,
        accountUrl: publicUrl,
        integrations: {
          telephony: {
            makeCallUrl: `${publicUrl}/api/crm/retailcrm/make-call`,
            changeUserStatusUrl: `${publicUrl}/api/crm/retailcrm/user-status`,
            allowEdit: false,
            inputEventSupported: true,
            outputEventSupported: true,
            hangupEventSupported: true,
            additionalCodes,
          },
        },
      },
    },
    schema: z.object({}),
  });
}

async function sendCallEvent(
  context: Context,
  phone: string,
  event: object,
): Promise<DeliveryResult> {
  const { notExistCodes } = await callRetailcrm(context, {
    method: 'POST',
    path: '/api/v5/telephony/call/event',
    form: { event: { phone: `+${phone}`, ...event } },
    schema: CallEventAnswer,
  });
  if (notExistCodes.length === 0) return { outcome: 'delivered' };
  return {
    outcome: 'delivered',
    note: `RetailCRM не знает внутренних номеров: ${notExistCodes.join(', ')}`,
  };
}

/** Nobody rang means that no card is open. */
async function closeCard(phone: string, call: CallSnapshot, context: Context): Promise<void> {
  if (call.rang.length === 0) return;
  await sendCallEvent(context, phone, {
    type: 'hangup',
    codes: call.rang,
    hangupStatus: HANGUP_STATUS[call.status] ?? 'failed',
    callExternalId: call.mainUniqueId,
  });
}

/** The journal entry. Repeats are told apart by `externalId` and answered as duplicates: a success. */
async function upload(
  phone: string,
  call: CallSnapshot,
  context: Context,
  recordUrl?: string,
): Promise<DeliveryResult> {
  await callRetailcrm(context, {
    method: 'POST',
    path: '/api/v5/telephony/calls/upload',
    form: {
      calls: [
        {
          // `Y-m-d H:i:s` without an offset; the enterprise's own time is what its managers expect to read.
          date: formatInZone(call.startedAt, call.timezone),
          type: call.direction,
          phone,
          ...whoseCall(call),
          result: UPLOAD_RESULT[call.status] ?? 'unknown',
          duration: call.talkSeconds ?? 0,
          durationWaiting: call.waitSeconds ?? 0,
          externalId: call.mainUniqueId,
          ...(recordUrl && { recordUrl }),
        },
      ],
    },
    schema: z.object({}),
  });
  return { outcome: 'delivered' };
}

/**
 * Who answers for the call: who talked last, else the only one who rang. A missed call of a whole group is nobody's:
 * giving it to the first of them would blame the wrong person. The CRM finds its user by the registered codes.
 */
function whoseCall({ lastTalkedBy, rang }: CallSnapshot) {
  const code = lastTalkedBy ?? (rang.length === 1 ? rang[0] : undefined);
  return code ? { code } : {};
}

function hintFor({ failureClass, timedOut }: VendorFailure): string {
  if (failureClass === 'auth')
    return 'Проверьте адрес и ключ API в настройках RetailCRM («Интеграция → Ключи доступа к API»).';
  if (timedOut) return 'Попробуйте ещё раз через минуту; если не поможет, проверьте адрес.';
  return 'Проверьте адрес: он выглядит как https://demo.retailcrm.ru.';
}
