import { TZDate } from '@date-fns/tz';

import { type CallStatus, type EndStatus, hasEnded } from '../calls/call.ts';
import { formatPhone } from '../phone.ts';
import { knownZone } from '../zoned-time.ts';
import type { ShownCall, UntoldCall } from './notify.sql.ts';

/** More names than this fold into a quote that the reader opens. */
const FOLD_AFTER = 4;
const HIDDEN = 'Номер не определён';
const MISSED: ReadonlySet<CallStatus> = new Set(['missed', 'abandoned', 'lost_in_transfer']);

const ENDED: Record<EndStatus, (call: ShownCall) => string> = {
  answered: ({ direction }) =>
    `✅ Успешный ${direction === 'out' ? 'исходящий' : 'входящий'} звонок`,
  missed: () => '❌ Мы не подняли трубку',
  abandoned: () => '❌ Абонент положил трубку',
  no_answer: () => '❌ Абонент не поднял трубку',
  busy: () => '❌ Занято',
  failed: () => '❌ Вызов не удался',
  lost_in_transfer: (call) => `⚠️ Разговор потерян при переводе${transferOf(call, ': ')}`,
  internal_answered: () => '✅ Успешный внутренний звонок',
  internal_missed: () => '❌ Коллега не поднял трубку',
};

const TALKING = { in: 'входящий', out: 'исходящий', internal: 'внутренний' } as const;

/** The message of a call as it is now, in Telegram's HTML; nothing when the enterprise does not want to hear of it. */
export function renderCall(call: ShownCall, publicUrl: string): string | undefined {
  if (call.direction === 'internal' && !call.notifyInternal) return undefined;
  if (hasEnded(call.status)) {
    return lines(ENDED[call.status](call), ...ended(call), recording(call, publicUrl));
  }
  switch (call.status) {
    case 'greeting':
      return call.notifyRing ? lines(`${client(call)} ➡️ Приветствие`, line(call)) : undefined;
    case 'ringing':
      return call.notifyRing ? lines(...ringing(call)) : undefined;
    case 'talking':
      return call.notifyTalk
        ? lines(`🔗 Идёт ${TALKING[call.direction]} разговор`, whoTalks(call), line(call))
        : undefined;
    case 'transferring':
      // Between the last leave and the hangup nobody is named yet: the message stays as it is.
      if (!call.notifyTalk || !call.transferTo) return undefined;
      return lines(`🔀 Перевод звонка${transferOf(call, ': ')}`, client(call), line(call));
  }
}

/** Below the message of a call that we missed. The data names the call only; the chat is what authorises the press. */
export function buttonsOf({ id, direction, status, phone, callBackButtons }: ShownCall) {
  const missed = direction === 'in' && MISSED.has(status);
  if (!missed || !phone || !callBackButtons) return [];
  return [{ text: '📞 Перезвонить', callbackData: `call_back:${id}` }];
}

/** Many answered calls in one message, for a chat whose budget did not last. */
export function renderSummary(
  calls: UntoldCall[],
  { timezone, extensionNames }: ShownCall,
): string {
  const each = calls.map(({ direction, phone, lastTalkedBy, startedAt }) => {
    const who = lastTalkedBy ? (extensionNames[lastTalkedBy] ?? lastTalkedBy) : '';
    const outside = phone ? formatPhone(phone) : HIDDEN;
    const arrow = direction === 'out' ? '⬅️' : '➡️';
    return escapeHtml(`${clockTime(startedAt, timezone)} ${outside} ${arrow} ${who}`.trim());
  });
  return `✅ Успешные звонки: ${calls.length}\n<blockquote expandable>${each.join('\n')}</blockquote>`;
}

