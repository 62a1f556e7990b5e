import type { Channel } from '../asterisk/answers.ts';

/** How a box names a call: by channel, by unique id, or both. */
export type CallName = { channel: string | null; uniqueId: string | null };

export type Waiting = { channel: Channel } | { reason: 'channel_gone' | 'not_waiting' };

/**
 * The channel that may be moved: the one that is named, and of a Local pair the half that runs the dialplan. Only one
 * that still waits: a redirect would tear a talking caller out of the conversation.
 */
export function findWaiting(
  channels: Channel[],
  { channel: name, uniqueId }: CallName,
  waitContexts: readonly string[],
): Waiting {
  const named =
    channels.find((channel) => channel.name === name) ??
    (uniqueId === null ? undefined : channels.find((channel) => channel.uniqueId === uniqueId));
  if (!named) return { reason: 'channel_gone' };
  const channel = channels.find((other) => other.name === dialplanHalf(named.name));
  if (!channel) return { reason: 'channel_gone' };
  const waits = waitContexts.includes(channel.context) && channel.bridgeId === '';
  return waits ? { channel } : { reason: 'not_waiting' };
}

const dialplanHalf = (name: string): string => name.replace(/^(Local\/.*);1$/, '$1;2');
