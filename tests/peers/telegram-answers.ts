import { type Answer, Refusal } from './peer.ts';

type Refused = Answer & { refused: string };

export function refuse(status: number, description: string, parameters?: object): Refused {
  return {
    status,
    body: { ok: false, error_code: status, description, ...(parameters && { parameters }) },
    refused: description,
  };
}

export function tooMany(retryAfter: number): Refused {
  const parameters = { retry_after: retryAfter };
  return {
    ...refuse(429, `Too Many Requests: retry after ${retryAfter}`, parameters),
    headers: { 'retry-after': String(retryAfter) },
  };
}

export function badRequest(description: string): never {
  throw new Refusal(refuse(400, `Bad Request: ${description}`));
}

export function forbidden(description: string): never {
  throw new Refusal(refuse(403, `Forbidden: ${description}`));
}

/** The group became a supergroup: the client is told where it lives now. */
export function migrated(chatId: number): never {
  const description = 'Bad Request: group chat was upgraded to a supergroup chat';
  throw new Refusal(refuse(400, description, { migrate_to_chat_id: chatId }));
}
