import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

import type { ChatMessage, VisitorServerFrame } from '../../../shared/chat/visitor.schema.ts';
import { type Api, ApiError } from '../../../web/widget/src/api.ts';
import { createConversation, type View } from '../../../web/widget/src/conversation.ts';
import { createStore } from '../../../web/widget/src/store.ts';

const AT = '2026-01-31T12:00:00.000Z';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

/** A hub in memory: stores each client_id once, and may be away, refuse, or take a message and not say so. */
function createHub() {
  const messages: ChatMessage[] = [];
  const hub = {
    messages,
    isAway: false,
    losesAnswers: 0,
    refuses: '',
    sessions: 0,
    store(
      sender: ChatMessage['sender'],
      text: string,
      more: Partial<ChatMessage> = {},
    ): ChatMessage {
      const message = { id: String(messages.length + 1), sender, text, created_at: AT, ...more };
      messages.push(message);
      return message;
    },
  };
  const reach = () => {
    if (hub.isAway) throw new ApiError(0, 'away');
  };
  const api: Api = {
    async createSession() {
      reach();
      hub.sessions += 1;
      return {
        session_id: `session-${hub.sessions}`,
        token: `token-${hub.sessions}`,
        websocket_url: 'ws://hub',
        ai_enabled: true,
        history: [],
      };
    },
    async messages(_session, after) {
      reach();
      const rest = messages.filter(({ id }) => Number(id) > Number(after ?? 0));
      return { messages: rest, state: 'ai', manager_name: null, rated: false };
    },
    async send({ token }, { message_text, client_id }) {
      reach();
      if (message_text === hub.refuses) throw new ApiError(422, 'no');
      if (token !== `token-${hub.sessions}`) throw new ApiError(403, 'gone');
      const known = messages.find((message) => message.client_id === client_id);
      const { id } = known ?? hub.store('user', message_text, { client_id });
      if (hub.losesAnswers > 0) {
        hub.losesAnswers -= 1;
        throw new ApiError(0, 'cut');
      }
      return { message_id: id };
    },
    handOver: async () => ({ success: true, message: '', manager_name: null, chat_id: '1' }),
    leaveRequest: async () => ({ message: '' }),
    close: async () => undefined,
    rate: async () => undefined,
    upload: async () => 'attachment',
  };
  return { hub, api };
}

function open({ store = createStore(undefined), world = createHub() } = {}) {
  const views: View[] = [];
  const sockets: {
    auth: () => object;
    frame: (frame: VisitorServerFrame) => void;
    open: () => void;
    lose: () => void;
  }[] = [];
  const restored = vi.fn<() => void>();
  let counter = 0;
  const conversation = createConversation({
    api: world.api,
    store,
    connect({ auth, onFrame, onOpen, onLost }) {
      sockets.push({ auth, frame: onFrame, open: onOpen, lose: onLost });
      return { send: () => true, stop: () => {} };
    },
    page: { url: 'https://shop.example', referrer: '', locale: 'ru' },
    onChange: (view) => views.push(view),
    onRestored: restored,
    newId: () => `client-${(counter += 1)}`,
  });
  const view = (): View => {
    const last = views.at(-1);
    if (!last) throw new Error('nothing was shown');
    return last;
  };
  const lines = () => view().entries.map(({ sender, text, delivery }) => [sender, text, delivery]);
  return { ...world, store, conversation, sockets, views, view, lines, restored };
}

describe('what the visitor says', () => {
  test('is shown at once, and confirmed when the hub has it', async () => {
    const { conversation, lines, views } = open();
    await conversation.say('Добрый день');
    const shown = views.find(({ entries }) => entries.length > 0);
    expect(shown?.entries).toMatchObject([{ text: 'Добрый день', delivery: 'sending' }]);
    await vi.runAllTimersAsync();
    expect(lines()).toEqual([['user', 'Добрый день', undefined]]);
  });

  test('while the hub is away waits, in order, and arrives once', async () => {
    const { conversation, hub, lines } = open();
    await conversation.say('один');
    await vi.advanceTimersByTimeAsync(0);
    hub.isAway = true;
    await conversation.say('два');
    await conversation.say('три');
    await vi.advanceTimersByTimeAsync(20_000);
    expect(lines().map(([, , delivery]) => delivery)).toEqual([undefined, 'sending', 'sending']);
    hub.isAway = false;
    await vi.advanceTimersByTimeAsync(40_000);
    expect(hub.messages.map(({ text }) => text)).toEqual(['один', 'два', 'три']);
    expect(lines().map(([, , delivery]) => delivery)).toEqual([undefined, undefined, undefined]);
  });

  test('and was stored though the answer was cut, is stored and shown once', async () => {
    const { conversation, hub, lines } = open();
    hub.losesAnswers = 2;
    await conversation.say('раз');
    await vi.advanceTimersByTimeAsync(10_000);
    expect(hub.messages).toHaveLength(1);
    expect(lines()).toEqual([['user', 'раз', undefined]]);
  });

  test('survives the page: the next one sends it under the same id', async () => {
    const first = open();
    await first.conversation.say('привет');
    await vi.advanceTimersByTimeAsync(0);
    first.hub.losesAnswers = 1;
    void first.conversation.say('последнее');
    await vi.advanceTimersByTimeAsync(0);
    const { hub, store, api } = first;
    const second = open({ store, world: { hub, api } });
    second.conversation.resume();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(hub.messages.map(({ text }) => text)).toEqual(['привет', 'последнее']);
  });

  test('and the hub refuses is marked, and does not hold up the rest', async () => {
    const { conversation, hub, lines } = open();
    hub.refuses = 'плохо';
    await conversation.say('плохо');
    await conversation.say('хорошо');
    await vi.advanceTimersByTimeAsync(1_000);
    expect(lines()).toEqual([
      ['user', 'хорошо', undefined],
      ['user', 'плохо', 'failed'],
    ]);
    hub.refuses = '';
    conversation.again('client-1');
    await vi.advanceTimersByTimeAsync(1_000);
    expect(hub.messages.map(({ text }) => text)).toEqual(['хорошо', 'плохо']);
  });

  test('to a session that is no more goes to a new one', async () => {
    const { conversation, hub, store } = open();
    await conversation.say('раз');
    await vi.advanceTimersByTimeAsync(0);
    hub.sessions = 7;
    await conversation.say('два');
    await vi.advanceTimersByTimeAsync(5_000);
    expect(hub.messages.map(({ text }) => text)).toEqual(['раз', 'два']);
    expect(store.load()).toMatchObject({ sessionId: 'session-8', unsent: [] });
  });
});

