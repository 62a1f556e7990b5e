import type * as z from 'zod';

import type {
  addAttachment,
  createSession,
  listMessages,
  transferToManager,
} from '../../../shared/chat/visitor.schema.ts';

type Answer<C extends { answers: { 200: { body: z.ZodType } } }> = z.output<
  C['answers'][200]['body']
>;
type Session = { sessionId: string; token: string };
export type HandOver = Answer<typeof transferToManager>;

const TIMEOUT_MS = 15_000;

/** A refusal of the hub. `status` 0: it was not reached, so what was sent may be sent again. */
export class ApiError extends Error {
  readonly status: number;
  readonly retryAfterSeconds: number;
  constructor(status: number, message: string, retryAfterSeconds = 0) {
    super(message);
    this.status = status;
    this.retryAfterSeconds = retryAfterSeconds;
  }
  get mayPass(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

/** The visitor's routes. Every call rejects with ApiError. */
export function createApi(base: string) {
  async function call<T>(path: string, session: Session | undefined, body?: object): Promise<T> {
    const headers: Record<string, string> = { accept: 'application/json' };
    if (session) headers['authorization'] = `Bearer ${session.token}`;
    if (body) headers['content-type'] = 'application/json';
    const response = await fetch(`${base}/api/chat/${path}`, {
      method: body ? 'POST' : 'GET',
      headers,
      signal: AbortSignal.timeout(TIMEOUT_MS),
      ...(body && { body: JSON.stringify(body) }),
    }).catch((error: unknown) => {
      throw new ApiError(0, String(error));
    });
    const text = await response.text().catch(() => '');
    if (!response.ok) {
      throw new ApiError(response.status, text, Number(response.headers.get('retry-after')) || 0);
    }
    return JSON.parse(text) as T; // our own hub, by the contract that its tests hold it to
  }

  const withSession = (session: Session, more: object) => ({
    session_id: session.sessionId,
    ...more,
  });
  return {
    createSession: (body: z.input<(typeof createSession)['body']>) =>
      call<Answer<typeof createSession>>('sessions', undefined, body),
    messages: (session: Session, after: string | undefined) =>
      call<Answer<typeof listMessages>>(`messages${after ? `?after=${after}` : ''}`, session),
    send: (
      session: Session,
      message: { message_text: string; client_id: string; attachment_id?: string },
    ) => call<{ message_id: string }>('send-message', session, withSession(session, message)),
    handOver: (session: Session) =>
      call<HandOver>('transfer-to-manager', session, withSession(session, {})),
    leaveRequest: (
      session: Session,
      request: { client_name: string; client_phone: string; question: string },
    ) => call<{ message: string }>('offline-request', session, withSession(session, request)),
    close: (session: Session) => call('close', session, withSession(session, {})),
    rate: (session: Session, rating: number) =>
      call('rating', session, withSession(session, { rating })),
    async upload(session: Session, file: File): Promise<string> {
      const { attachment_id, upload_url, headers } = await call<Answer<typeof addAttachment>>(
        'attachments',
        session,
        { file_name: file.name, content_type: file.type, size: file.size },
      );
      const response = await fetch(upload_url, { method: 'PUT', headers, body: file });
      if (!response.ok) throw new ApiError(response.status, 'upload');
      return attachment_id;
    },
  };
}
export type Api = ReturnType<typeof createApi>;
