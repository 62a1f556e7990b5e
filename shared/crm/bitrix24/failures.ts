import { OutboundError } from '../../outbound.ts';
import { VendorFailure } from '../failure.ts';

/** An error that Bitrix24 named, of one method. */
export type Refused = {
  /** May be empty. */
  code: string;
  text: string;
  httpStatus?: number | undefined;
  /** How long the method stays blocked. */
  resetSeconds?: number | undefined;
};

/** Codes that mean: a person has to change something before anything works. The status says less: 503 is both. */
const NEEDS_A_PERSON: Record<string, string> = {
  INVALID_CREDENTIALS: 'Вебхук Bitrix24 неверный или удалён',
  NO_AUTH_FOUND: 'Вебхук Bitrix24 неверный или удалён',
  EXPIRED_TOKEN: 'Срок действия вебхука Bitrix24 истёк',
  INVALID_REQUEST: 'Bitrix24 принимает запросы только по https',
  INSUFFICIENT_SCOPE: 'У вебхука Bitrix24 нет нужных прав: telephony, crm, user',
  ACCESS_DENIED:
    'Bitrix24 запретил доступ: REST на этом тарифе недоступен или у владельца вебхука нет прав',
  USER_ACCESS_ERROR: 'Владельцу вебхука закрыт доступ к Bitrix24',
  WRONG_AUTH_TYPE:
    'Этот портал Bitrix24 не разрешает вебхуку вести звонки: ему нужно локальное приложение. Вебхук для этого не подходит',
  ERROR_METHOD_NOT_FOUND:
    'Bitrix24 не знает такого метода: проверьте адрес вебхука и телефонию портала',
  OVERLOAD_LIMIT:
    'Bitrix24 заблокировал запросы портала из-за перегрузки: обратитесь в его поддержку',
  PORTAL_DELETED: 'Портал Bitrix24 удалён',
};

/** What an error of Bitrix24 means for us. */
export function toFailure({ code, text, httpStatus, resetSeconds }: Refused): VendorFailure {
  const known = code.toUpperCase();
  if (
    known === 'QUERY_LIMIT_EXCEEDED' ||
    (httpStatus === 429 && known !== 'OPERATION_TIME_LIMIT')
  ) {
    return new VendorFailure('limit', 'Bitrix24 ограничил частоту запросов', { httpStatus });
  }
  if (known === 'OPERATION_TIME_LIMIT') {
    return new VendorFailure('limit', 'Bitrix24 приостановил метод: исчерпано время его работы', {
      httpStatus,
      retryAfterSeconds: resetSeconds,
    });
  }
  const needsAPerson = NEEDS_A_PERSON[known];
  if (needsAPerson) return new VendorFailure('auth', needsAPerson, { httpStatus });
  if (httpStatus === 401 || httpStatus === 402 || httpStatus === 403) {
    return new VendorFailure('auth', `Bitrix24 запретил доступ: ${text || code}`, { httpStatus });
  }
  if (isPassing(known, text, httpStatus)) {
    return new VendorFailure('retry', `Ошибка на стороне Bitrix24: ${text || code}`, {
      httpStatus,
    });
  }
  return new VendorFailure(
    'permanent',
    `Bitrix24 отклонил запрос: ${text || code || 'без объяснения'}`,
    {
      httpStatus,
    },
  );
}

/** A call that is not finished yet and a link that did not answer are texts without a code of their own. */
function isPassing(code: string, text: string, httpStatus = 0): boolean {
  return (
    httpStatus >= 500 ||
    code === 'INTERNAL_SERVER_ERROR' ||
    code === 'ERROR_UNEXPECTED_ANSWER' ||
    /^(Unexpected database error|Server returns HTTP error code|Call is not found in the statistic)/.test(
      text,
    )
  );
}

/** Nobody has this extension, or he has left: somebody else can be named. */
export function isUnknownUser({ text }: Refused): boolean {
  return /^(USER_ID or USER_PHONE_INNER should be set|User is not found or is not active)/.test(
    text,
  );
}

/** The call was finished before, or never registered. The text has no closing bracket on some portals. */
export function isUnknownCall({ text }: Refused): boolean {
  return text.startsWith('Call is not found (call should be registered prior');
}

/** The webhook may not ask this, though it may do other things. */
export function isForbidden({ code }: Refused): boolean {
  return /^(ACCESS_DENIED|insufficient_scope)$/i.test(code);
}

export function notJson(httpStatus: number): VendorFailure {
  // Behind a gateway that gave up waiting the work may have been done.
  const maybeApplied = httpStatus < 400 || httpStatus === 502 || httpStatus === 504;
  return new VendorFailure('retry', 'Bitrix24 ответил не в формате JSON', {
    httpStatus,
    maybeApplied,
  });
}

export function unknownAnswer(cause: unknown): VendorFailure {
  return new VendorFailure('permanent', 'Bitrix24 ответил в неизвестном виде', { cause });
}

export function noAnswer(error: unknown): unknown {
  if (!(error instanceof OutboundError)) return error;
  if (error.kind === 'refused_address') {
    return new VendorFailure('auth', 'Адрес Bitrix24 недопустим: нужен публичный адрес https', {
      cause: error,
    });
  }
  const timedOut = error.kind === 'timeout';
  const message = timedOut ? 'Bitrix24 не ответил вовремя' : 'Нет связи с Bitrix24';
  return new VendorFailure('retry', message, { cause: error, timedOut, maybeApplied: error.sent });
}
