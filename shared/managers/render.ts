import { formatPhone } from '../phone.ts';
import { escapeHtml } from '../telegram/render.ts';
import { type Press, toCallbackData } from './callback-data.ts';
import type { Card } from './cards.sql.ts';
import type { HeldChat, HistoryLine } from './chats.sql.ts';
import type { Copy } from './copies.sql.ts';
import type { ButtonRows } from './notices.sql.ts';
import type { Manager } from './people.sql.ts';

export type Shown = { text: string; buttons: ButtonRows };

const LONGEST_NAME = 40;
/** With tags and what else stands there it stays well below Telegram's 4096. */
const LONGEST_HISTORY = 3_400;

export const button = (text: string, press: Press) => ({
  text,
  callbackData: toCallbackData(press),
});

/** A chat as it is now, for one manager. */
export function renderCard(card: Card): Shown {
  const { chatId, state, role, ownerName } = card;
  const of = (verb: Extract<Press, { of: 'chat' }>['verb']): Press => ({
    of: 'chat',
    verb,
    chatId,
  });
  const answer = button('💬 Ответить', of('reply'));
  const details = button('📋 Подробности', of('details'));
  switch (state) {
    case 'waiting':
      return {
        text: lines(
          heading(card, card.kind === 'offline' ? '📨 Заявка' : '🔔 Новый чат'),
          ...client(card),
          ...before(card),
        ),
        buttons: [
          [button('✅ Принять чат', of('accept'))],
          [details, button('📞 Позвонить', of('call'))],
        ],
      };
    case 'active': {
      if (role === 'owner')
        return {
          text: lines(heading(card, '✅ Вы ведёте чат'), ...client(card)),
          buttons: [
            [answer, details, button('🔚 Завершить', of('close'))],
            [button('➕ Пригласить', of('invite')), button('🔁 Передать', of('pass'))],
            [button('📞 Позвонить', of('call'))],
          ],
        };
      if (role === 'guest')
        return {
          text: lines(heading(card, '➕ Вы участвуете в чате'), ...client(card), owner(ownerName)),
          buttons: [[answer, details, button('🚪 Выйти из чата', of('leave'))]],
        };
      return {
        text: lines(heading(card, '👤 Чат'), owner(ownerName) ?? 'Чат уже принят'),
        buttons: [],
      };
    }
    case 'closed':
      return {
        text: lines(
          heading(card, '🔚 Завершён чат'),
          visitorOf(card),
          card.rating !== null && `Оценка: ${'⭐'.repeat(card.rating)}`,
        ),
        buttons: [],
      };
  }
}

/** A message in a manager's Telegram: from which chat, from whom, what. */
export function renderCopy({
  number,
  sender,
  text,
  visitorName,
  managerName,
  fileName,
}: Copy): string {
  const who =
    sender === 'manager'
      ? `👩‍💼 ${short(managerName ?? 'Менеджер')}`
      : `👤 ${short(visitorName ?? 'Посетитель')}`;
  return lines(
    `<b>${escapeHtml(who)}</b> · №${number ?? '—'}`,
    fileName !== null && text === '' ? undefined : escapeHtml(text),
  );
}

/** Everything a manager may want to know of a chat. */
export function renderDetails(
  { number, name, phone }: Pick<HeldChat, 'number' | 'name' | 'phone'>,
  {
    page,
    referrer,
    userAgent,
    createdAt,
  }: { page: string; referrer: string | null; userAgent: string | null; createdAt: Date },
  history: HistoryLine[],
): string {
  return lines(
    `<b>Чат №${number}</b>`,
    `👤 ${escapeHtml(short(name ?? 'Имя не указано'))}`,
    `📞 ${phone ? escapeHtml(showPhone(phone)) : 'телефон не оставлен'}`,
    `🌐 ${escapeHtml(page.slice(0, 200))}`,
    referrer && `↩️ ${escapeHtml(referrer.slice(0, 200))}`,
    userAgent && `💻 ${escapeHtml(userAgent.slice(0, 150))}`,
    `🕐 ${createdAt.toISOString().slice(0, 16).replace('T', ' ')} UTC`,
    '',
    renderHistory(history),
  );
}

