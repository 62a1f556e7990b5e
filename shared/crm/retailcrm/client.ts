import type * as z from 'zod';

import { OutboundError } from '../../outbound.ts';
import type { CrmContext } from '../crm.ts';
import { VendorFailure } from '../failure.ts';
import type { RetailcrmConfig } from './config.ts';
import { Answer } from './schema.ts';

type Call<Schema extends z.ZodType> = {
  method: 'GET' | 'POST';
  path: string;
  /** Form fields; a nested structure is one field that holds a JSON string. */
  form?: Record<string, object>;
  query?: Record<string, string>;
  schema: Schema;
};

export const NO_RIGHTS = 'У ключа API нет нужных прав';

/** Texts that mean: a person has to change something before anything works. */
const NEEDS_A_PERSON: [RegExp, string][] = [
  [/wrong "apiKey"|"apiKey" is missing/i, 'Ключ API неверный'],
  [/access denied/i, NO_RIGHTS],
  [/account does not exist/i, 'Такого аккаунта RetailCRM нет: проверьте адрес'],
  [
    /telephony not enabled/i,
    'Телефония не подключена в RetailCRM: сохраните настройки интеграции ещё раз',
  ],
];

/**
 * One request to RetailCRM's API v5: key in a header, body as a form, answer as JSON.
 * Limits answer 503 or 429; a wrong sub-domain may answer with an HTML page.
 * @throws VendorFailure
 */
export async function callRetailcrm<Schema extends z.ZodType>(
  { config, send }: Pick<CrmContext<RetailcrmConfig>, 'config' | 'send'>,
  { method, path, form, query, schema }: Call<Schema>,
): Promise<z.output<Schema>> {
  const url = new URL(`${config.api_url}${path}`);
  for (const [name, value] of Object.entries(query ?? {})) url.searchParams.set(name, value);

  const answer = await send({
    method,
    url: url.href,
    headers: {
      accept: 'application/json',
      'x-api-key': config.api_key,
      ...(form && { 'content-type': 'application/x-www-form-urlencoded' }),
    },
    ...(form && { body: toForm(form) }),
  }).catch((error: unknown) => {
    throw toFailure(error);
  });

  const httpStatus = answer.status;
  if (httpStatus === 503 || httpStatus === 429) {
    const retryAfterSeconds = Number(answer.headers['retry-after']) || undefined;
    throw new VendorFailure('limit', 'RetailCRM ограничила частоту запросов', {
      httpStatus,
      retryAfterSeconds,
    });
  }
  const body = Answer.safeParse(parseJson(answer.text));
  if (!body.success) {
    const maybeApplied = httpStatus < 400;
    throw new VendorFailure('retry', 'RetailCRM ответила не в формате JSON', {
      httpStatus,
      maybeApplied,
    });
  }
  if (body.data.success === true) return readAnswer(schema, body.data, httpStatus);
  throw refusal(body.data, httpStatus);
}

function toForm(form: Record<string, object>): string {
  const body = new URLSearchParams();
  for (const [name, value] of Object.entries(form)) body.set(name, JSON.stringify(value));
  return body.toString();
}

function readAnswer<Schema extends z.ZodType>(
  schema: Schema,
  body: unknown,
  httpStatus: number,
): z.output<Schema> {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  throw new VendorFailure('permanent', 'RetailCRM ответила в неизвестном виде', {
    httpStatus,
    cause: parsed.error,
  });
}

function refusal({ errorMsg = '', errors }: Answer, httpStatus: number): VendorFailure {
  const known = NEEDS_A_PERSON.find(([pattern]) => pattern.test(errorMsg));
  if (known) return new VendorFailure('auth', known[1], { httpStatus });
  if (httpStatus === 402)
    return new VendorFailure('auth', 'Аккаунт RetailCRM не оплачен', { httpStatus });
  if (httpStatus === 403)
    return new VendorFailure('auth', `RetailCRM запретила доступ: ${errorMsg}`, { httpStatus });
  if (httpStatus >= 500)
    return new VendorFailure('retry', `Ошибка на стороне RetailCRM (${httpStatus})`, {
      httpStatus,
    });
  return new VendorFailure(
    'permanent',
    `RetailCRM отклонила запрос: ${describe(errorMsg, errors)}`,
    { httpStatus },
  );
}

function describe(errorMsg: string, errors: Answer['errors']): string {
  if (!errors) return errorMsg || 'без объяснения';
  const fields = Array.isArray(errors)
    ? errors.map(asText)
    : Object.entries(errors).map(([field, message]) => `${field}: ${asText(message)}`);
  return [errorMsg, ...fields].filter(Boolean).join('; ');
}

function asText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function toFailure(error: unknown): unknown {
  if (!(error instanceof OutboundError)) return error;
  if (error.kind === 'refused_address') {
    return new VendorFailure('auth', 'Адрес RetailCRM недопустим: нужен публичный адрес https', {
      cause: error,
    });
  }
  const timedOut = error.kind === 'timeout';
  const message = timedOut ? 'RetailCRM не ответила вовремя' : 'Нет связи с RetailCRM';
  return new VendorFailure('retry', message, { cause: error, timedOut, maybeApplied: error.sent });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
