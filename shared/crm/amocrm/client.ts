import { setTimeout as sleep } from 'node:timers/promises';

import type * as z from 'zod';

import { type OutboundAnswer, OutboundError, type OutboundRequest } from '../../outbound.ts';
import { VendorFailure } from '../failure.ts';
import { addressOf } from './config.ts';
import { parseJson, refusalIn } from './refusal.ts';
import { type Context, renewToken } from './tokens.ts';

type Call<Schema extends z.ZodType> = {
  method: 'GET' | 'POST';
  path: string;
  query?: [name: string, value: string][];
  body?: unknown;
  schema: Schema;
  /** Sent twice it would count twice: whatever ends without a clear "no" may have been done. */
  once?: boolean;
};

/** Asks amoCRM; `undefined` when there is nothing (204). */
export type Ask = <Schema extends z.ZodType>(
  call: Call<Schema>,
) => Promise<z.output<Schema> | undefined>;

type Pace = {
  /** So many requests go out at once … */
  quick: number;
  /** … and each further one after such a pause. */
  pauseMs: number;
};

/**
 * Requests to one account's API, one after the other: token in a header, JSON both ways, the token renewed once when it
 * has expired.
 */
export function createAsk(context: Context, pace?: Pace): Ask {
  const { config } = context;
  let accessToken = config.access_token;
  let sent = 0;

  const send = async (request: OutboundRequest): Promise<OutboundAnswer> => {
    if (pace && sent >= pace.quick) await sleep(pace.pauseMs);
    sent += 1;
    return context.send(request).catch((error: unknown) => {
      throw toFailure(error);
    });
  };

  return async function ask({ method, path, query = [], body, schema, once = false }) {
    const url = new URL(`${addressOf(config.subdomain)}${path}`);
    for (const [name, value] of query) url.searchParams.append(name, value);
    const request = () => ({
      method,
      url: url.href,
      headers: {
        accept: 'application/hal+json, application/json',
        authorization: `Bearer ${accessToken}`,
        'user-agent': 'Trunkline',
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });

    let answer = await send(request());
    if (answer.status === 401) {
      accessToken = await renewToken({ ...context, send }, accessToken);
      answer = await send(request());
    }
    const { status, text } = answer;
    // A gateway that gave up knows nothing of the work behind it.
    const gaveUp = status === 502 || status === 504;
    const refused = refusalIn(answer, method === 'POST' && (once || gaveUp));
    if (refused) throw refused;
    if (status === 204) return undefined;
    // What comes with "accepted" is not documented.
    const json = parseJson(text) ?? (text === '' || status === 202 ? {} : undefined);
    if (json === undefined) {
      throw new VendorFailure('retry', 'amoCRM ответила не в формате JSON', {
        httpStatus: status,
        maybeApplied: method === 'POST',
      });
    }
    const parsed = schema.safeParse(json);
    if (parsed.success) return parsed.data;
    throw new VendorFailure('permanent', 'amoCRM ответила в неизвестном виде', {
      httpStatus: status,
      cause: parsed.error,
    });
  };
}

function toFailure(error: unknown): unknown {
  if (!(error instanceof OutboundError)) return error;
  if (error.kind === 'refused_address') {
    return new VendorFailure('auth', 'Адрес amoCRM недопустим: нужен публичный адрес https', {
      cause: error,
    });
  }
  const timedOut = error.kind === 'timeout';
  const message = timedOut ? 'amoCRM не ответила вовремя' : 'Нет связи с amoCRM';
  return new VendorFailure('retry', message, { cause: error, timedOut, maybeApplied: error.sent });
}
