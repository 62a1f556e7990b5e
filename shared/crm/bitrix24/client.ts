import type * as z from 'zod';

import type { CrmContext } from '../crm.ts';
import type { Bitrix24Config } from './config.ts';
import { noAnswer, notJson, type Refused, toFailure, unknownAnswer } from './failures.ts';
import { BatchResult, Refusal, Success } from './schema.ts';

export type Asking = Pick<CrmContext<Bitrix24Config>, 'config' | 'send'>;
type Value = string | number | boolean;
export type Params = { [name: string]: Value | Value[] | Params | Params[] | undefined };
export type Command = { method: string; params: Params };

/** What became of one command. */
export type Reply = { result: unknown; next?: number | undefined } | { refused: Refused };

/**
 * Several methods in one request, in order; one alone goes without the envelope. A later command may take from an
 * earlier one: `$result[name][FIELD]`. A command that was not reached is missing in the answer.
 * @throws VendorFailure when the request as a whole was not answered or was refused
 */
export async function run<Name extends string>(
  context: Asking,
  commands: Record<Name, Command | undefined>,
  { halt }: { halt: boolean },
): Promise<Partial<Record<Name, Reply>>> {
  const wanted = Object.entries<Command | undefined>(commands).flatMap(([name, command]) =>
    command ? [{ name: name as Name, command }] : [],
  );
  const [first, ...others] = wanted;
  const replies: Partial<Record<Name, Reply>> = {};
  if (!first) return replies;
  if (others.length === 0) {
    const reply = await ask(context, first.command);
    if ('refused' in reply && isOfThePortal(reply.refused)) throw toFailure(reply.refused);
    replies[first.name] = reply;
    return replies;
  }
  const cmd = Object.fromEntries(wanted.map(({ name, command }) => [name, toQuery(command)]));
  const whole = await call(context, 'batch', { halt: halt ? 1 : 0, cmd }, BatchResult);
  for (const { name } of wanted) {
    const refusal = Refusal.safeParse(whole.result_error[name]);
    if (refusal.success) replies[name] = { refused: toRefused(refusal.data) };
    else if (name in whole.result) replies[name] = { result: whole.result[name] };
  }
  return replies;
}

/**
 * One method.
 * @throws VendorFailure
 */
export async function call<Schema extends z.ZodType>(
  context: Asking,
  method: string,
  params: Params,
  schema: Schema,
): Promise<z.output<Schema>> {
  return read(await ask(context, { method, params }), schema);
}

/** A page of a list, and where the next one starts. */
export async function callPage<Schema extends z.ZodType>(
  context: Asking,
  command: Command,
  schema: Schema,
): Promise<{ rows: z.output<Schema>; next: number | undefined }> {
  const reply = await ask(context, command);
  return { rows: read(reply, schema), next: 'next' in reply ? reply.next : undefined };
}

/**
 * The result of a command that was reached.
 * @throws VendorFailure
 */
export function read<Schema extends z.ZodType>(
  reply: Reply | undefined,
  schema: Schema,
): z.output<Schema> {
  if (reply && 'refused' in reply) throw toFailure(reply.refused);
  const parsed = schema.safeParse(reply?.result);
  if (parsed.success) return parsed.data;
  throw unknownAnswer(parsed.error);
}

export function refusalOf(reply: Reply | undefined): Refused | undefined {
  return reply && 'refused' in reply ? reply.refused : undefined;
}

async function ask({ config, send }: Asking, { method, params }: Command): Promise<Reply> {
  const { status, text } = await send({
    method: 'POST',
    url: config.webhook_url + method,
    headers: { accept: 'application/json', 'content-type': 'application/json' },
    body: JSON.stringify(params),
  }).catch((error: unknown) => {
    throw noAnswer(error);
  });
  const body = parseJson(text);
  const refusal = Refusal.safeParse(body);
  if (refusal.success) return { refused: { ...toRefused(refusal.data), httpStatus: status } };
  const success = Success.safeParse(body);
  if (!success.success || !('result' in success.data)) throw notJson(status);
  return { result: success.data.result, next: success.data.next };
}

function toRefused({ error, error_description, time }: z.output<typeof Refusal>): Refused {
  const now = time?.finish ?? Date.now() / 1000;
  const reset = time?.operating_reset_at;
  return {
    code: error,
    text: error_description,
    resetSeconds: reset === undefined ? undefined : Math.max(1, Math.ceil(reset - now)),
  };
}

/** Refusals of the request as a whole: inside an envelope they would have hit the envelope. */
function isOfThePortal({ httpStatus = 0, code }: Refused): boolean {
  return httpStatus === 401 || httpStatus >= 500 || code === 'QUERY_LIMIT_EXCEEDED';
}

/** `method?A=1&B[0]=2&C[D]=3`, as PHP reads it. */
function toQuery({ method, params }: Command): string {
  const pairs = flatten(params).map(
    ([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`,
  );
  return `${method}?${pairs.join('&')}`;
}

function flatten(params: Params, prefix = ''): [name: string, value: string][] {
  return Object.entries(params).flatMap(([name, value]): [string, string][] => {
    const path = prefix ? `${prefix}[${name}]` : name;
    if (value === undefined) return [];
    if (Array.isArray(value)) {
      return value.flatMap((each, index): [string, string][] =>
        typeof each === 'object'
          ? flatten(each, `${path}[${index}]`)
          : [[`${path}[${index}]`, toText(each)]],
      );
    }
    return typeof value === 'object' ? flatten(value, path) : [[path, toText(value)]];
  });
}

function toText(value: Value): string {
  return typeof value === 'boolean' ? (value ? '1' : '0') : String(value);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