function ringing(call: ShownCall): (string | undefined)[] {
  switch (call.direction) {
    case 'in':
      return ['📞 Входящий звонок', `${client(call)} ➡️`, people(call, call.ringing), line(call)];
    case 'out':
      return [
        '📞 Исходящий звонок',
        `${person(call, call.rang[0])} ➡️ ${client(call)}`,
        line(call),
      ];
    case 'internal':
      return [
        '📞 Внутренний звонок',
        `${person(call, call.caller)} ➡️`,
        people(call, call.ringing),
      ];
  }
}

function whoTalks(call: ShownCall): string {
  const talking = call.talkers.filter((talker) => talker.talking).map(({ extension }) => extension);
  const who = talking.map((extension) => person(call, extension)).join(', ');
  switch (call.direction) {
    case 'in':
      return `${client(call)} 📞 ➡️ ${who}`;
    case 'out':
      return `${who} 📞 ➡️ ${client(call)}`;
    case 'internal':
      return `${person(call, call.caller)} 📞 ➡️ ${who}`;
  }
}

function ended(call: ShownCall): (string | undefined)[] {
  const answered = call.talkers.length > 0;
  const who = answered ? [...new Set(call.talkers.map(({ extension }) => extension))] : call.rang;
  return [
    call.direction === 'internal' ? person(call, call.caller) : client(call),
    people(call, who),
    line(call),
    `⏰ Начало звонка ${clockTime(call.startedAt, call.timezone)}`,
    answered
      ? `⌛ Длительность: ${duration(call.talkSeconds ?? 0)}`
      : `⌛ Дозванивался: ${duration(call.waitSeconds ?? 0)}`,
  ];
}

/** The permanent link: it is there before the file is, and says so until then. */
function recording({ recordingFile, talkers }: ShownCall, publicUrl: string): string | undefined {
  if (!recordingFile || talkers.length === 0) return undefined;
  const link = `${publicUrl.replace(/\/+$/, '')}/r/${recordingFile}`;
  return `🔉 <a href="${escapeHtml(link)}">Запись разговора</a>`;
}

function client({ phone }: ShownCall): string {
  return `💰 ${phone ? escapeHtml(formatPhone(phone)) : HIDDEN}`;
}

function line({ line: id, lineNames }: ShownCall): string | undefined {
  return id ? `📡 ${escapeHtml(lineNames[id] ?? id)}` : undefined;
}

function people(call: ShownCall, extensions: string[]): string | undefined {
  if (extensions.length === 0) return undefined;
  const names = extensions.map((extension) => person(call, extension)).join('\n');
  return extensions.length > FOLD_AFTER ? `<blockquote expandable>${names}</blockquote>` : names;
}

function person({ extensionNames }: ShownCall, extension: string | null | undefined): string {
  if (!extension) return '☎️';
  const name = extensionNames[extension];
  const shown = partyOf(extension);
  return name ? `☎️ ${escapeHtml(name)} (${escapeHtml(shown)})` : `☎️ ${escapeHtml(shown)}`;
}

function transferOf({ transferFrom, transferTo }: ShownCall, before: string): string {
  if (!transferFrom || !transferTo) return '';
  return escapeHtml(`${before}${partyOf(transferFrom)} ➡️ ${partyOf(transferTo)}`);
}

/** A mobile that takes part in a call reads like the clients' numbers. */
function partyOf(extension: string): string {
  return extension.length > 6 ? formatPhone(extension) : extension;
}

function clockTime(moment: Date, timezone: string): string {
  const local = new TZDate(moment, knownZone(timezone));
  return `${twoDigits(local.getHours())}:${twoDigits(local.getMinutes())}`;
}

/** Minutes and seconds; an hour is 60 minutes. */
function duration(seconds: number): string {
  return `${twoDigits(Math.floor(seconds / 60))}:${twoDigits(seconds % 60)}`;
}

const twoDigits = (value: number) => String(value).padStart(2, '0');

function lines(...parts: (string | undefined)[]): string {
  return parts.filter((part) => part !== undefined).join('\n');
}

/** Telegram's HTML knows these three; a quote only matters inside attributes, and none is written here. */
export function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
