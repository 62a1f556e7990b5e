import type { Caller } from '../auth/caller.ts';
import { clientAddress } from '../auth/client-network.ts';
import { readEnv } from '../env.ts';
import type { HttpRequest } from '../lambda/http-event.ts';

// Every function with an admin's write needs it; it is read here rather than handed through all of them.
const { TRUSTED_PROXIES } = readEnv(['TRUSTED_PROXIES']);

type From = Pick<HttpRequest, 'headers' | 'sourceIp' | 'requestId'>;

/** Somebody who has (not) come in by a login. `login` is undefined when nobody has it. */
export type Stranger = { kind: 'nobody'; login: string | undefined };

/** Who does something, and from where. */
export type DoneBy = { who: Caller | Stranger; address: string; requestId: string };

export function doneBy(request: From, who: Caller | Stranger): DoneBy {
  return { who, address: clientAddress(request, TRUSTED_PROXIES), requestId: request.requestId };
}
