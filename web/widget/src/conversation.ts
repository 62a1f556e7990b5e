import type {
  ChatMessage,
  ChatState,
  VisitorServerFrame,
} from '../../../shared/chat/visitor.schema.ts';
import { type Api, ApiError, type HandOver } from './api.ts';
import type { Socket } from './socket.ts';
import type { Store, Unsent } from './store.ts';

/** One line of the chat as it is shown. `key` stays the same when a sent message gets its id. */
export type Entry = {
  key: string;
  id?: string;
  sender: ChatMessage['sender'];
  text: string;
  attachment?: ChatMessage['attachment'];
  managerName?: string;
  isEdited?: boolean;
  delivery?: 'sending' | 'failed';
};
export type View = {
  entries: readonly Entry[];
  state: ChatState;
  managerName: string | null;
  isRated: boolean;
  connection: 'none' | 'open' | 'lost';
  typing: { who: 'ai' | 'manager'; name?: string } | undefined;
};
type Dependencies = {
  api: Api;
  store: Store;
  connect: (options: {
    url: string;
    auth: () => object;
    onFrame: (frame: VisitorServerFrame) => void;
    onOpen: () => void;
    onLost: () => void;
  }) => Socket;
  page: { url: string; referrer: string; locale: 'ru' | 'en' };
  onChange: (view: View) => void;
  onRestored: () => void;
  newId?: () => string;
};

const POLL_EVERY_MS = 5_000;
const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 30_000;
const TYPING_SHOWN_MS = 6_000;
const TYPING_SENT_EVERY_MS = 3_000;

const SENDERS = {
  ai_message: 'ai',
  manager_message: 'manager',
  system_message: 'system',
  user_message: 'user',
} as const;

/**
 * What is said, what waits to be said, and where the chat stands. Messages are kept by their id, so that whatever comes
 * twice (socket, poll, echo) is shown once; own ones wait in the store until the hub has confirmed them, in order.
 */
