import { linkProblem } from './telegram-html.ts';
import type { Button, InlineKeyboard } from './telegram-state.ts';

const ACTIONS = [
  'callback_data',
  'url',
  'web_app',
  'login_url',
  'switch_inline_query',
  'switch_inline_query_current_chat',
  'switch_inline_query_chosen_chat',
  'copy_text',
  'callback_game',
  'pay',
] as const;

/** Reads `reply_markup`; null when there is none or it is not an inline keyboard. */
export function parseReplyMarkup(
  source: string | undefined,
  refuse: (description: string) => never,
): InlineKeyboard | null {
  if (source === undefined || source.trim() === '') return null;
  const markup = parseObject(source, refuse);
  if (!('inline_keyboard' in markup)) return null;
  const rows = markup['inline_keyboard'];
  if (!Array.isArray(rows)) return refuse('field "inline_keyboard" must be of type Array');
  const keyboard = rows.map((row: unknown) => {
    if (!Array.isArray(row)) return refuse('field "inline_keyboard" must be an Array of Arrays');
    return row.map((button: unknown) => parseButton(button, refuse));
  });
  const filled = keyboard.filter((row) => row.length > 0);
  return filled.length > 0 ? { inline_keyboard: filled } : null;
}

function parseObject(source: string, refuse: (description: string) => never) {
  let value: unknown;
  try {
    value = JSON.parse(source);
  } catch {
    refuse("can't parse reply keyboard markup JSON object");
  }
  return isRecord(value) ? value : refuse('object expected as reply markup');
}

function parseButton(button: unknown, refuse: (description: string) => never): Button {
  const wrong = (problem: string) => refuse(`can't parse inline keyboard button: ${problem}`);
  if (!isRecord(button)) return wrong('InlineKeyboardButton must be an Object');
  const { text, callback_data: data, url } = button;
  if (text === undefined) return wrong('Can\'t find field "text"');
  if (typeof text !== 'string') return wrong('Field "text" must be of type String');
  if (text.trim() === '') return wrong('Button text must be non-empty');
  const action = ACTIONS.find((name) => button[name] !== undefined && button[name] !== '');
  if (action === undefined) return wrong('Text buttons are unallowed in the inline keyboard');
  if (data !== undefined && typeof data !== 'string') {
    return wrong('Field "callback_data" must be of type String');
  }
  if (typeof data === 'string' && Buffer.byteLength(data) > 64)
    return refuse('BUTTON_DATA_INVALID');
  if (url !== undefined && typeof url !== 'string') {
    return wrong('Field "url" must be of type String');
  }
  const problem = url && linkProblem(url);
  if (problem) return refuse(`inline keyboard button URL '${url}' is invalid: ${problem}`);
  return { ...button, text };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
