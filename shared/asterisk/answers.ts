/**
 * What the CLI of a box prints, read. Answers of one write come one after the other with nothing between them, so every
 * reader takes the whole text and looks for its own lines.
 */

/** One line of `core show channels concise`. */
export type Channel = {
  name: string;
  context: string;
  exten: string;
  priority: string;
  /** Down, Ring (our side of an incoming one), Ringing, Up … */
  state: string;
  /** `(None)` when none runs. */
  application: string;
  data: string;
  /** A number as the network said it; where it holds a `!`, only what stands after that. */
  callerId: string;
  /** Since the channel was made. */
  seconds: number;
  /** The same in two channels: they talk. Empty: in no bridge. */
  bridgeId: string;
  uniqueId: string;
};

const LEADING = 6;
const TRAILING = 6;
const UNIQUE_ID = /^(?:[\w-]{1,64}-)?\d{9,11}\.\d{1,9}$/;

/** Lines that are no channel are passed over. Read from both ends: a caller id may contain the separator. */
export function readChannels(text: string): Channel[] {
  return text.split('\n').flatMap((line) => {
    const fields = line.split('!');
    if (fields.length < LEADING + 2 + TRAILING) return [];
    const [name = '', context = '', exten = '', priority = '', state = '', application = ''] =
      fields;
    const [, , , duration = '', bridgeId = '', uniqueId = ''] = fields.slice(-TRAILING);
    if (!UNIQUE_ID.test(uniqueId) || !/^\d+$/.test(duration) || !name.includes('/')) return [];
    const data = fields.slice(LEADING, -TRAILING - 1).join('!');
    const callerId = fields.at(-TRAILING - 1) ?? '';
    const app = { application, data };
    const ids = { callerId, bridgeId, uniqueId };
    return [{ name, context, exten, priority, state, ...app, ...ids, seconds: Number(duration) }];
  });
}

/** Of `dialplan show 150@inoffice`; undefined when the text holds no answer to it. */
export function readDialplan(text: string): 'exists' | 'no_extension' | 'no_context' | undefined {
  if (/^There is no existence of '[^']*' context$/m.test(text)) return 'no_context';
  if (/^There is no existence of \S+ extension$/m.test(text)) return 'no_extension';
  return /^\[ Context '/m.test(text) ? 'exists' : undefined;
}

/**
 * Of `pjsip show endpoint 150`. `absent`: no such endpoint; undefined: no PJSIP here, nobody knows.
 * An extension without an endpoint may still be a good one: a group, a FollowMe.
 */
export function readEndpoint(
  text: string,
): { state: 'registered' | 'unregistered' | 'absent' } | undefined {
  if (/^Unable to find object \S+\.$/m.test(text)) return { state: 'absent' };
  const state = /^ Endpoint: {2}[^<\s]\S* +(\S.*?) +\d+ of \S+ *$/m.exec(text)?.[1];
  if (state === undefined) return undefined;
  return { state: /^(Unavailable|Invalid|Unknown)$/.test(state) ? 'unregistered' : 'registered' };
}

/** "22.10.1" of "Asterisk 22.10.1+dfsg… built by …". */
export function readVersion(text: string): string | undefined {
  return /^Asterisk (\S+) built by /m.exec(text)?.[1];
}

/** Seconds since the start. */
export function readUptime(text: string): number | undefined {
  const seconds = /^System uptime: (\d+)$/m.exec(text)?.[1];
  return seconds === undefined ? undefined : Number(seconds);
}

export function readCounts(text: string): { channels: number; calls: number } | undefined {
  const channels = /^(\d+) active channels?$/m.exec(text)?.[1];
  const calls = /^(\d+) active calls?$/m.exec(text)?.[1];
  if (channels === undefined || calls === undefined) return undefined;
  return { channels: Number(channels), calls: Number(calls) };
}

/** `not_found`: that channel is gone, its caller hung up. */
export function readRedirect(text: string): 'redirected' | 'not_found' | 'refused' {
  if (/^Channel '[^']+' successfully redirected to /m.test(text)) return 'redirected';
  return /^Channel '[^']+' not found$/m.test(text) ? 'not_found' : 'refused';
}

export function readHangup(text: string): 'requested' | 'not_found' | 'refused' {
  if (/^Requested Hangup on channel '/m.test(text)) return 'requested';
  return /^\S+ is not a known channel$/m.test(text) ? 'not_found' : 'refused';
}

/** Right after a start the modules are still loading, and any command is unknown; so is one of a module not there. */
export function isUnknown(text: string, command: string): boolean {
  return text.includes(`No such command '${command}'`);
}

/** The CLI did not understand the command and printed how it is used. */
export function isUsage(text: string): boolean {
  return /^\s+There are two ways to use this command\.|^Usage: /m.test(text);
}
