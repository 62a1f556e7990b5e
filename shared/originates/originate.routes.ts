import * as z from 'zod';

import { sessionTokenOf } from '../auth/cookie.ts';
import { isAuthorizedForEnterprise } from '../auth/gate.ts';
import type { Pool } from '../db.ts';
import { AppError } from '../errors.ts';
import type { HttpRequest } from '../lambda/http-event.ts';
import type { HttpReply, Route } from '../lambda/http.ts';
import { log } from '../lambda/log.ts';
import { guardedRoute, route } from '../lambda/route.ts';
import * as contract from './originate.schema.ts';
import type { createOriginate, Source } from './originate.ts';
import {
  findBySecret,
  findOriginate,
  findOwner,
  type OriginateRow,
  type Owner,
} from './originates.sql.ts';

type Dependencies = { db: Pool; originate: ReturnType<typeof createOriginate> };

/** Click-to-call for programs and for the admin. */
export function originateRoutes({ db, originate }: Dependencies): Route[] {
  const fromOutside = async (request: HttpRequest): Promise<HttpReply> => {
    const began = performance.now();
    const fields = fieldsOf(request);
    const owner = await findBySecret(db, fields.clientId ?? '');
    if (!owner) throw new AppError('unauthorized', 'Invalid clientId');
    log.info('originate.authorised', {
      enterpriseNumber: owner.number,
      ms: Math.round(performance.now() - began),
    });
    return place(owner, fields, 'external', request);
  };

  async function place(
    owner: Owner,
    { code, phone }: { code?: string | undefined; phone?: string | undefined },
    source: Source,
    { requestId }: { requestId: string },
  ): Promise<HttpReply> {
    const missing = Object.entries({ code, phone }).flatMap(([path, value]) =>
      value ? [] : [{ path, message: 'is missing' }],
    );
    if (missing.length > 0) {
      const reasons = missing.map(({ path, message }) => `${path}: ${message}`);
      throw new AppError('unprocessable', `The request cannot be read: ${reasons.join('; ')}`, {
        errors: missing,
      });
    }
    const wanted = { extension: code ?? '', phone: phone ?? '', source };
    const result = await originate({ enterpriseNumber: owner.number, ...wanted });
    if (!result.placed) {
      if (result.problem === 'no_extension') throw new AppError('unprocessable', result.reason);
      const detail = `Call initiation failed: ${result.reason}`;
      return { status: 500, body: { detail, request_id: requestId } };
    }
    return {
      status: 200,
      body: {
        success: true,
        message: `Call initiated successfully: ${result.extension} -> ${result.phone}`,
        enterprise: owner.name,
        enterprise_number: owner.number,
        from_ext: result.extension,
        to_phone: result.phone,
        host_ip: result.host,
        response_time_ms: result.responseTimeMs,
        originate_id: result.originateId,
        ...(result.warning !== null && { warning: result.warning }),
      },
    };
  }

  return [
    { contract: contract.getMakeCallExternal, handle: fromOutside },
    { contract: contract.postMakeCallExternal, handle: fromOutside },

    route(contract.getOriginate, async (request) => {
      const { headers, query } = request;
      const secret = bearerOf(headers) ?? query.clientId;
      const owner = secret === undefined ? undefined : await findBySecret(db, secret);
      const session = owner ? undefined : sessionTokenOf(request);
      if (!owner && !session) throw new AppError('unauthorized', 'Invalid clientId');
      const row = await findOriginate(db, request.params.id);
      const isTheirs =
        row &&
        (owner
          ? owner.number === row.enterpriseNumber
          : await isAuthorizedForEnterprise(db, session ?? '', row.enterpriseNumber));
      if (!isTheirs) throw new AppError('not_found', 'There is no such call');
      return { status: 200, body: toBody(row) };
    }),

    guardedRoute(contract.postCall, async (request) => {
      const owner = await findOwner(db, request.params.number);
      if (!owner) throw new AppError('not_found', 'There is no such enterprise');
      return place(owner, request.body, 'admin', request);
    }),
  ];
}

function toBody(row: OriginateRow) {
  return {
    originate_id: row.id,
    enterprise_number: row.enterpriseNumber,
    state: row.state,
    reason: row.reason,
    warning: row.warning,
    from_ext: row.extension,
    to_phone: row.phone,
    call_id: row.callId,
    requested_at: row.requestedAt.toISOString(),
    updated_at: row.updatedAt.toISOString(),
  };
}

/** From the query, and of a POST from its JSON; the bearer token stands for `clientId`. */
function fieldsOf({ method, headers, query, rawBody }: HttpRequest): z.output<typeof Fields> {
  const text = rawBody.toString('utf8').trim();
  const secret = bearerOf(headers);
  const body = method === 'POST' && text !== '' ? parse(text) : {};
  return { ...Fields.parse(query), ...body, ...(secret !== undefined && { clientId: secret }) };
}

const text = z
  .union([z.string(), z.number()])
  .transform((value) => String(value).replaceAll('\0', '').toWellFormed())
  .optional()
  .catch(undefined);
const Fields = z.object({ clientId: text, code: text, phone: text });

function parse(json: string): z.output<typeof Fields> {
  try {
    return Fields.parse(JSON.parse(json));
  } catch (cause) {
    throw new AppError('bad_request', 'The body is not JSON', { cause });
  }
}

function bearerOf(headers: Record<string, string>): string | undefined {
  return /^Bearer +(\S+)\s*$/i.exec(headers['authorization'] ?? '')?.[1];
}
