// <script src="https://calls.example.com/widget.js" data-locale="ru" data-title="…" defer></script>
import { createApi } from './api.ts';
import { type Conversation, createConversation } from './conversation.ts';
import { createSocket } from './socket.ts';
import { createStore } from './store.ts';
import { textsFor } from './texts.ts';
import { createView } from './view.ts';

const script = document.currentScript;

if (script instanceof HTMLScriptElement) {
  const options = script.dataset;
  const start = (): void => begin(options['api'] ?? new URL(script.src).origin, options);
  if (document.body) start();
  else document.addEventListener('DOMContentLoaded', start);
}

function begin(base: string, options: DOMStringMap): void {
  const { locale, texts } = textsFor(
    options['locale'] || document.documentElement.lang || navigator.language,
  );
  const host = document.createElement('div');
  host.id = 'trunkline-chat';
  document.body.append(host);
  const api = createApi(base.replace(/\/$/, ''));
  let conversation: Conversation | undefined;
  const current = (): Conversation => {
    if (!conversation) throw new Error('not ready');
    return conversation;
  };
  const view = createView(host, { texts, locale, title: options['title'] ?? '' }, current);
  conversation = createConversation({
    api,
    store: createStore(storage()),
    connect: createSocket,
    page: { url: location.href.split('#', 1)[0] ?? '', referrer: document.referrer, locale },
    onChange: (state) => view.show(state),
    onRestored: () => view.restored(),
  });
  view.show({
    entries: [],
    state: 'ai',
    managerName: null,
    isRated: false,
    connection: 'none',
    typing: undefined,
  });
  conversation.resume();
}

/** Some browsers throw on the mere mention. */
function storage(): Storage | undefined {
  try {
    return window.localStorage;
  } catch {
    return undefined;
  }
}
