import { createHash } from 'node:crypto';

import type { JSONValue } from 'postgres';
import { v7 as newUuid } from 'uuid';

import { tokenOf, unquote } from '../auth/box-token.ts';
import { type Pool, repeatOnDeadConnection } from '../db.ts';
import { AppError } from '../errors.ts';
import type { HttpRequest } from '../lambda/http-event.ts';
import type { HttpReply } from '../lambda/http.ts';
import { log } from '../lambda/log.ts';
import { count } from '../lambda/metrics.ts';
import type { Queue } from '../queue.ts';
import { EVENT_KINDS, type EventKind, parseEventBody } from './call-event.ts';
import { storeEvent, storeRejection } from './intake.sql.ts';
import { toCallsMessage } from './messages.ts';

const MAX_BODY_BYTES = 256 * 1024;
const MAX_KEPT_BYTES = 64 * 1024;
const MAX_DEPTH = 20;

type Payload = { [field: string]: JSONValue };
type Dependencies = { db: Pool; calls: Pick<Queue, 'send'>; newId?: () => string };

/**
 * Takes one event of a box: stores it, puts its id on the calls queue, answers. Waits for nothing else; when the
 * queue does not take the id the answer is the same, and the sweeper brings the event later.
 * @throws AppError 400 not JSON, 403 unknown token or inactive enterprise, 404 unknown kind, 413 over 256 KB,
 *   422 a field is missing or wrong
 */
export function createIntake({ db, calls, newId = newUuid }: Dependencies) {
  return async function takeEvent(kindName: string, request: HttpRequest): Promise<HttpReply> {
    const kind = EVENT_KINDS.find((known) => known === kindName);
    if (!kind) throw new AppError('not_found', `Unknown event "${kindName}"`);
    if (request.rawBody.length > MAX_BODY_BYTES) {
      throw new AppError('too_large', 'The body is over 256 KB');
    }
    const raw = request.rawBody
      .toString('utf8')
      .replace(/^\uFEFF/, '')
      .replaceAll('\0', '');
    const payload = await readPayload(kind, raw, request);
    const token = tokenOf(request) || unquote(payload['Token']);
    if (!token) throw invalidToken();

    const parsed = parseEventBody(kind, payload);
    if (!parsed.success) {
      const reason = parsed.issues.map(({ path, message }) => `${path}: ${message}`).join('; ');
      await reject({ token, kind, reason, raw });
      throw new AppError('unprocessable', `This ${kind} event cannot be read: ${reason}`, {
        errors: parsed.issues,
      });
    }

    const event = {
      id: newId(),
      token,
      kind,
      uniqueId: parsed.data.uniqueId ?? null,
      payload,
      payloadHash: createHash('sha256').update(canonicalJson(payload)).digest(),
      raw,
    };
    const stored = await repeatOnDeadConnection(() => storeEvent(db, event));
    if (!stored) throw invalidToken();
    if (!stored.active || !stored.eventId) throw inactive();
    const duplicate = stored.eventId !== event.id;
    if (!duplicate) {
      count('trunkline_events_total', { kind });
      await enqueue(stored.number, event.id);
    }
    return accepted(request, stored.eventId, duplicate);
  };

  /** The body as a JSON object; it may come as base64, and its content type says nothing. */
  async function readPayload(kind: EventKind, raw: string, request: HttpRequest): Promise<Payload> {
    const plain = parseJson(raw);
    const value =
      plain === undefined ? parseJson(Buffer.from(raw, 'base64').toString('utf8')) : plain;
    if (isObject(value) && depthOf(value) <= MAX_DEPTH) return storable(value);
    const token = tokenOf(request) || (isObject(value) ? unquote(value['Token']) : '');
    const isJson = value !== undefined;
    const reason = whyUnreadable(value);
    if (token) await reject({ token, kind, reason, raw });
    throw new AppError(isJson ? 'unprocessable' : 'bad_request', reason);
  }

  async function reject({
    token,
    kind,
    reason,
    raw,
  }: { [K in 'token' | 'kind' | 'reason' | 'raw']: string }) {
    const owner = await storeRejection(db, {
      token,
      kind,
      reason,
      body: Buffer.from(raw)
        .subarray(0, MAX_KEPT_BYTES)
        .toString('utf8')
        .replace(/\uFFFD$/, ''),
    });
    if (!owner) throw invalidToken();
    if (!owner.active) throw inactive();
    log.warn('event rejected', { enterprise: owner.number, kind });
  }

  async function enqueue(enterpriseNumber: string, eventId: string) {
    try {
      await calls.send(toCallsMessage({ enterpriseNumber, eventId }));
    } catch (error) {
      log.warn('event waits for the sweeper', {
        eventId,
        error: error instanceof Error ? error : undefined,
      });
    }
  }
}

function accepted(request: HttpRequest, eventId: string, duplicate: boolean): HttpReply {
  if (request.headers['accept']?.includes('text/plain')) return { status: 200, text: 'OK' };
  const message = 'Event queued for processing';
  return { status: 200, body: { status: 'ok', message, event_id: eventId, duplicate } };
}

const invalidToken = () => new AppError('forbidden', 'Invalid token');
const inactive = () => new AppError('forbidden', 'Enterprise is not active');

/** Undefined when it is not JSON. */
function parseJson(text: string): JSONValue | undefined {
  try {
    return JSON.parse(text) as JSONValue;
  } catch {
    return undefined;
  }
}

function whyUnreadable(value: JSONValue | undefined): string {
  if (value === undefined) return 'The body is not JSON';
  return isObject(value) ? 'The body is nested too deeply' : 'The body is not a JSON object';
}

/** Counted no further than it matters: a body of a million brackets must not exhaust the stack. */
function depthOf(value: unknown, depth = 0): number {
  if (typeof value !== 'object' || value === null || depth > MAX_DEPTH) return depth;
  return Math.max(depth, ...Object.values(value).map((part) => depthOf(part, depth + 1)));
}

/** Postgres takes neither NUL nor half a surrogate pair, and a box means neither. */
function storable(payload: Payload): Payload {
  const text = (value: string) => value.replaceAll('\0', '').toWellFormed();
  const clean = (value: unknown): unknown => {
    if (typeof value === 'string') return text(value);
    if (Array.isArray(value)) return value.map(clean);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, part]) => [text(key), clean(part)]));
  };
  return clean(payload) as Payload;
}

function isObject(value: JSONValue | undefined): value is Payload {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The same text for the same content, whatever the order of the keys. */
function canonicalJson(value: JSONValue | undefined): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}
