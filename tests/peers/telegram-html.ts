import { escapeHtml } from './html.ts';

/** Telegram's HTML parse mode, with the server's own error texts. */
export type Entity = {
  type: string;
  offset: number;
  length: number;
  url?: string;
  language?: string;
  custom_emoji_id?: string;
};

export type Parsed = {
  text: string;
  entities: Entity[];
  /** The message as safe HTML, for the page. */
  html: string;
  warnings: string[];
};

export class ParseError extends Error {}

const TYPES: Record<string, string> = {
  b: 'bold',
  strong: 'bold',
  i: 'italic',
  em: 'italic',
  u: 'underline',
  ins: 'underline',
  s: 'strikethrough',
  strike: 'strikethrough',
  del: 'strikethrough',
  a: 'text_link',
  code: 'code',
  pre: 'pre',
  blockquote: 'blockquote',
  span: 'spoiler',
  'tg-spoiler': 'spoiler',
  'tg-emoji': 'custom_emoji',
};
const SHOWN: Record<string, string> = {
  bold: 'b',
  italic: 'i',
  underline: 'u',
  strikethrough: 's',
  code: 'code',
  pre: 'pre',
  blockquote: 'blockquote',
  expandable_blockquote: 'blockquote',
};
const NAMED: Record<string, string> = { lt: '<', gt: '>', amp: '&', quot: '"' };

type Open = { tag: string; at: number; entity: Entity | undefined; close: string };

export function parseHtml(source: string): Parsed {
  const warnings: string[] = [];
  const stack: Open[] = [];
  const entities: Entity[] = [];
  let text = '';
  let html = '';
  let index = 0;

  const byteOffset = (position: number) => Buffer.byteLength(source.slice(0, position));

  while (index < source.length) {
    const char = source[index];
    if (char === '&') {
      const { value, length } = decodeEntity(source.slice(index, index + 16));
      if (length === 1 && /^&[a-z]+;/i.test(source.slice(index))) {
        const shown = source.slice(index, source.indexOf(';', index) + 1);
        warnings.push(`${shown} is shown as it stands: only &lt; &gt; &amp; &quot; are known`);
      }
      text += value;
      html += escapeHtml(value);
      index += length;
    } else if (char === '<' && source[index + 1] === '/') {
      index = closeTag(index);
    } else if (char === '<') {
      index = openTag(index);
    } else {
      text += char;
      html += escapeHtml(char ?? '');
      index += 1;
    }
  }
  const unclosed = stack.at(-1);
  if (unclosed) {
    throw new ParseError(`Can't find end tag corresponding to start tag "${unclosed.tag}"`);
  }
  return { text, entities: mergeCode(entities), html, warnings };

  function openTag(start: number): number {
    const at = byteOffset(start);
    const rest = source.slice(start + 1);
    const name = /^[^\s>]*/.exec(rest)?.[0] ?? '';
    if (start + 1 + name.length >= source.length) {
      throw new ParseError(`Unclosed start tag at byte offset ${at}`);
    }
    const tag = name.toLowerCase();
    const type = TYPES[tag];
    if (type === undefined) {
      throw new ParseError(`Unsupported start tag "${name}" at byte offset ${at}`);
    }
    const { attributes, end } = readAttributes(source, start + 1 + name.length, { tag, at });
    const entity = toEntity({ tag, type, at, offset: text.length, attributes, warnings });
    const shown = SHOWN[entity?.type ?? ''];
    html += openHtml(entity, shown);
    const close = shown ? `</${shown}>` : entity?.url ? '</a>' : '</span>';
    stack.push({ tag, at, entity, close });
    return end;
  }

  function closeTag(start: number): number {
    const at = byteOffset(start);
    const open = stack.pop();
    if (!open) throw new ParseError(`Unexpected end tag at byte offset ${at}`);
    const name = /^[^\s>]*/.exec(source.slice(start + 2))?.[0] ?? '';
    const rest = /^\s*/.exec(source.slice(start + 2 + name.length))?.[0] ?? '';
    const end = start + 2 + name.length + rest.length;
    if (source[end] !== '>') throw new ParseError(`Unclosed end tag at byte offset ${at}`);
    const tag = name.toLowerCase();
    if (tag !== '' && tag !== open.tag) {
      throw new ParseError(
        `Unmatched end tag at byte offset ${at}, expected "</${open.tag}>", found "</${tag}>"`,
      );
    }
    html += open.close;
    const length = text.length - (open.entity?.offset ?? 0);
    if (open.entity && length > 0) entities.push({ ...open.entity, length });
    return end + 1;
  }
}

/** A language counts only where `pre` and `code` cover the same text, and makes them one. */
function mergeCode(entities: Entity[]): Entity[] {
  const within = (outer: Entity) => (inner: Entity) =>
    inner.type === 'code' && inner.offset === outer.offset && inner.length === outer.length;
  const merged = entities
    .filter((entity) => entity.type === 'pre')
    .flatMap((pre) => {
      const code = entities.find(within(pre));
      if (code?.language === undefined) return [];
      pre.language = code.language;
      return [code];
    });
  return entities
    .filter((entity) => !merged.includes(entity))
    .map(({ language, ...entity }) =>
      entity.type === 'pre' && language !== undefined ? { ...entity, language } : entity,
    )
    .toSorted((a, b) => a.offset - b.offset || b.length - a.length);
}

