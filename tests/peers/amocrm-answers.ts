import type * as z from 'zod';

import { type Answer, Refusal } from './peer.ts';

const HAL = { 'content-type': 'application/hal+json' };
const PROBLEM = { 'content-type': 'application/problem+json' };

/** One thing that is wrong with one field, in the vendor's words. */
export type FieldError = { code: string; path: string; detail: string };

export function ok(body: unknown, { status = 200, warnings = [] as string[] } = {}): Answer {
  return { status, body, headers: HAL, warnings };
}

const NO_BODY = { body: '', headers: { 'content-type': 'text/plain' } };
/** "Nothing found" has no body at all. */
export const NOTHING: Answer = { status: 204, ...NO_BODY };

/** What the vendor sends along is not documented; here it is nothing. */
export function accepted(warnings: string[]): Answer {
  return { status: 202, ...NO_BODY, warnings };
}

export function problem(
  status: number,
  title: string,
  detail: string,
  rest: object = {},
): Answer & { refused: string } {
  const body = { title, type: `https://httpstatus.es/${status}`, status, detail, ...rest };
  return { status, body, headers: PROBLEM, refused: `${title}: ${detail}` };
}

/** Refusals of the token endpoint, as people have met them. */
export function tokenProblem(
  status: number,
  title: 'Некорректный запрос' | 'Некорректный клиент',
  hint?: string,
): Refusal {
  const detail =
    title === 'Некорректный клиент'
      ? 'Авторизация клиента не прошла'
      : 'В запросе отсутствует ряд параметров или параметры невалидны';
  const type = 'https://developers.amocrm.ru/v3/errors/OAuthProblemJson';
  const body = { ...(hint !== undefined && { hint }), title, type, status, detail };
  const refused = [title, hint].filter(Boolean).join(': ');
  return new Refusal({ status, body, headers: PROBLEM, refused });
}

/** Some refusals come from the servers in front, as pages. */
export function page(status: number, title: string, headers = {}): Answer & { refused: string } {
  const body = `<html>\n<head><title>${status} ${title}</title></head>\n<body><center><h1>${status} ${title}</h1></center><hr><center>nginx</center></body>\n</html>\n`;
  return { status, body, headers, refused: `${status} ${title}` };
}

export type Invalid = { requestId: string; errors: FieldError[] };

export function invalid(items: Invalid[]): Answer & { refused: string } {
  const answer = problem(400, 'Bad Request', 'Request validation failed', {
    'validation-errors': items.map(({ requestId, errors }) => ({ request_id: requestId, errors })),
  });
  const fields = items.flatMap(({ errors }) =>
    errors.map(({ path, detail }) => `${path}: ${detail}`),
  );
  return { ...answer, refused: `Request validation failed: ${fields.join('; ')}` };
}

/** The items of a top-level array, each checked; refused together when one is wrong. */
export function readItems<Schema extends z.ZodType>(
  value: unknown,
  schema: Schema,
  check: (item: z.output<Schema>) => FieldError[] = () => [],
): z.output<Schema>[] {
  if (!Array.isArray(value))
    throw new Refusal(invalid([whole('This value should be of type array.')]));
  if (value.length === 0)
    throw new Refusal(invalid([whole('This collection should not be empty.')]));
  if (value.length > 50) throw new Refusal(invalid([whole('This collection is too large.')]));
  const wrong: Invalid[] = [];
  const items = value.flatMap((item: unknown, index) => {
    const parsed = schema.safeParse(item);
    const errors = parsed.success ? check(parsed.data) : toFieldErrors(parsed.error);
    if (errors.length > 0) wrong.push({ requestId: requestIdOf(item, index), errors });
    return parsed.success ? [parsed.data] : [];
  });
  if (wrong.length > 0) throw new Refusal(invalid(wrong));
  return items;
}

export function requestIdOf(item: unknown, index: number): string {
  const given =
    item !== null && typeof item === 'object' && 'request_id' in item && item.request_id;
  return typeof given === 'string' ? given : String(index);
}

function whole(detail: string): Invalid {
  return { requestId: '0', errors: [{ code: 'InvalidType', path: '', detail }] };
}

export function toFieldErrors(error: z.ZodError): FieldError[] {
  return error.issues.flatMap((issue) => {
    const path = issue.path.join('.');
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => ({
        code: 'ExtraField',
        path: [...issue.path, key].join('.'),
        detail: 'This field was not expected.',
      }));
    }
    const choice = issue.code === 'invalid_value';
    const detail = choice ? 'The value you selected is not a valid choice.' : issue.message;
    return [{ code: choice ? 'NotSupportedChoice' : 'InvalidType', path, detail }];
  });
}
