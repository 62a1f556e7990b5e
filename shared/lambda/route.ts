import type * as z from 'zod';

import type { Caller } from '../auth/caller.ts';
import type { Contract } from '../contract.ts';
import { AppError, type FieldError } from '../errors.ts';
import type { HttpRequest } from './http-event.ts';
import type { HttpReply, Route } from './http.ts';

type Read<Schema> = Schema extends z.ZodType ? z.output<Schema> : undefined;

/** A request of which the contract has read params, query and body. */
export type ReadRequest<C extends Contract> = Omit<HttpRequest, 'params' | 'query'> & {
  params: Read<C['params']>;
  query: Read<C['query']>;
  body: Read<C['body']>;
};

/** A route whose request is read by its contract before the handler sees it. */
export function route<const C extends Contract>(
  contract: C,
  handle: (request: ReadRequest<C>) => Promise<HttpReply>,
): Route {
  return { contract, handle: async (request) => handle(readByContract(contract, request)) };
}

/** The same for a route that somebody has to be let in to. */
export function guardedRoute<const C extends Contract>(
  contract: C,
  handle: (request: ReadRequest<C>, caller: Caller) => Promise<HttpReply>,
): Route {
  return {
    contract,
    handle: async (request, caller) => {
      if (!caller) throw new AppError('forbidden', 'Доступ запрещен');
      return handle(readByContract(contract, request), caller);
    },
  };
}

/** @throws AppError 400 the body is not JSON, 422 with every field that is wrong */
function readByContract<const C extends Contract>(contract: C, request: HttpRequest) {
  const errors: FieldError[] = [];
  const read = (schema: z.ZodType | undefined, value: unknown): unknown => {
    if (!schema) return undefined;
    const result = schema.safeParse(value);
    if (result.success) return result.data;
    for (const { path, message } of result.error.issues) {
      errors.push({ path: path.join('.'), message });
    }
    return undefined;
  };
  const parts = {
    params: read(contract.params, storable(request.params)),
    query: read(contract.query, storable(request.query)),
    body: contract.body && read(contract.body, parseJson(request.rawBody)),
  };
  if (errors.length > 0) {
    const reasons = errors.map(({ path, message }) => (path ? `${path}: ${message}` : message));
    throw new AppError('unprocessable', `The request cannot be read: ${reasons.join('; ')}`, {
      errors,
    });
  }
  return { ...request, ...parts } as ReadRequest<C>; // each part was read by its own schema, just above
}

/** Undefined for an empty body: whether there must be one is for the contract to say. */
function parseJson(rawBody: Buffer): unknown {
  const text = rawBody.toString('utf8');
  if (text.trim() === '') return undefined;
  try {
    return JSON.parse(text, (_key, value: unknown) =>
      typeof value === 'string' ? storableText(value) : value,
    );
  } catch (cause) {
    throw new AppError('bad_request', 'The body is not JSON', { cause });
  }
}

function storable(record: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(record).map(([name, value]) => [name, storableText(value)]),
  );
}

/** Postgres takes neither NUL nor half a surrogate pair, and nobody means them. */
const storableText = (text: string): string => text.replaceAll('\0', '').toWellFormed();
