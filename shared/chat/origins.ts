/** The sites with the chat: named ones (several with commas), or the service's own pages alone. */
export function chatOrigins(env: {
  CHAT_ORIGINS: string | undefined;
  PUBLIC_URL: string;
}): ReadonlySet<string> {
  const named = env.CHAT_ORIGINS?.split(',') ?? [env.PUBLIC_URL];
  return new Set(named.map((url) => new URL(url.trim()).origin));
}

/** Where browsers connect to: the address that functions send to, as a socket's. */
export const websocketUrlOf = (endpoint: string): string => endpoint.replace(/^http/, 'ws');
