import { OutboundError } from '../../outbound.ts';
import type { CrmTools } from '../crm.ts';
import { VendorFailure } from '../failure.ts';
import type { WebhookConfig } from './config.ts';
import { signatureHeaders } from './signature.ts';

/** Nobody means more than a day; a delivery must not be lost because somebody wrote milliseconds. */
const LONGEST_WAIT_SECONDS = 86_400;

/**
 * Posts one signed body. Any 2xx is a success, whatever it says.
 * @throws VendorFailure
 */
export async function post(
  { config, send }: Pick<CrmTools, 'send'> & { config: WebhookConfig },
  { id, body, at = new Date() }: { id: string; body: string; at?: Date | undefined },
): Promise<void> {
  const { status, headers } = await send({
    method: 'POST',
    url: config.url,
    headers: {
      'content-type': 'application/json',
      'user-agent': 'Trunkline',
      ...signatureHeaders(config, { id, body, at }),
    },
    body,
  }).catch((error: unknown) => {
    throw noAnswer(error);
  });
  if (status >= 200 && status < 300) return;
  throw refusal(status, secondsOf(headers['retry-after'], at));
}

function refusal(httpStatus: number, retryAfterSeconds: number | undefined): VendorFailure {
  const details = { httpStatus };
  switch (httpStatus) {
    case 410:
      return new VendorFailure('auth', 'Получатель больше не принимает события (410)', details);
    case 401:
    case 402:
    case 403:
      return new VendorFailure('auth', `Получатель запретил доступ (${httpStatus})`, details);
    case 429:
    case 503:
      return new VendorFailure('limit', `Получатель просит подождать (${httpStatus})`, {
        httpStatus,
        retryAfterSeconds,
      });
    case 408:
    case 425:
      return new VendorFailure('retry', `Получатель не успел ответить (${httpStatus})`, details);
  }
  // What has moved is not followed: whoever controls the old address must not name the new one.
  if (httpStatus >= 300 && httpStatus < 400)
    return new VendorFailure('auth', `Получатель переехал (${httpStatus}): укажите новый адрес`, {
      httpStatus,
    });
  if (httpStatus >= 500)
    return new VendorFailure('retry', `Ошибка на стороне получателя (${httpStatus})`, details);
  return new VendorFailure('permanent', `Получатель отклонил событие (${httpStatus})`, details);
}

/** Seconds, or a date. */
function secondsOf(retryAfter: string | undefined, now: Date): number | undefined {
  if (!retryAfter) return undefined;
  const seconds = /^\d+$/.test(retryAfter)
    ? Number(retryAfter)
    : (Date.parse(retryAfter) - now.getTime()) / 1000;
  return seconds > 0 ? Math.min(Math.ceil(seconds), LONGEST_WAIT_SECONDS) : undefined;
}

function noAnswer(error: unknown): unknown {
  if (!(error instanceof OutboundError)) return error;
  if (error.kind === 'refused_address') {
    return new VendorFailure('auth', 'Адрес получателя недопустим: нужен публичный адрес https', {
      cause: error,
    });
  }
  const timedOut = error.kind === 'timeout';
  const message = timedOut ? 'Получатель не ответил вовремя' : 'Нет связи с получателем';
  return new VendorFailure('retry', message, { cause: error, timedOut, maybeApplied: error.sent });
}
