import type { Entry } from './conversation.ts';
import { element } from './elements.ts';
import { renderMarkdown } from './markdown.ts';
import type { Texts } from './texts.ts';

/** The list of messages: what has not changed is not touched, so that a screen reader reads only what is new. */
export function createMessageList(texts: Texts, onAgain: (key: string) => void) {
  const list = element('div', { className: 'log', role: 'log', tabIndex: 0, ariaLive: 'polite' });
  const shown = new Map<string, { node: HTMLElement; signature: string }>();
  let isAtEnd = true;
  const stay = (): void => {
    if (isAtEnd) list.scrollTop = list.scrollHeight;
  };
  list.addEventListener('scroll', () => {
    isAtEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 60;
  });
  // What comes and goes below the list must not cover its end.
  new ResizeObserver(stay).observe(list);

  return {
    node: list,
    show(entries: readonly Entry[]): void {
      const keys = new Set(entries.map(({ key }) => key));
      for (const [key, { node }] of shown) {
        if (keys.has(key)) continue;
        node.remove();
        shown.delete(key);
      }
      let after: HTMLElement | undefined;
      for (const entry of entries) {
        const node = nodeOf(entry);
        const isInPlace = after
          ? after.nextElementSibling === node
          : list.firstElementChild === node;
        if (!isInPlace) {
          if (after) after.after(node);
          else list.prepend(node);
        }
        after = node;
      }
      stay();
    },
  };

  function nodeOf(entry: Entry): HTMLElement {
    const signature = JSON.stringify(entry);
    const known = shown.get(entry.key);
    if (known?.signature === signature) return known.node;
    const node = draw(entry);
    known?.node.replaceWith(node);
    shown.set(entry.key, { node, signature });
    return node;
  }

  function draw(entry: Entry): HTMLElement {
    const node = element('div', { className: `message ${entry.sender}-message` });
    const author = {
      ai: texts.ai,
      user: texts.you,
      manager: entry.managerName ?? texts.someManager,
      system: texts.system,
    };
    node.setAttribute('aria-label', author[entry.sender]);
    node.setAttribute('role', 'group');
    if (entry.sender === 'manager')
      node.append(element('span', { className: 'author' }, author.manager));
    const isMarkdown = entry.sender === 'ai' || entry.sender === 'manager';
    const body = element('div', { className: 'body' });
    body.append(isMarkdown ? renderMarkdown(entry.text) : entry.text);
    node.append(body);
    if (entry.attachment) {
      const { name, url } = entry.attachment;
      node.append(
        element('a', { href: url, target: '_blank', rel: 'noopener noreferrer' }, `📎 ${name}`),
      );
    }
    if (entry.isEdited) node.append(element('span', { className: 'note' }, texts.edited));
    if (entry.delivery === 'sending') {
      node.append(
        element(
          'span',
          { className: 'note' },
          navigator.onLine ? texts.sending : texts.waitsForConnection,
        ),
      );
    }
    if (entry.delivery === 'failed') {
      const again = element('button', { type: 'button' }, texts.again);
      again.addEventListener('click', () => onAgain(entry.key));
      node.append(element('span', { className: 'note failed' }, `${texts.failed} · `, again));
    }
    return node;
  }
}
