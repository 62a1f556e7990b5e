import type { CallEvent } from '../../shared/calls/call-event.ts';
import type { Call } from '../../shared/calls/call.ts';
import { groupIntoCalls } from '../../shared/calls/correlate.ts';
import { foldCall } from '../../shared/calls/fold-call.ts';

/** The calls that the events of an enterprise add up to, in order of their beginning. */
export function foldAll({ events, timezone }: { events: CallEvent[]; timezone: string }): Call[] {
  return groupIntoCalls(events).flatMap((group) => foldCall(group, { timezone }) ?? []);
}
