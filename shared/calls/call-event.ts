/** The edge where an event of a box becomes data we trust. Loaded at cold start: imports nothing but zod. */
import * as z from 'zod';

export const EVENT_KINDS = [
  'start',
  'dial',
  'bridge',
  'hangup',
  'bridge_create',
  'bridge_leave',
  'bridge_destroy',
  'new_callerid',
] as const;
export type EventKind = (typeof EVENT_KINDS)[number];

/** What a box said, in our words. A field the box left out, left empty or garbled is undefined (numbers: null). */
export type EventBody = {
  /** The channel the event is about; undefined on bridge_create and bridge_destroy. */
  uniqueId: string | undefined;
  /** Digits only; null when hidden, absent or not a number. May be an extension or a line: see numbers.ts. */
  phone: string | null;
  extensions: string[];
  callType: 0 | 1 | 2 | undefined;
  callStatus: number | undefined;
  /** ISDN hangup cause. */
  cause: number | undefined;
  /** DIALSTATUS of Asterisk, upper case; some macros send it instead of CallStatus. */
  dialStatus: string | undefined;
  /** Box local time, 'YYYY-MM-DD HH:MM:SS'. */
  startTime: string | undefined;
  endTime: string | undefined;
  dateReceived: string | undefined;
  /** Only what was made of the box's own call list says it. */
  answerTime?: string | undefined;
  line: string | undefined;
  extLine: string | undefined;
  extPhone: string | null;
  externalInitiated: boolean;
  callerIdNum: string | null;
  connectedLineNum: string | null;
  channel: string | undefined;
  exten: string | undefined;
  context: string | undefined;
  bridgeId: string | undefined;
  bridgeNumChannels: number | undefined;
};

/** An accepted event as the tracker knows it. */
export type CallEvent = EventBody & { id: string; kind: EventKind; receivedAt: Date };

type EventIssue = { path: string; message: string };
export type ParsedEvent =
  | { success: true; data: EventBody }
  | { success: false; issues: EventIssue[] };

const LONGEST_ID = 200;

const id = (describe: string) =>
  z
    .string('must be a string')
    .regex(/\S/, 'must not be empty')
    .regex(/^(?!\s*<unknown>\s*$)/, 'must be known')
    .max(LONGEST_ID, `must not be longer than ${LONGEST_ID} characters`)
    // Postgres refuses NUL in text; the other control characters never come from a working box either.
    .regex(/^\P{Cc}*$/u, 'must not contain control characters')
    .describe(describe);
const idOrEmpty = (describe: string) =>
  z.union(
    [z.string().regex(/^\s*(<unknown>\s*)?$/), id(describe)],
    `must be an id of at most ${LONGEST_ID} characters`,
  );

/** A field nobody needs for the call to be counted: whatever is wrong with it, the event is taken without it. */
const lenient = <Schema extends z.ZodType>(schema: Schema, describe: string) =>
  schema.nullish().catch(undefined).describe(describe);

const StringOrNumber = z.union([z.string(), z.number()]);

const fields = {
  Token: lenient(StringOrNumber, "The enterprise's token; the Token header wins."),
  Phone: lenient(StringOrNumber, 'The outside number with or without +; "+000…" is a hidden one.'),
  Extensions: lenient(
    z.union([z.array(StringOrNumber.nullable()), StringOrNumber]),
    'Inside numbers; one entry may hold several, joined by "&".',
  ),
  Extension: lenient(StringOrNumber, 'The same as Extensions, one string.'),
  CallType: z
    .union(
      [z.literal([0, 1, 2]), z.literal(['', '0', '1', '2'])],
      'must be 0 (in), 1 (out) or 2 (internal)',
    )
    .nullish()
    .describe('0 in, 1 out, 2 internal.'),
  CallStatus: lenient(
    StringOrNumber,
    '2 answered, 0 not answered, 1 left during the greeting, 5 talk; anything else counts as absent.',
  ),
  Cause: lenient(StringOrNumber, 'ISDN hangup cause; tells the outcome when CallStatus is absent.'),
  DialStatus: lenient(z.string(), 'DIALSTATUS of Asterisk, where a macro sends it.'),
  StartTime: lenient(z.string(), 'Box local time, YYYY-MM-DD HH:MM:SS; empty on internal legs.'),
  EndTime: lenient(z.string(), 'Box local time, YYYY-MM-DD HH:MM:SS.'),
  DateReceived: lenient(z.string(), 'Box local time, YYYY-MM-DD HH:MM:SS.'),
  AnswerTime: lenient(z.string(), 'Box local time, YYYY-MM-DD HH:MM:SS.'),
  Trunk: lenient(StringOrNumber, 'Line id, "0001363".'),
  ExtTrunk: lenient(StringOrNumber, 'Outside line of a dial.'),
  ExtPhone: lenient(StringOrNumber, 'Outside number of a dial.'),
  ExternalInitiated: lenient(
    z.union([z.boolean(), z.string(), z.number()]),
    'True for click-to-call.',
  ),
  CallerIDNum: lenient(StringOrNumber, 'Number of this channel, or "<unknown>".'),
  ConnectedLineNum: lenient(StringOrNumber, 'Number of the other side, or "<unknown>".'),
  CallerIDName: lenient(z.string(), 'Name of this channel.'),
  ConnectedLineName: lenient(z.string(), 'Name of the other side.'),
  Channel: lenient(z.string(), 'Channel name, "SIP/151-00000006" or a Local half.'),
  Exten: lenient(StringOrNumber, 'Dialplan extension of the channel.'),
  Context: lenient(z.string(), 'Dialplan context of the channel.'),
  BridgeNumChannels: lenient(StringOrNumber, 'Channels in the bridge.'),
  BridgeTechnology: lenient(z.string(), 'For example "simple_bridge".'),
};

