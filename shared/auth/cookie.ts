import type { HttpRequest } from '../lambda/http-event.ts';

const NAME = 'session_token';
/** `Secure` on http://127.0.0.1 too: browsers count it as a safe origin. */
const ATTRIBUTES = 'Path=/; HttpOnly; Secure; SameSite=Strict';

export function sessionTokenOf({ headers }: Pick<HttpRequest, 'headers'>): string | undefined {
  const cookies = (headers['cookie'] ?? '').split(';').map((cookie) => cookie.trim());
  return cookies.find((cookie) => cookie.startsWith(`${NAME}=`))?.slice(NAME.length + 1);
}

export function sessionCookie(token: string, maxAgeSeconds: number): string {
  return `${NAME}=${token}; ${ATTRIBUTES}; Max-Age=${maxAgeSeconds}`;
}

export const endedSessionCookie = `${NAME}=; ${ATTRIBUTES}; Max-Age=0`;