/** The last of a talk, as much of it as a message holds. */
export function renderHistory(history: HistoryLine[]): string {
  const kept: string[] = [];
  let length = 0;
  for (const line of history.toReversed()) {
    const shown = `${SIGNS[line.sender] ?? ''} ${line.managerName ? `${short(line.managerName)}: ` : ''}${said(line)}`;
    length += shown.length + 1;
    if (length > LONGEST_HISTORY) break;
    kept.unshift(escapeHtml(shown));
  }
  return kept.length > 0
    ? `<blockquote expandable>${kept.join('\n')}</blockquote>`
    : 'Переписки ещё нет.';
}

const SIGNS: Record<string, string> = { user: '👤', ai: '🤖', manager: '👩‍💼', system: 'ℹ️' };

const said = ({ text, fileName }: HistoryLine): string =>
  [fileName && `📎 ${fileName}`, text.slice(0, 600)].filter(Boolean).join(' ');

export function renderMenu({ status, isAdmin }: Manager): ButtonRows {
  const menu = (text: string, verb: Extract<Press, { of: 'menu' }>['verb']) =>
    button(text, { of: 'menu', verb });
  return [
    [
      status === 'online'
        ? menu('🔴 Уйти со смены', 'offline')
        : menu('🟢 Выйти на смену', 'online'),
    ],
    [menu('💬 Мои чаты', 'chats'), menu('📊 Статистика', 'stats')],
    ...(isAdmin
      ? [
          [
            button('👥 Управление менеджерами', { of: 'admin', verb: 'managers' }),
            button('📅 Сегодня', { of: 'admin', verb: 'today' }),
          ],
        ]
      : []),
  ];
}

export const STATUS = {
  online: '🟢 на смене',
  offline: '⚪️ не на смене',
  paused: '⏸ на паузе',
} as const;

export function renderManager({
  id,
  name,
  extension,
  status,
  openChats,
  maxActiveChats,
}: Manager): Shown {
  const of = (text: string, verb: Extract<Press, { of: 'manager' }>['verb']) =>
    button(text, { of: 'manager', verb, managerId: id });
  return {
    text: lines(
      `<b>${escapeHtml(name)}</b>`,
      `Telegram: ${id}`,
      extension && `Внутренний номер: ${escapeHtml(extension)}`,
      `Состояние: ${STATUS[status]}`,
      `Чаты: ${openChats} из ${maxActiveChats}`,
    ),
    buttons: [
      [status === 'paused' ? of('▶️ Снять паузу', 'resume') : of('⏸ Пауза', 'pause')],
      ...(status === 'online' ? [[of('🔴 Снять со смены', 'shift_off')]] : []),
      ...(openChats > 0 ? [[of('🔁 Передать его чаты', 'pass_chats')]] : []),
      [of('🗑 Удалить', 'remove')],
    ],
  };
}

export const nameOfChat = ({ number, name }: Pick<HeldChat, 'number' | 'name'>): string =>
  `№${number}${name ? ` · ${short(name)}` : ''}`;

function heading({ number }: Card, what: string): string {
  return `<b>${what} №${number}</b>`;
}

function client(card: Card): (string | undefined)[] {
  return [
    visitorOf(card),
    `📞 ${card.phone ? escapeHtml(showPhone(card.phone)) : 'телефон не оставлен'}`,
    `🌐 ${escapeHtml(card.page.slice(0, 200))}`,
    card.kind === 'offline' && card.question
      ? `❓ ${escapeHtml(card.question.slice(0, 1_000))}`
      : undefined,
  ];
}

function before({ before: talk }: Card): (string | undefined)[] {
  if (talk.length === 0) return [];
  return [
    '',
    '<b>Последние сообщения с ИИ</b>',
    ...talk.map(({ sender, text }) => escapeHtml(`${SIGNS[sender] ?? ''} ${text}`)),
  ];
}

/** Visitors write as they like; Telegram makes a link to call of what looks like a number. */
export function showPhone(phone: string): string {
  const digits = phone.replaceAll(/\D/g, '');
  return digits.length >= 10 ? formatPhone(digits) : phone;
}

const visitorOf = ({ name }: Card): string => `👤 ${escapeHtml(short(name ?? 'Посетитель'))}`;

const owner = (name: string | null): string | undefined =>
  name === null ? undefined : `Чат ведёт ${escapeHtml(short(name))}`;

const short = (name: string): string =>
  name.length > LONGEST_NAME ? `${name.slice(0, LONGEST_NAME)}…` : name;

function lines(...parts: (string | false | null | undefined)[]): string {
  return parts.filter((part) => typeof part === 'string').join('\n');
}
