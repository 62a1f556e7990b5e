import { escapeHtml } from './html.ts';
import { badRequest } from './telegram-answers.ts';
import { ParseError, type Parsed, parseHtml } from './telegram-html.ts';
import type { Chat, Message } from './telegram-state.ts';

const LONGEST_TEXT = 4_096;
const LONGEST_CAPTION = 1_024;

export type Content = Pick<Message, 'text' | 'html' | 'source' | 'parse_mode' | 'entities'>;

export function readText(params: Map<string, string>, warnings: string[]): Content {
  const source = params.get('text') ?? '';
  if (source === '') return badRequest('message text is empty');
  const parse_mode = params.get('parse_mode') || null;
  const parsed = parseText(source, parse_mode);
  warnings.push(...parsed.warnings);
  const text = parsed.text.trimEnd();
  if (text.trim() === '') return badRequest('text must be non-empty');
  if (text.length > LONGEST_TEXT) return badRequest('message is too long');
  return { text, html: parsed.html, source, parse_mode, entities: parsed.entities };
}

/** May be empty. */
export function readCaption(params: Map<string, string>, warnings: string[]): Content {
  const source = params.get('caption') ?? '';
  const parse_mode = params.get('parse_mode') || null;
  const parsed = parseText(source, parse_mode);
  warnings.push(...parsed.warnings);
  const text = parsed.text.trim();
  if (text.length > LONGEST_CAPTION) return badRequest('message caption is too long');
  return { text, html: parsed.html, source, parse_mode, entities: parsed.entities };
}

export function readObject(source: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(source);
    if (typeof value === 'object' && value !== null) return { ...value };
  } catch {
    // falls through to the refusal
  }
  return badRequest("can't parse JSON object");
}

export function readCommands(source = ''): { command: string; description: string }[] {
  const list: unknown = Object.values(readObject(source));
  if (!Array.isArray(list) || list.length > 100) return badRequest('BOT_COMMANDS_TOO_MUCH');
  return list.map((each: { command?: unknown; description?: unknown }) => {
    const { command, description } = each;
    if (typeof command !== 'string' || !/^\/?[a-z0-9_]{1,32}$/.test(command))
      return badRequest('BOT_COMMAND_INVALID');
    if (typeof description !== 'string' || description.length < 1 || description.length > 256)
      return badRequest('BOT_COMMAND_DESCRIPTION_INVALID');
    return { command, description };
  });
}

/** Telegram looks at what a photo is, not at what it is called. */
export function isPicture(bytes: Buffer): boolean {
  const starts = (hex: string) => bytes.toString('hex', 0, hex.length / 2) === hex;
  return starts('ffd8ff') || starts('89504e47') || starts('52494646') || starts('47494638');
}

function parseText(source: string, mode: string | null): Parsed {
  const plain = { text: source, html: escapeHtml(source), entities: [], warnings: [] };
  switch (mode?.toLowerCase()) {
    case undefined:
      return plain;
    case 'html':
      try {
        return parseHtml(source);
      } catch (error) {
        if (!(error instanceof ParseError)) throw error;
        return badRequest(`can't parse entities: ${error.message}`);
      }
    case 'markdown':
    case 'markdownv2':
      return { ...plain, warnings: [`the simulator does not parse ${mode}`] };
    default:
      return badRequest('unsupported parse_mode');
  }
}

export function findMessage(chat: Chat, params: Map<string, string>): Message | undefined {
  const id = Number(params.get('message_id') ?? '');
  if (!Number.isSafeInteger(id) || id <= 0)
    return badRequest('message identifier is not specified');
  return chat.messages.find((message) => message.message_id === id && !message.deleted);
}

/** HTTP is for loopback only: that is what a Bot API server of one's own allows. */
export function checkWebhook(url: string, secret: string): void {
  if (secret !== '' && !/^[\w-]{1,256}$/.test(secret)) {
    badRequest('secret token contains unallowed characters');
  }
  if (url === '') return;
  const { protocol, hostname, port } =
    URL.parse(url) ?? badRequest('bad webhook: invalid URL specified');
  if (['127.0.0.1', 'localhost'].includes(hostname)) return;
  if (protocol !== 'https:') badRequest('bad webhook: An HTTPS URL must be provided for webhook');
  if (!['', '443', '80', '88', '8443'].includes(port)) {
    badRequest('bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443');
  }
}

export function readNames(source: string): string[] {
  try {
    const names: unknown = JSON.parse(source);
    if (Array.isArray(names)) return names.filter((name) => typeof name === 'string');
  } catch {
    // falls through to the refusal
  }
  return badRequest("can't parse allowed updates JSON object");
}
