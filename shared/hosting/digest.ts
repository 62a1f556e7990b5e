import type { Untold } from './changes.sql.ts';

/** Telegram takes 4096 characters. */
const MOST_TEXT = 3_800;

const STATUS_NAMES: Record<string, string> = {
  active: 'активен',
  overdue: 'просрочен',
  suspended: 'приостановлен',
  closed: 'закрыт',
};

/** One message of everything that changed, a line per server. */
export function renderDigest(changes: Untold[]): string {
  const servers = new Map<number, { name: string; parts: string[] }>();
  for (const change of changes) {
    const server = servers.get(change.serverId) ?? { name: change.serverName, parts: [] };
    server.parts.push(describe(change));
    servers.set(change.serverId, server);
  }
  const lines = [...servers.values()].map(
    ({ name, parts }) => `• ${name.slice(0, 60)}: ${parts.slice(-4).join('; ')}`,
  );
  const shown: string[] = [];
  let length = 0;
  for (const line of lines) {
    length += line.length + 1;
    if (length > MOST_TEXT) break;
    shown.push(line);
  }
  const more = lines.length - shown.length;
  return [
    `🖥 Хостинг: изменились серверы (${lines.length})`,
    ...shown,
    ...(more > 0 ? [`… и ещё ${more}`] : []),
  ].join('\n');
}

function describe({ field, oldValue, newValue }: Untold): string {
  switch (field) {
    case 'cost_price':
      return `цена ${money(oldValue)} → ${money(newValue)}`;
    case 'status':
      return `${statusName(oldValue)} → ${statusName(newValue)}`;
    case 'missing_since':
      return newValue === null ? 'снова есть в Timeweb' : 'пропал из Timeweb';
    default:
      return `в Timeweb ${shorten(oldValue)} → ${shorten(newValue)}`;
  }
}

export function renderBalanceAlert(
  { balance, currency }: { balance: number; currency: string | null },
  days: number,
): string {
  const left = Math.floor(days);
  return `⚠️ Timeweb: на счёте ${balance.toFixed(2)} ${currency ?? 'RUB'}, хватит на ${left} дн.`;
}

const money = (value: string | null): string =>
  value === null ? 'неизвестна' : `${value.replace(/\.00$/, '')} ₽`;
const statusName = (value: string | null): string => STATUS_NAMES[value ?? ''] ?? shorten(value);
const shorten = (value: string | null): string => (value ?? '—').slice(0, 40);