describe('what others say', () => {
  async function begun() {
    const opened = open();
    await opened.conversation.say('вопрос');
    await vi.advanceTimersByTimeAsync(0);
    const [socket] = opened.sockets;
    if (!socket) throw new Error('no socket');
    socket.open();
    return { ...opened, socket };
  }
  const answer = (id: string, text: string) =>
    ({ type: 'ai_message', id, text, created_at: AT }) as const;

  test('is shown once however often it comes, in the order of its ids', async () => {
    const { socket, lines } = await begun();
    socket.frame({
      type: 'manager_message',
      id: '10',
      text: 'второй',
      created_at: AT,
      manager_name: 'Анна',
    });
    socket.frame(answer('9', 'первый'));
    socket.frame(answer('9', 'первый'));
    expect(lines().map(([, text]) => text)).toEqual(['вопрос', 'первый', 'второй']);
  });

  test('before an own message that was confirmed first is still asked for', async () => {
    const { hub, conversation, sockets, lines } = open();
    await conversation.say('раз');
    await vi.advanceTimersByTimeAsync(0);
    hub.store('manager', 'между');
    await conversation.say('два');
    await vi.advanceTimersByTimeAsync(0);
    expect(sockets[0]?.auth()).toMatchObject({ after: '1' });
    conversation.resume();
    await vi.advanceTimersByTimeAsync(0);
    expect(lines().map(([, text]) => text)).toEqual(['раз', 'между', 'два']);
  });

  test('while the AI writes grows, and its end takes the place of its parts', async () => {
    const { socket, lines } = await begun();
    socket.frame({ type: 'ai_message', draft_id: 'd', offset: 0, delta: 'Мы ' });
    socket.frame({ type: 'ai_message', draft_id: 'd', offset: 3, delta: 'открыты' });
    expect(lines().at(-1)).toEqual(['ai', 'Мы открыты', undefined]);
    socket.frame({ ...answer('2', 'Мы открыты.'), draft_id: 'd' });
    expect(lines().map(([, text]) => text)).toEqual(['вопрос', 'Мы открыты.']);
  });

  test('by the AI after the hand-over is thrown away, also the part on the screen', async () => {
    const { socket, lines } = await begun();
    socket.frame({ type: 'ai_message', draft_id: 'd', offset: 0, delta: 'Мы ' });
    socket.frame({ type: 'state', state: 'waiting', manager_name: null, rated: true });
    expect(lines().map(([, text]) => text)).toEqual(['вопрос']);
    socket.frame({ type: 'ai_message', draft_id: 'd', offset: 3, delta: 'открыты' });
    expect(lines().map(([, text]) => text)).toEqual(['вопрос']);
  });

  test('and changes later is shown as changed', async () => {
    const { socket, view } = await begun();
    socket.frame(answer('2', 'старое'));
    socket.frame({ type: 'message_edited', id: '2', text: 'новое', edited_at: AT });
    expect(view().entries.at(-1)).toMatchObject({ text: 'новое', isEdited: true });
  });

  test('is fetched while the socket is away, and the return is told once', async () => {
    const { socket, hub, lines, view, restored } = await begun();
    socket.lose();
    expect(view().connection).toBe('lost');
    hub.store('manager', 'пока вас не было');
    await vi.advanceTimersByTimeAsync(5_000);
    expect(lines().at(-1)?.[1]).toBe('пока вас не было');
    socket.open();
    socket.open();
    expect(view().connection).toBe('open');
    expect(restored).toHaveBeenCalledTimes(1);
  });
});