export function createConversation(dependencies: Dependencies) {
  const { api, store, connect, page, onChange, onRestored } = dependencies;
  const newId = dependencies.newId ?? (() => crypto.randomUUID());
  const said = new Map<string, Entry>();
  let draft: { id: string; text: string } | undefined;
  let view: Omit<View, 'entries'> = {
    state: 'ai',
    managerName: null,
    isRated: false,
    connection: 'none',
    typing: undefined,
  };
  let failed = new Set<string>();
  let lastId: string | undefined;
  let socket: Socket | undefined;
  let poll: ReturnType<typeof setInterval> | undefined;
  let typingEnds: ReturnType<typeof setTimeout> | undefined;
  let typingSentAt = 0;
  let sending: Promise<void> | undefined;
  let hasBeenLost = false;

  function show(change: Partial<typeof view> = {}): void {
    view = { ...view, ...change };
    const stored = [...said.values()].toSorted((a, b) => compareIds(a.id ?? '', b.id ?? ''));
    const waiting = (store.load()?.unsent ?? []).map(({ clientId, text }): Entry => ({
      key: clientId,
      sender: 'user',
      text,
      delivery: failed.has(clientId) ? 'failed' : 'sending',
    }));
    const writing: Entry[] = draft
      ? [{ key: `draft-${draft.id}`, sender: 'ai', text: draft.text }]
      : [];
    onChange({ ...view, entries: [...stored, ...writing, ...waiting] });
  }

  function add(message: Omit<ChatMessage, 'sender'> & { sender: ChatMessage['sender'] }): void {
    if (message.client_id) confirm(message.client_id);
    const { id, sender, text, attachment, manager_name, client_id, edited_at } = message;
    said.set(id, {
      key: client_id ?? id,
      id,
      sender,
      text,
      ...(attachment && { attachment }),
      ...(manager_name && { managerName: manager_name }),
      ...(edited_at && { isEdited: true }),
    });
    if (lastId === undefined || compareIds(id, lastId) > 0) lastId = id;
  }

  function confirm(clientId: string): void {
    const saved = store.load();
    if (saved?.unsent.some((message) => message.clientId === clientId)) {
      store.save({
        ...saved,
        unsent: saved.unsent.filter((message) => message.clientId !== clientId),
      });
    }
    failed.delete(clientId);
  }

  function onFrame(frame: VisitorServerFrame): void {
    switch (frame.type) {
      case 'ai_message':
        if ('delta' in frame) return onDelta(frame);
        if (frame.draft_id === undefined || frame.draft_id === draft?.id) draft = undefined;
        add({ ...frame, sender: 'ai' });
        return show({ typing: undefined });
      case 'manager_message':
      case 'system_message':
      case 'user_message':
        // What the chat itself has to say comes instead of an answer.
        if (frame.type === 'system_message') draft = undefined;
        add({ ...frame, sender: SENDERS[frame.type] });
        return show(frame.type === 'manager_message' ? { typing: undefined } : {});
      case 'message_edited': {
        const entry = said.get(frame.id);
        if (entry) said.set(frame.id, { ...entry, text: frame.text, isEdited: true });
        return show();
      }
      case 'state':
        if (frame.state !== 'ai') draft = undefined;
        return show({
          state: frame.state,
          managerName: frame.manager_name,
          isRated: frame.rated,
        });
      case 'typing':
        clearTimeout(typingEnds);
        typingEnds = setTimeout(() => show({ typing: undefined }), TYPING_SHOWN_MS);
        return show({
          typing: { who: frame.who, ...(frame.manager_name && { name: frame.manager_name }) },
        });
      case 'pong':
      case 'error':
        return undefined;
    }
  }

  /**
   * Parts of an answer that the AI is writing. From 0 it begins anew, with nothing it is taken back. One that does not fit
   * on is left: the whole answer comes at the end.
   */
  function onDelta(frame: { draft_id: string; offset: number; delta: string }): void {
    if (view.state !== 'ai') return;
    const known = draft?.id === frame.draft_id && frame.offset > 0 ? draft.text : '';
    if (frame.offset !== known.length) return;
    const text = known + frame.delta;
    draft = text === '' ? undefined : { id: frame.draft_id, text };
    show({ typing: undefined });
  }

  async function catchUp(): Promise<void> {
    const session = store.load();
    if (!session) return;
    for (;;) {
      const { messages, state, manager_name, rated } = await api.messages(session, lastId);
      messages.forEach(add);
      if (state !== 'ai') draft = undefined;
      show({ state, managerName: manager_name, isRated: rated });
      if (messages.length < 200) return;
    }
  }

  function goOnline(): void {
    const session = store.load();
    if (!session || socket) return;
    socket = connect({
      url: session.websocketUrl,
      auth: () => ({
        type: 'auth',
        session_id: session.sessionId,
        token: session.token,
        ...(lastId && { after: lastId }),
      }),
      onFrame,
      onOpen() {
        clearInterval(poll);
        poll = undefined;
        show({ connection: 'open' });
        if (hasBeenLost) onRestored();
        hasBeenLost = false;
        void flush();
      },
      onLost() {
        draft = undefined;
        // Where sockets are blocked the chat still goes on, only slower.
        poll ??= setInterval(() => void catchUp().catch(forgetWhenRefused), POLL_EVERY_MS);
        if (view.connection === 'open') hasBeenLost = true;
        show({ connection: 'lost', typing: undefined });
      },
    });
  }

  /** The hub does not know this session any more: what waits is said in a new one. */
  function forgetWhenRefused(error: unknown): void {
    if (!(error instanceof ApiError) || error.status !== 403) return;
    const unsent = store.load()?.unsent ?? [];
    leave();
    if (unsent.length > 0) {
      void begin().then(
        (session) => {
          store.save({ ...session, unsent });
          void flush();
        },
        () => {},
      );
    }
  }

  function leave(): void {
    socket?.stop();
    socket = undefined;
    clearInterval(poll);
    poll = undefined;
    store.save(undefined);
    said.clear();
    draft = undefined;
    lastId = undefined;
    failed = new Set();
    show({ state: 'ai', managerName: null, isRated: false, connection: 'none', typing: undefined });
  }

  async function begin() {
    const existing = store.load();
    if (existing) return existing;
    const { url, referrer, locale } = page;
    const made = await api.createSession({ page: url, ...(referrer && { referrer }), locale });
    const session = {
      sessionId: made.session_id,
      token: made.token,
      websocketUrl: made.websocket_url,
      unsent: [],
    };
    store.save(session);
    made.history.forEach(add);
    goOnline();
    return session;
  }

  /** Sends what waits, in order; whatever may still go through is tried until it does. */
  async function flush(): Promise<void> {
    sending ??= sendAll().finally(() => (sending = undefined));
    return sending;
  }

  async function sendAll(): Promise<void> {
    let waitMs = FIRST_RETRY_MS;
    for (;;) {
      const session = store.load();
      const next = session?.unsent.find(({ clientId }) => !failed.has(clientId));
      if (!session || !next) return;
      try {
        const { message_id } = await api.send(session, {
          message_text: next.text,
          client_id: next.clientId,
          ...(next.attachmentId && { attachment_id: next.attachmentId }),
        });
        waitMs = FIRST_RETRY_MS;
        if (!said.has(message_id)) {
          add({
            id: message_id,
            sender: 'user',
            text: next.text,
            client_id: next.clientId,
            created_at: next.createdAt,
          });
          // Shown at once, but what others said before it may still be on its way.
          lastId = [...said.keys()]
            .filter((id) => id !== message_id)
            .toSorted(compareIds)
            .at(-1);
        } else confirm(next.clientId);
        show();
      } catch (error) {
        if (error instanceof ApiError && error.status === 403) return forgetWhenRefused(error);
        if (error instanceof ApiError && !error.mayPass) {
          failed.add(next.clientId);
          show();
          continue;
        }
        const seconds = error instanceof ApiError ? error.retryAfterSeconds : 0;
        await new Promise((resolve) => setTimeout(resolve, Math.max(waitMs, seconds * 1_000)));
        waitMs = Math.min(waitMs * 2, LONGEST_RETRY_MS);
      }
    }
  }

  return {
    /** Takes up a chat of an earlier page. */
    resume(): void {
      if (!store.load()) return;
      catchUp().catch(forgetWhenRefused);
      goOnline();
      void flush();
    },
    hasBegun: (): boolean => store.load() !== undefined,
    async say(text: string, attachmentId?: string): Promise<void> {
      const session = await begin();
      const message: Unsent = {
        clientId: newId(),
        text,
        createdAt: new Date().toISOString(),
        ...(attachmentId && { attachmentId }),
      };
      store.save({ ...session, unsent: [...(store.load()?.unsent ?? []), message] });
      show();
      void flush();
    },
    again(clientId: string): void {
      failed.delete(clientId);
      show();
      void flush();
    },
    async attach(file: File): Promise<void> {
      const session = await begin();
      const id = await api.upload(session, file);
      await this.say('', id);
    },
    async handOver(): Promise<HandOver> {
      return api.handOver(await begin());
    },
    async leaveRequest(request: {
      client_name: string;
      client_phone: string;
      question: string;
    }): Promise<void> {
      await api.leaveRequest(await begin(), request);
      await catchUp();
    },
    async close(): Promise<void> {
      const session = store.load();
      if (session) await api.close(session);
    },
    async rate(rating: number): Promise<void> {
      const session = store.load();
      if (!session) return;
      await api.rate(session, rating);
      show({ isRated: true });
    },
    typing(): void {
      if (Date.now() - typingSentAt < TYPING_SENT_EVERY_MS) return;
      typingSentAt = Date.now();
      socket?.send({ type: 'typing' });
    },
    read(): void {
      if (lastId) socket?.send({ type: 'read', id: lastId });
    },
  };
}
export type Conversation = ReturnType<typeof createConversation>;

/** Ids are numbers of any length. */
function compareIds(a: string, b: string): number {
  return a.length - b.length || (a < b ? -1 : a > b ? 1 : 0);
}
