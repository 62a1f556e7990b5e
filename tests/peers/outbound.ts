export type Outcome = { status: number } | { error: string };

/** A peer calling the hub back: its webhook, its click-to-call address. Loopback only. */
export async function callHub(
  url: string,
  {
    method,
    headers = {},
    body,
  }: { method: string; headers?: Record<string, string>; body?: string },
): Promise<Outcome> {
  const target = URL.parse(url);
  if (!target || !['127.0.0.1', 'localhost'].includes(target.hostname)) {
    return { error: 'the simulator calls loopback addresses only' };
  }
  try {
    const response = await fetch(target, {
      method,
      headers,
      ...(body !== undefined && { body }),
      redirect: 'manual',
      signal: AbortSignal.timeout(10_000),
    });
    await response.body?.cancel();
    return { status: response.status };
  } catch (error) {
    return { error: String(error) };
  }
}
