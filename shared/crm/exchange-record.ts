import type { JSONValue } from 'postgres';

import type { OutboundAnswer, OutboundRequest } from '../outbound.ts';

const MAX_CHARACTERS = 16 * 1024;
const SECRET_NAMES = /key|token|secret|password|authorization|client_?id/i;

/** Keeps what one attempt said and heard, fit for the log: secrets masked, size capped. */
export function createExchangeRecord(secretValues: string[]) {
  const requests: JSONValue[] = [];
  const responses: JSONValue[] = [];

  return {
    note(request: OutboundRequest, answer: OutboundAnswer | undefined): void {
      const { method, url, body } = request;
      requests.push({ method, url, ...(body !== undefined && { body: readable(body, request) }) });
      if (answer) responses.push({ status: answer.status, body: parsedOr(answer.text) });
    },
    answered: () => responses.length > 0,
    request: () => fitForLog(requests, secretValues),
    response: () => fitForLog(responses, secretValues),
  };
}

/** Form bodies are shown field by field, JSON inside them as JSON. */
function readable(body: string, { headers }: OutboundRequest): JSONValue {
  if (!headers?.['content-type']?.includes('form-urlencoded')) return parsedOr(body);
  return Object.fromEntries(
    [...new URLSearchParams(body)].map(([name, value]) => [name, parsedOr(value)]),
  );
}

function parsedOr(text: string): JSONValue {
  try {
    return JSON.parse(text) as JSONValue;
  } catch {
    return text;
  }
}

/** What was said or heard, as it may be kept: secrets masked by name and by value, cut to size. */
export function fitForLog(parts: JSONValue[], secretValues: string[]): JSONValue {
  const only = parts.length === 1 ? parts[0] : parts;
  const secrets = secretValues
    .filter(Boolean)
    .flatMap((secret) => [secret, encodeURIComponent(secret)]);
  const text = JSON.stringify(only ?? null, (name, value: unknown) => {
    if (typeof value !== 'string') return value;
    return SECRET_NAMES.test(name) ? maskSecret(value) : storable(withoutSecrets(value, secrets));
  });
  if (text.length <= MAX_CHARACTERS) return JSON.parse(text) as JSONValue;
  return { truncated: text.slice(0, MAX_CHARACTERS).toWellFormed() };
}

/** In a link that opens something for whoever has it (a presigned recording). */
const SIGNED = /([?&][^=&\s]*(?:signature|credential|token|secret|key)[^=&\s]*=)[^&\s"]+/gi;

function withoutSecrets(text: string, secrets: string[]): string {
  const unsigned = text.replaceAll(SIGNED, '$1••••');
  return secrets.reduce(
    (masked, secret) => masked.replaceAll(secret, maskSecret(secret)),
    unsigned,
  );
}

/** Postgres takes neither NUL nor half a surrogate pair. */
function storable(text: string): string {
  return text.replaceAll('\0', '').toWellFormed();
}

/** `••••1234`: enough to tell two keys apart, not enough to use one. */
export function maskSecret(secret: string): string {
  return `••••${secret.length > 8 ? secret.slice(-4) : ''}`;
}
