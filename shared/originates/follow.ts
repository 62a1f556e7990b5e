/** What a call tells of the click it began with. Pure. */
import type { CallEvent } from '../calls/call-event.ts';
import { type Call, hasEnded } from '../calls/call.ts';
import { readLocalTarget, readPeer } from '../calls/channel-name.ts';
import { isSameNumber } from '../calls/numbers.ts';
import type { OriginateRow, OriginateState } from './originates.sql.ts';

export type Move = { state: OriginateState; problem: string | null; reason: string | null };

/**
 * The click that a call answers: the one that was found to be its before (under any of `callIds`, which it has had), or
 * by the channel that was begun, else by the number and the extension.
 */
export function findClick(
  call: Call,
  events: readonly CallEvent[],
  originates: readonly OriginateRow[],
  callIds: ReadonlySet<string>,
): OriginateRow | undefined {
  const ids = new Set(call.uniqueIds);
  const known = originates.find(
    ({ uniqueIds, callId }) =>
      uniqueIds.some((id) => ids.has(id)) || (callId !== null && callIds.has(callId)),
  );
  if (known || !call.clickToCall) return known;
  const rang = new Set(events.flatMap(({ extensions }) => extensions));
  return originates.find(
    ({ extension, phone, callId }) =>
      callId === null &&
      isSameNumber(call.phone, phone.replaceAll(/\D/g, '')) &&
      (rang.size === 0 || rang.has(extension)),
  );
}

/** How far the click has come. */
export function moveOf(call: Call, events: readonly CallEvent[], extension: string): Move {
  const picked = agentPickedUp(call, events, extension);
  if (!hasEnded(call.status)) {
    if (call.status === 'talking' || call.status === 'transferring') return at('talking');
    return at(picked ? 'ringing_client' : 'ringing_agent');
  }
  if (call.talkers.length > 0) return at('ended');
  if (!picked) return failed('agent_no_answer', 'The extension did not answer');
  if (call.status === 'busy') return failed('busy', 'The phone is busy');
  if (call.status === 'failed') return failed('failed', 'The call could not be put through');
  return failed('no_answer', 'The phone did not answer');
}

const at = (state: OriginateState): Move => ({ state, problem: null, reason: null });
const failed = (problem: string, reason: string): Move => ({ state: 'failed', problem, reason });

/** The phone is dialled only when the extension has answered; its own channels are then in a bridge. */
function agentPickedUp(call: Call, events: readonly CallEvent[], extension: string): boolean {
  return (
    call.firstAnsweredBy === extension ||
    events.some(
      ({ kind, channel }) =>
        (kind === 'bridge' || kind === 'bridge_leave') &&
        (readPeer(channel) === extension || readLocalTarget(channel) === extension),
    )
  );
}
