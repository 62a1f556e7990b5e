import { type MarkedToken, Marked, type Token } from 'marked';

import { element } from './elements.ts';

const marked = new Marked({ gfm: true, breaks: true });
const LINK = /^(https?|mailto|tel):/i;

/**
 * Markdown as nodes. No HTML is ever parsed: every node is made here, of the kinds listed here, and HTML in the text is
 * shown as text. Links lead to web, mail and phone only; pictures become links, because they would call on others.
 */
export function renderMarkdown(text: string): DocumentFragment {
  const fragment = document.createDocumentFragment();
  fragment.append(...toNodes(marked.lexer(text)));
  return fragment;
}

function toNodes(tokens: readonly Token[] = []): Node[] {
  return tokens.flatMap((token) => toNode(token as MarkedToken)); // no extensions add tokens of their own
}

function toNode(token: MarkedToken): Node[] {
  switch (token.type) {
    case 'space':
    case 'def':
    case 'checkbox':
      return [];
    case 'paragraph':
      return [element('p', {}, ...toNodes(token.tokens))];
    case 'heading':
      return [element('p', {}, element('strong', {}, ...toNodes(token.tokens)))];
    case 'blockquote':
      return [element('blockquote', {}, ...toNodes(token.tokens))];
    case 'list': {
      const items = token.items.map((item) => element('li', {}, ...toNodes(item.tokens)));
      if (!token.ordered) return [element('ul', {}, ...items)];
      return [element('ol', { start: Number(token.start) || 1 }, ...items)];
    }
    case 'code':
      return [element('pre', {}, element('code', {}, token.text))];
    case 'table':
      return [
        element(
          'table',
          {},
          element(
            'tr',
            {},
            ...token.header.map((cell) => element('th', {}, ...toNodes(cell.tokens))),
          ),
          ...token.rows.map((row) =>
            element('tr', {}, ...row.map((cell) => element('td', {}, ...toNodes(cell.tokens)))),
          ),
        ),
      ];
    case 'hr':
      return [element('hr')];
    case 'br':
      return [element('br')];
    case 'strong':
    case 'em':
    case 'del':
      return [element(token.type, {}, ...toNodes(token.tokens))];
    case 'codespan':
      return [element('code', {}, token.text)];
    case 'link':
      return [link(token.href, toNodes(token.tokens))];
    case 'image':
      return [link(token.href, [document.createTextNode(token.text || token.href)])];
    case 'text':
      return 'tokens' in token && token.tokens
        ? toNodes(token.tokens)
        : [document.createTextNode(token.text)];
    case 'html':
    case 'escape':
    case 'list_item':
    default:
      return [document.createTextNode(token.raw)];
  }
}

function link(href: string, content: Node[]): Node {
  if (!LINK.test(href)) return element('span', {}, ...content);
  return element('a', { href, target: '_blank', rel: 'noopener noreferrer nofollow' }, ...content);
}
