import type * as z from 'zod';

import type { Contract } from '../../../../shared/contract.ts';
import { ValidationErrorBody } from '../../../../shared/error.schema.ts';
import { ApiError } from './api-error.ts';

type Part<Name extends string, Schema> = Schema extends z.ZodType
  ? undefined extends z.input<Schema>
    ? { [K in Name]?: z.input<Schema> }
    : { [K in Name]: z.input<Schema> }
  : unknown;

/** Query parameters travel as text; what the schema counts may be given as a number. */
type QueryPart<Schema> = Schema extends z.ZodType
  ? { query?: { [K in keyof z.input<Schema>]?: string | number | undefined } }
  : unknown;

type Field<C extends Contract, K extends keyof Contract> = C extends { [P in K]: infer S }
  ? S
  : undefined;

export type Question<C extends Contract> = Part<'params', Field<C, 'params'>> &
  QueryPart<Field<C, 'query'>> &
  Part<'body', Field<C, 'body'>> & { signal?: AbortSignal };

type Success = 200 | 201 | 202;
type Body<A> = A extends { body: infer S extends z.ZodType } ? z.output<S> : undefined;
export type Answer<C extends Contract> = {
  [K in keyof C['answers'] & Success]: Body<C['answers'][K]>;
}[keyof C['answers'] & Success];

const TIMEOUT_MS = 35_000;

/**
 * Asks what the contract describes and gives back what it promises, read by its schema.
 * @throws ApiError for every other answer, and when there is none
 */
export async function ask<const C extends Contract>(
  contract: C,
  question: Question<C>,
): Promise<Answer<C>> {
  return read(contract, await request(contract, question));
}

/** The same of a route that gives out a file, or says instead that a job makes it. @throws ApiError */
export async function askForFile<const C extends Contract>(
  contract: C,
  question: Question<C>,
): Promise<{ file?: Blob; answer?: Answer<C> }> {
  const response = await request(contract, question);
  if (response.status === 200) return { file: await response.blob() };
  return { answer: await read(contract, response) };
}

async function request(contract: Contract, question: object): Promise<Response> {
  const { params, query, body, signal } = question as {
    params?: Record<string, unknown>;
    query?: Record<string, unknown>;
    body?: unknown;
    signal?: AbortSignal;
  };
  const timeout = AbortSignal.timeout(TIMEOUT_MS);
  const response = await send(addressOf(contract, params, query), {
    method: contract.method,
    headers: body === undefined ? {} : { 'content-type': 'application/json' },
    body: body === undefined ? null : JSON.stringify(body),
    signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
  });
  if (!response.ok) throw await refusalOf(response);
  return response;
}

async function read<const C extends Contract>(contract: C, response: Response): Promise<Answer<C>> {
  const schema = contract.answers[response.status]?.body;
  if (!schema) return undefined as Answer<C>;
  const parsed = schema.safeParse(await response.json().catch(() => undefined));
  if (parsed.success) return parsed.data as Answer<C>;
  throw new ApiError(response.status, 'Unexpected answer', { cause: parsed.error });
}

/** The address of a contract, for links that the browser follows by itself (CSV). */
export function addressOf(
  { path }: Pick<Contract, 'path'>,
  params: Record<string, unknown> = {},
  query: Record<string, unknown> = {},
): string {
  const filled = path.replaceAll(/\{(\w+)\}/g, (_all, name: string) =>
    encodeURIComponent(String(params[name])),
  );
  const search = new URLSearchParams(
    Object.entries(query).flatMap(([name, value]) =>
      typeof value === 'string' || typeof value === 'number' ? [[name, String(value)]] : [],
    ),
  ).toString();
  return search ? `${filled}?${search}` : filled;
}

async function send(address: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(address, { ...init, credentials: 'same-origin' });
  } catch (cause) {
    if (init.signal?.aborted && (init.signal.reason as Error).name === 'AbortError') throw cause;
    throw new ApiError(0, '', { cause });
  }
}

async function refusalOf(response: Response): Promise<ApiError> {
  const { data } = ValidationErrorBody.safeParse(await response.json().catch(() => undefined));
  const retryAfter = Number(response.headers.get('retry-after'));
  return new ApiError(response.status, data?.detail ?? '', {
    errors: data?.errors,
    requestId: data?.request_id,
    retryAfterSeconds: retryAfter > 0 ? retryAfter : undefined,
  });
}
