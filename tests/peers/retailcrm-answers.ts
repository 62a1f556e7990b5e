import type * as z from 'zod';

import type { Body } from './body.ts';
import { type Answer, Refusal } from './peer.ts';
import { toFieldErrors } from './retailcrm-formats.ts';

export function ok(body: object, warnings: string[] = []): Answer {
  return { status: 200, body: { success: true, ...body }, warnings };
}

export function refuse(status: number, errorMsg: string): Answer & { refused: string } {
  return { status, body: { success: false, errorMsg }, refused: errorMsg };
}

export function refusal(status: number, errorMsg: string): Refusal {
  return new Refusal(refuse(status, errorMsg));
}

/** The vendor answers this with HTTP 200 and the *string* "false", seen in its own client's tests. */
export function disabled(errorMsg: string): Answer {
  return { status: 200, body: { success: 'false', errorMsg }, refused: errorMsg };
}

export function invalid(errorMsg: string, errors: Record<string, string> | string[]): Answer {
  const refused = `${errorMsg}: ${JSON.stringify(errors)}`;
  return { status: 400, body: { success: false, errorMsg, errors }, refused };
}

type Problems = ReturnType<typeof toFieldErrors>;

// The vendor sends `errors` in both shapes; one method here uses one, another the other.
export function toMap(problems: Problems): Record<string, string> {
  return Object.fromEntries(problems.map(({ path, message }) => [path, message]));
}

export function toList(problems: Problems): string[] {
  return problems.map(({ path, message }) => (path ? `${path}: ${message}` : message));
}

/** One form field holding one JSON text: anything else is what real integrations stumble over. */
export function readField<Schema extends z.ZodType>(
  body: Body,
  name: string,
  schema: Schema,
):
  | { value: z.output<Schema>; problems?: undefined }
  | { value?: undefined; problems: ReturnType<typeof toFieldErrors> } {
  if (body.kind === 'form' && body.nested.has(name)) {
    throw refusal(400, `Input value "${name}" contains a non-scalar value`);
  }
  const field = body.kind === 'form' ? body.fields.get(name) : undefined;
  if (!field) throw refusal(400, `Parameter '${name}' is missing`);
  let value: unknown;
  try {
    value = JSON.parse(field);
  } catch {
    throw refusal(400, 'Errors in the entity format');
  }
  const result = schema.safeParse(value);
  return result.success ? { value: result.data } : { problems: toFieldErrors(result.error) };
}
