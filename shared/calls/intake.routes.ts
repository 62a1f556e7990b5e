import type { HttpRequest } from '../lambda/http-event.ts';
import type { HttpReply, Route } from '../lambda/http.ts';
import { takeCallEvent, takeCallEventAliases } from './intake.schema.ts';

/** Both families of paths lead to the same intake. */
export function callEventRoutes(
  takeEvent: (kind: string, request: HttpRequest) => Promise<HttpReply>,
): Route[] {
  return [
    {
      contract: takeCallEvent,
      handle: (request) => takeEvent(request.params['event'] ?? '', request),
    },
    ...takeCallEventAliases.map(({ kind, contract }) => ({
      contract,
      handle: (request: HttpRequest) => takeEvent(kind, request),
    })),
  ];
}
