import { formatInZone } from '../zoned-time.ts';
import type { ChatLine, ChatSnapshot } from './crm.ts';

/** What every CRM takes as one note. */
const LONGEST = 15_000;

/** The first line of a chat's transcript: by it the transcript is found again. */
export function titleOf({ number, kind }: Pick<ChatSnapshot, 'number' | 'kind'>): string {
  return kind === 'live' ? `Чат на сайте №${number}` : `Заявка с сайта №${number}`;
}

/** Everything that was said, as plain text for a CRM's card. Of what is too long the end counts. */
export function renderTranscript(chat: ChatSnapshot): string {
  const { clientName, phone, page, managerName, timezone, transcript } = chat;
  const head = [
    titleOf(chat),
    [clientName, phone && `+${phone}`].filter(Boolean).join(', '),
    `Страница: ${page}`,
    managerName && `Менеджер: ${managerName}`,
  ].filter(Boolean);
  const lines: string[] = [];
  let length = head.join('\n').length;
  for (const line of transcript.toReversed()) {
    const text = renderLine(line, timezone);
    length += text.length + 1;
    if (length > LONGEST) {
      lines.unshift('…');
      break;
    }
    lines.unshift(text);
  }
  return [...head, '', ...lines].join('\n');
}

function renderLine({ sender, managerName, text, at, attachment }: ChatLine, timezone: string) {
  const who = { ai: 'Помощник', user: 'Клиент', manager: managerName ?? 'Менеджер' }[sender];
  const said = [text, attachment && `[файл: ${attachment.name}]`].filter(Boolean).join(' ');
  return `[${formatInZone(at, timezone)}] ${who}: ${said}`;
}
