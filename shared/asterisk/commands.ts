/**
 * The only place where a command for a box is made. What enters one went through an allow-list first, so nothing that
 * somebody typed, dialled or has in a CRM can become another command, an option of Dial or a way into a shell.
 */
import * as z from 'zod';

import { AppError } from '../errors.ts';
import { Context } from './context.schema.ts';

/** Digits, `*` and `#`, at most ten. */
export const Extension = z
  .string()
  .regex(/^[0-9*#]{1,10}$/)
  .brand<'Extension'>();
export type Extension = z.output<typeof Extension>;

/** Three to fifteen digits, a plus in front or not. Spaces, dashes and brackets are taken out first. */
export const Phone = z
  .string()
  .transform((text) => text.replaceAll(/[ \-()[\]]/g, ''))
  .pipe(z.string().regex(/^\+?[0-9]{3,15}$/))
  .brand<'Phone'>();
export type Phone = z.output<typeof Phone>;

/** As the box names it: `PJSIP/150-00000000`, `Local/150@inoffice-00000000;2`. */
export const ChannelName = z
  .string()
  .max(100)
  .regex(/^[A-Za-z0-9]+\/[A-Za-z0-9@._+-]+(;[12])?$/)
  .brand<'ChannelName'>();
export type ChannelName = z.output<typeof ChannelName>;

export type Technology = 'PJSIP' | 'SIP';

const Command = z.string().brand<'Command'>();
export type Command = z.output<typeof Command>;

const WANTED = {
  extension: [Extension, 'an extension is 1 to 10 digits, * or #'],
  phone: [Phone, 'a phone number is 3 to 15 digits'],
  channel: [ChannelName, 'this is no name of a channel'],
  context: [Context, 'a context is letters, digits, _ and -'],
} as const;

/** @throws AppError 422; `path` names the caller's field */
export const readExtension = (text: string, path = 'extension'): Extension =>
  read('extension', text, path);
/** @throws AppError 422 */
export const readPhone = (text: string, path = 'phone'): Phone => read('phone', text, path);
/** @throws AppError 422 */
export const readChannel = (text: string, path = 'channel'): ChannelName =>
  read('channel', text, path);
/** @throws AppError 422 */
export const readContext = (text: string, path = 'context'): Context => read('context', text, path);

/** Rings the extension, then dials the phone. Prints nothing, whether it worked or not. */
export const originate = (extension: Extension, phone: Phone, context: Context): Command =>
  command(
    `channel originate LOCAL/${extension}@${context} application Dial LOCAL/${phone}@${context}`,
  );

export const showDialplan = (exten: Extension | Phone, context: Context): Command =>
  command(`dialplan show ${exten}@${context}`);
export const showContext = (context: Context): Command => command(`dialplan show ${context}`);

export const listChannels = (): Command => command('core show channels concise');
export const countChannels = (): Command => command('core show channels count');
export const showVersion = (): Command => command('core show version');
export const showUptime = (): Command => command('core show uptime seconds');

/** What PJSIP knows of a phone; `No such command` where there is no PJSIP. */
export const showEndpoint = (extension: Extension): Command =>
  command(`pjsip show endpoint ${extension}`);
/** The same of the older SIP driver; `No such command` since Asterisk 21. */
export const showSipPeer = (extension: Extension): Command => command(`sip show peer ${extension}`);

/** Whom the redirect dials: to be sent before it, in the same write. */
export const setWho = (
  channel: ChannelName,
  technology: Technology,
  extension: Extension,
): Command => command(`dialplan set chanvar ${channel} WHO ${technology}/${extension}`);
/** How long the manager's phone rings, for dialplans that ask. */
export const setRingSeconds = (channel: ChannelName, seconds: number): Command =>
  command(`dialplan set chanvar ${channel} RING_SECONDS ${Math.trunc(seconds)}`);
/** Says "successfully redirected" even when the context does not exist. */
export const redirect = (channel: ChannelName, context: Context): Command =>
  command(`channel redirect ${channel} ${context},1,1`);
export const hangUp = (channel: ChannelName): Command =>
  command(`channel request hangup ${channel}`);

function command(text: string): Command {
  return Command.parse(text);
}

function read<K extends keyof typeof WANTED>(
  kind: K,
  text: string,
  path: string,
): z.output<(typeof WANTED)[K][0]> {
  const [schema, message] = WANTED[kind];
  const result = schema.safeParse(text);
  if (result.success) return result.data as z.output<(typeof WANTED)[K][0]>; // of the schema just above
  throw new AppError('unprocessable', `The request cannot be read: ${path}: ${message}`, {
    errors: [{ path, message }],
  });
}
