import type * as z from 'zod';

import { CLICK_TOKEN_FIELD, CLIENT_ID_FIELD } from '../crm/config.ts';
import { AppError } from '../errors.ts';
import type { HttpRequest } from '../lambda/http-event.ts';
import type { HttpReply, Route } from '../lambda/http.ts';
import * as contract from './callbacks.schema.ts';
import { type Clicked, createCallbacks } from './callbacks.ts';

const CALL_BACK = 'ONEXTERNALCALLBACKSTART';
const CALLS = ['ONEXTERNALCALLSTART', CALL_BACK];

/** What CRMs ask of us. They send what they like as they like: fields in the query, in a form or in JSON. */
export function callbackRoutes(dependencies: Parameters<typeof createCallbacks>[0]): Route[] {
  const callbacks = createCallbacks(dependencies);

  const makeCall = async (request: HttpRequest): Promise<HttpReply> => {
    const fields = fieldsOf(request);
    const enterpriseNumber = await callbacks.ownerOfClientId(fields['clientId'] ?? '');
    const { code, phone, userId, externalPhone } = read(contract.MakeCall, fields);
    const clicked = await callbacks.takeClick({
      enterpriseNumber,
      integrationType: CLIENT_ID_FIELD.type,
      extension: code,
      phone,
      line: externalPhone,
      crmUserId: userId,
    });
    return toReply(clicked, request);
  };

  const userStatus = async (request: HttpRequest): Promise<HttpReply> => {
    const fields = fieldsOf(request);
    const enterpriseNumber = await callbacks.ownerOfClientId(fields['clientId'] ?? '');
    const { userId, code, status } = read(contract.UserStatus, fields);
    const integrationType = CLIENT_ID_FIELD.type;
    const of = { enterpriseNumber, integrationType, crmUserId: userId, extension: code };
    await callbacks.takeStatus({ ...of, status });
    return { status: 200, body: { success: true } };
  };

  const portalEvent = async (request: HttpRequest): Promise<HttpReply> => {
    const number = request.params['enterprise_number'] ?? '';
    const fields = fieldsOf(request);
    const token = fields['auth[application_token]'] ?? '';
    await callbacks.checkSecret(number, CLICK_TOKEN_FIELD.type, CLICK_TOKEN_FIELD.field, token);
    const { event } = read(contract.PortalEvent, fields);
    // A portal may be told to send more than we asked for.
    if (!CALLS.includes(event)) return { status: 200, body: { success: true } };
    const click = read(contract.PortalCall, fields);
    const kind = event === CALL_BACK ? 'call-back' : 'call';
    const of = { enterpriseNumber: number, integrationType: CLICK_TOKEN_FIELD.type };
    return toReply(await callbacks.takeClick({ ...of, ...click, kind }), request);
  };

  return [
    { contract: contract.getMakeCall, handle: makeCall },
    { contract: contract.postMakeCall, handle: makeCall },
    { contract: contract.getUserStatus, handle: userStatus },
    { contract: contract.postUserStatus, handle: userStatus },
    { contract: contract.takePortalEvent, handle: portalEvent },
  ];
}

/** Answered and not thrown: the sentence is for the manager who clicked, and nothing of ours has failed. */
function toReply(clicked: Clicked, { requestId }: HttpRequest): HttpReply {
  if (clicked.outcome === 'duplicate')
    return { status: 200, body: { success: true, duplicate: true } };
  if (clicked.placed)
    return { status: 200, body: { success: true, originate_id: clicked.originateId } };
  return { status: 503, body: { detail: clicked.why, request_id: requestId } };
}

/** The body's over the query's. What is not a text is written as one. */
function fieldsOf({ query, headers, rawBody }: HttpRequest): Record<string, string> {
  const text = rawBody.toString('utf8');
  if (text.trim() === '') return storable(query);
  if (!headers['content-type']?.includes('json') && !text.trimStart().startsWith('{'))
    return storable({ ...query, ...Object.fromEntries(new URLSearchParams(text)) });
  return storable({ ...query, ...scalars(text) });
}

function scalars(text: string): Record<string, string> {
  try {
    const body: unknown = JSON.parse(text);
    const entries = Object.entries(body instanceof Object ? body : {});
    return Object.fromEntries(
      entries.flatMap(([name, value]: [string, unknown]) =>
        ['string', 'number'].includes(typeof value) ? [[name, String(value)]] : [],
      ),
    );
  } catch (cause) {
    throw new AppError('bad_request', 'The body is not JSON', { cause });
  }
}

/** Postgres takes neither NUL nor half a surrogate pair. */
function storable(fields: Record<string, string>): Record<string, string> {
  const clean = (text: string): string => text.replaceAll('\0', '').toWellFormed();
  return Object.fromEntries(Object.entries(fields).map(([name, text]) => [name, clean(text)]));
}

/** @throws AppError 422 with every field that is wrong */
function read<Schema extends z.ZodType>(schema: Schema, fields: object): z.output<Schema> {
  const result = schema.safeParse(fields);
  if (result.success) return result.data;
  const errors = result.error.issues.map(({ path, message }) => ({
    path: path.join('.'),
    message,
  }));
  const reasons = errors.map(({ path, message }) => `${path}: ${message}`);
  throw new AppError('unprocessable', `The request cannot be read: ${reasons.join('; ')}`, {
    errors,
  });
}