function readAttributes(
  source: string,
  from: number,
  { tag, at }: { tag: string; at: number },
): { attributes: Map<string, string>; end: number } {
  const attributes = new Map<string, string>();
  const unclosed = () => new ParseError(`Unclosed start tag "${tag}" at byte offset ${at}`);
  let index = from;
  const skipSpaces = () => {
    while (/\s/.test(source[index] ?? '')) index += 1;
  };
  for (;;) {
    skipSpaces();
    if (index >= source.length) throw unclosed();
    if (source[index] === '>') return { attributes, end: index + 1 };
    const name = /^[^\s=>]*/.exec(source.slice(index))?.[0] ?? '';
    if (name === '') {
      throw new ParseError(`Empty attribute name in the tag "${tag}" at byte offset ${at}`);
    }
    index += name.length;
    skipSpaces();
    if (source[index] !== '=') {
      attributes.set(name.toLowerCase(), '');
      continue;
    }
    index += 1;
    skipSpaces();
    const quote = source[index];
    if (quote === undefined) throw unclosed();
    let raw: string;
    if (quote === '"' || quote === "'") {
      const end = source.indexOf(quote, index + 1);
      if (end < 0) throw new ParseError(`Unclosed start tag at byte offset ${at}`);
      raw = source.slice(index + 1, end);
      index = end + 1;
    } else {
      raw = /^[a-zA-Z0-9.-]*/.exec(source.slice(index))?.[0] ?? '';
      index += raw.length;
      const next = source[index];
      if (next === undefined || !/[\s>]/.test(next)) {
        const position = Buffer.byteLength(source.slice(0, index - raw.length));
        throw new ParseError(`Unexpected end of name token at byte offset ${position}`);
      }
    }
    attributes.set(
      name.toLowerCase(),
      raw.replaceAll(/&[a-z#0-9]+;?/gi, (each) => decodeEntity(each).value),
    );
  }
}

function toEntity({
  tag,
  type,
  at,
  offset,
  attributes,
  warnings,
}: {
  tag: string;
  type: string;
  at: number;
  offset: number;
  attributes: Map<string, string>;
  warnings: string[];
}): Entity | undefined {
  const entity = { type, offset, length: 0 };
  switch (tag) {
    case 'span':
      if (attributes.get('class') === 'tg-spoiler') return entity;
      throw new ParseError(`Tag "span" must have class "tg-spoiler" at byte offset ${at}`);
    case 'tg-emoji': {
      const id = attributes.get('emoji-id') ?? '';
      if (/^\d+$/.test(id)) return { ...entity, custom_emoji_id: id };
      throw new ParseError('Invalid custom emoji identifier specified');
    }
    case 'a': {
      const href = attributes.get('href') ?? '';
      const problem = linkProblem(href);
      if (problem === undefined) return { ...entity, url: href };
      warnings.push(`the link "${href}" is dropped without a word: ${problem}`);
      return undefined;
    }
    case 'blockquote':
      return attributes.has('expandable') ? { ...entity, type: 'expandable_blockquote' } : entity;
    case 'code': {
      const language = /^language-(.+)$/.exec(attributes.get('class') ?? '')?.[1];
      return language === undefined ? entity : { ...entity, language };
    }
    default:
      return entity;
  }
}

/** Why Telegram would not open this address; undefined when it would. */
export function linkProblem(url: string): string | undefined {
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(url)?.[1]?.toLowerCase() ?? 'http';
  if (!['http', 'https', 'tg', 'ton', 'tonsite'].includes(scheme))
    return 'Unsupported URL protocol';
  if (scheme === 'tg') return undefined;
  const host = /^(?:[a-z][a-z0-9+.-]*:\/\/)?([^/?#:]*)/i.exec(url)?.[1] ?? '';
  if (host === '') return 'URL host is empty';
  return host.includes('.') ? undefined : 'Wrong HTTP URL';
}

function openHtml(entity: Entity | undefined, shown: string | undefined): string {
  if (entity?.url !== undefined) {
    return `<a href="${escapeHtml(entity.url)}" rel="noreferrer" target="_blank">`;
  }
  if (shown === undefined) return `<span class="${entity?.type === 'spoiler' ? 'spoiler' : ''}">`;
  return entity?.type === 'expandable_blockquote'
    ? '<blockquote class="expandable">'
    : `<${shown}>`;
}

function decodeEntity(source: string): { value: string; length: number } {
  const numeric = /^&#(?:x([0-9a-f]{1,8})|(\d{1,8}));?/i.exec(source);
  const code = numeric ? Number.parseInt(numeric[1] ?? numeric[2] ?? '', numeric[1] ? 16 : 10) : 0;
  if (numeric && code > 0 && code <= 0x10_ff_ff) {
    if (code >= 0xd8_00 && code <= 0xdf_ff) {
      throw new ParseError(
        'Text contains invalid Unicode characters after decoding HTML entities, check for unmatched surrogate code units',
      );
    }
    return { value: String.fromCodePoint(code), length: numeric[0].length };
  }
  const named = /^&([a-z]+);?/i.exec(source);
  const value = NAMED[named?.[1] ?? ''];
  return named && value !== undefined
    ? { value, length: named[0].length }
    : { value: '&', length: 1 };
}
