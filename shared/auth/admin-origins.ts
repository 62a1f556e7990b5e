/** The origins of the admin's pages: named ones (several with commas), or where the service itself is seen. */
export function adminOrigins(env: {
  ADMIN_ORIGIN?: string | undefined;
  PUBLIC_URL: string;
}): ReadonlySet<string> {
  const named = env.ADMIN_ORIGIN?.split(',') ?? [env.PUBLIC_URL];
  return new Set(named.map((url) => new URL(url.trim()).origin));
}