const channelId = id('Asterisk uniqueid of the channel.');
const bridgeId = id('Id of the bridge.');
const maybeChannelId = idOrEmpty('Asterisk uniqueid of the channel, if any.').nullish();
const maybeBridgeId = idOrEmpty('Id of the bridge, if any.').nullish();

/** A dialplan that reports a bridge by itself does not always know its id. */
const ChannelBody = z.looseObject({
  UniqueId: channelId,
  BridgeUniqueid: maybeBridgeId,
  ...fields,
});
const BridgeBody = z.looseObject({
  UniqueId: maybeChannelId,
  BridgeUniqueid: bridgeId,
  ...fields,
});

const SCHEMAS = {
  start: ChannelBody,
  dial: ChannelBody,
  hangup: ChannelBody,
  new_callerid: ChannelBody,
  bridge: ChannelBody,
  bridge_leave: ChannelBody,
  bridge_create: BridgeBody,
  bridge_destroy: BridgeBody,
} satisfies Record<EventKind, z.ZodType>;

/** What each kind of event may look like on arrival, for the OpenAPI document. */
export const EventBodySchemas: Record<EventKind, z.ZodType> = SCHEMAS;

/** Checks the body of an event of this kind and says it in our words. Issues name the field as the box spells it. */
export function parseEventBody(kind: EventKind, payload: unknown): ParsedEvent {
  const parsed = SCHEMAS[kind].safeParse(payload);
  if (parsed.success) return { success: true, data: normaliseBody(parsed.data) };
  const issues = parsed.error.issues.map(({ path, message }) => ({
    path: path.join('.'),
    message: path.length === 0 ? 'must be a JSON object' : message,
  }));
  return { success: false, issues };
}

type RawBody = z.output<typeof ChannelBody> | z.output<typeof BridgeBody>;

function normaliseBody(raw: RawBody): EventBody {
  return {
    uniqueId: readText(raw.UniqueId),
    phone: readNumber(raw.Phone),
    extensions: readExtensions(raw.Extensions, raw.Extension),
    callType: readCallType(raw.CallType),
    callStatus: readInteger(raw.CallStatus),
    cause: readInteger(raw.Cause),
    dialStatus: readText(raw.DialStatus)?.toUpperCase(),
    startTime: readLocalTime(raw.StartTime),
    endTime: readLocalTime(raw.EndTime),
    dateReceived: readLocalTime(raw.DateReceived),
    answerTime: readLocalTime(raw.AnswerTime),
    line: readText(raw.Trunk),
    extLine: readText(raw.ExtTrunk),
    extPhone: readNumber(raw.ExtPhone),
    externalInitiated: ['true', '1', 'yes'].includes(
      String(raw.ExternalInitiated ?? '').toLowerCase(),
    ),
    callerIdNum: readNumber(raw.CallerIDNum),
    connectedLineNum: readNumber(raw.ConnectedLineNum),
    channel: readText(raw.Channel),
    exten: readText(raw.Exten),
    context: readText(raw.Context),
    bridgeId: readText(raw.BridgeUniqueid),
    bridgeNumChannels: readInteger(raw.BridgeNumChannels),
  };
}

type Scalar = string | number | null | undefined;

function readText(raw: Scalar): string | undefined {
  const text = String(raw ?? '')
    .replaceAll(/\p{Cc}/gu, '')
    .trim();
  return text === '' || text === '<unknown>' || text.length > LONGEST_ID ? undefined : text;
}

/** "+375 29…", "-375…" and 375… are one number; "+000…" is how the operator's switch writes a hidden one. */
function readNumber(raw: Scalar): string | null {
  const text = String(raw ?? '').trim();
  if (text.startsWith('+000')) return null;
  const digits = text.replaceAll(/[\s()+.-]/g, '');
  return /^\d{1,32}$/.test(digits) && !/^0+$/.test(digits) ? digits : null;
}

function readExtensions(list: Scalar | Scalar[], one: Scalar): string[] {
  const entries = [...(Array.isArray(list) ? list : [list]), one];
  const names = entries.flatMap((entry) => String(entry ?? '').split('&')).map(readExtension);
  return [...new Set(names.filter((name) => name !== undefined))];
}

/** "SIP/152", "Local/152@dialexecute" and "152" are one extension; "+375…" is a mobile of FollowMe. */
function readExtension(raw: string): string | undefined {
  const name = readText(raw)
    ?.replace(/^\w+\//, '')
    .replace(/@.*$/, '');
  return readText(name?.replace(/^\+(?=\d)/, ''));
}

function readInteger(raw: Scalar): number | undefined {
  const text = String(raw ?? '').trim();
  return /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}

function readCallType(raw: Scalar): 0 | 1 | 2 | undefined {
  const value = readInteger(raw);
  return value === 0 || value === 1 || value === 2 ? value : undefined;
}

/** Keeps only a real moment of the calendar: a call with an odd clock is better than a lost call. */
function readLocalTime(raw: Scalar): string | undefined {
  const text = String(raw ?? '').trim();
  if (!/^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}$/.test(text)) return undefined;
  const moment = new Date(`${text.replace(' ', 'T')}Z`);
  const roundTrip = Number.isNaN(moment.getTime()) ? '' : moment.toISOString().slice(0, 19);
  return roundTrip === text.replace(' ', 'T') ? text : undefined;
}
