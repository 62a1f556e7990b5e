import type { HttpRequest } from '../lambda/http-event.ts';

/** The enterprise's token as a box sends it. Empty when there is none. */
export function tokenOf({ headers }: Pick<HttpRequest, 'headers'>): string {
  return unquote(headers['token']);
}

/** Some dialplans send the token in double quotes, and as a number when it stands in the body. */
export function unquote(value: unknown): string {
  const text = typeof value === 'string' || typeof value === 'number' ? String(value) : '';
  return text
    .trim()
    .replace(/^"(.*)"$/, '$1')
    .trim();
}
