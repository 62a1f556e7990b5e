import { createHash, randomUUID } from 'node:crypto';

import type { CallStep } from '../crm.schema.ts';
import type {
  CallSnapshot,
  ConnectionReport,
  CrmAdapter,
  CrmContext,
  DeliveryStep,
} from '../crm.ts';
import { VendorFailure } from '../failure.ts';
import { chatBody } from './chat-body.ts';
import { post } from './client.ts';
import { CHAT_EVENT, WebhookConfig, type WebhookEvent } from './config.ts';

type Context = CrmContext<WebhookConfig>;

const EVENT: Record<CallStep, WebhookEvent> = {
  dial: 'call.ringing',
  bridge: 'call.answered',
  hangup: 'call.ended',
  recording: 'call.recording',
  download: 'call.ended',
};

/** Signed JSON to an address of the enterprise's own, as the Standard Webhooks describe it. */
export const webhook: CrmAdapter<WebhookConfig> = {
  type: 'webhook',
  schema: WebhookConfig,
  rate: { perSecond: 10, burst: 20 },
  // The path may hold a token, so only its trace is kept; hosts that serve thousands of companies are not one account.
  account: ({ url }) =>
    `${new URL(url).host}:${createHash('sha256').update(url).digest('hex').slice(0, 12)}`,

  async deliver(step, call, context) {
    const type = EVENT[step.step];
    if (!context.config.events.includes(type))
      return { outcome: 'skipped', reason: `Событие ${type} не выбрано в настройках` };
    await post(context, {
      id: `msg_${step.id ?? `${call.id}_${step.step}`}`,
      body: JSON.stringify(bodyOf(type, step, call, context)),
    });
    return { outcome: 'delivered' };
  },

  async deliverChat({ id, step, dueAt }, chat, context) {
    const type = CHAT_EVENT[step];
    // Chosen when it came to be owed, and not any more.
    if (!context.config.events.includes(type))
      return { outcome: 'skipped', reason: `Событие ${type} не выбрано в настройках` };
    const body = JSON.stringify({
      type,
      timestamp: dueAt.toISOString(),
      data: chatBody(step, chat),
    });
    await post(context, { id: `msg_${id}`, body });
    return { outcome: 'delivered' };
  },

  /** Nobody is asked: the address only listens. */
  findResponsible: async () => null,

  async test(context): Promise<ConnectionReport> {
    const body = JSON.stringify({ type: 'test', timestamp: new Date().toISOString(), data: {} });
    try {
      await post(context, { id: `msg_test_${randomUUID()}`, body });
      return { ok: true };
    } catch (error) {
      if (!(error instanceof VendorFailure)) throw error;
      return { ok: false, problem: error.message, hint: hintFor(error) };
    }
  },
};

function bodyOf(type: WebhookEvent, step: DeliveryStep, call: CallSnapshot, { config }: Context) {
  const direct = config.direct_link_hours !== undefined;
  const link = direct ? call.recordingDirectUrl : call.recordingUrl;
  return {
    type,
    timestamp: momentOf(type, step, call).toISOString(),
    data: {
      call_id: call.mainUniqueId,
      enterprise_number: call.enterpriseNumber ?? null,
      direction: call.direction,
      phone: call.phone,
      line: call.line,
      extension: extensionOf(type, step, call),
      status: call.status,
      started_at: call.startedAt.toISOString(),
      talk_seconds: call.talkSeconds,
      recording_url: link ?? null,
      expires_at: (link && direct && call.recordingDirectUntil?.toISOString()) || null,
      late: step.step === 'download',
    },
  };
}

/** When it happened, so that a repeat says the same. */
function momentOf(type: WebhookEvent, { dueAt }: DeliveryStep, call: CallSnapshot): Date {
  if (type === 'call.ended') return call.endedAt ?? dueAt ?? call.startedAt;
  return dueAt ?? call.startedAt;
}

/** Who rings or talks; of an ended call who talked last, else the only one who rang: a group's missed call is nobody's. */
function extensionOf(
  type: WebhookEvent,
  { extensions }: DeliveryStep,
  { lastTalkedBy, rang }: CallSnapshot,
): string | null {
  const now = type === 'call.ringing' || type === 'call.answered' ? extensions[0] : undefined;
  return now ?? lastTalkedBy ?? (rang.length === 1 ? rang[0] : undefined) ?? null;
}

function hintFor({ failureClass, timedOut, httpStatus }: VendorFailure): string {
  if (httpStatus === 401 || httpStatus === 403)
    return 'Проверьте, что получатель проверяет подпись с этим же секретом.';
  if (failureClass === 'auth') return 'Проверьте адрес получателя.';
  if (failureClass === 'limit' || timedOut)
    return 'Попробуйте ещё раз через минуту; если не поможет, проверьте получателя.';
  return 'Проверьте адрес и журнал получателя: на любое событие он должен отвечать кодом 2xx.';
}
