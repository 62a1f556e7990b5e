import * as z from 'zod';

const OF_CHAT = ['accept', 'details', 'call', 'reply', 'close', 'invite', 'pass', 'leave'] as const;
const TO_MANAGER = ['invite', 'pass'] as const;
const MENU = ['online', 'offline', 'offline_sure', 'chats', 'cancel', 'stats'] as const;
const ADMIN = ['managers', 'add', 'today'] as const;
const OF_MANAGER = [
  'show',
  'pause',
  'resume',
  'shift_off',
  'pass_chats',
  'remove',
  'remove_sure',
] as const;

const TelegramId = z.string().regex(/^[1-9]\d{0,15}$/);
const ChatId = z.string().regex(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);

const Press = z.discriminatedUnion('of', [
  z.object({ of: z.literal('chat'), verb: z.enum(OF_CHAT), chatId: ChatId }),
  z.object({
    of: z.literal('to'),
    verb: z.enum(TO_MANAGER),
    chatId: ChatId,
    managerId: TelegramId,
  }),
  z.object({ of: z.literal('menu'), verb: z.enum(MENU) }),
  z.object({ of: z.literal('admin'), verb: z.enum(ADMIN) }),
  z.object({ of: z.literal('manager'), verb: z.enum(OF_MANAGER), managerId: TelegramId }),
]);
/** What a button of the managers' bot means. It authorises nothing: who presses is looked at anew. */
export type Press = z.output<typeof Press>;

/** At most 64 bytes, as Telegram wants: a verb, and the ids it is about. */
export function toCallbackData(press: Press): string {
  const parts: string[] = [press.of, press.verb];
  if ('chatId' in press) parts.push(press.chatId);
  if ('managerId' in press) parts.push(press.managerId);
  return parts.join(':');
}

/** Undefined for whatever is no button of ours. */
export function parseCallbackData(data: string): Press | undefined {
  const [of, verb, first, second, ...rest] = data.split(':');
  if (rest.length > 0) return undefined;
  const ids = of === 'manager' ? { managerId: first } : { chatId: first, managerId: second };
  const result = Press.safeParse({ of, verb, ...ids });
  return result.success && toCallbackData(result.data) === data ? result.data : undefined;
}
