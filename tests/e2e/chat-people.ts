import * as z from 'zod';

import { control, db, eventually, ports } from './stack.ts';

export const BOT = 700_000_002;
/** The people of the demo: the least loaded is asked first, the lowest number of equals. */
export const [MARIA, IVAN, OLEG] = [700_401, 700_402, 700_403];

const Key = z.object({ text: z.string(), callback_data: z.string().optional() });
const Phone = z.object({
  messages: z.array(
    z.looseObject({
      message_id: z.number(),
      mine: z.boolean(),
      html: z.string().optional(),
      edited: z.boolean(),
      keyboard: z.array(z.array(Key)),
    }),
  ),
});

/** A manager with the simulated Telegram in hand. */
export function manager(id: number) {
  const shown = async () =>
    Phone.parse(await control(`telegram/phone/${id}?bot=${BOT}`)).messages.filter(
      ({ mine }) => !mine,
    );
  const buttons = async () =>
    (await shown()).toReversed().flatMap(({ message_id, keyboard }) =>
      keyboard.flat().map(({ text, callback_data }) => ({
        text,
        press: { chat_id: id, message_id, data: callback_data ?? '' },
      })),
    );
  const say = async (text: string, more: object = {}) =>
    z
      .object({ update: z.object({ message: z.object({ message_id: z.number() }) }) })
      .parse(await control('telegram/say', { chat_id: id, bot: BOT, text, ...more })).update.message
      .message_id;

  return {
    id,
    say,
    shown,
    /** The newest button of this name, once it is there. */
    async button(label: string, forMs?: number) {
      const find = async () => (await buttons()).find(({ text }) => text.includes(label))?.press;
      const found = await eventually(find, (press) => press !== undefined, forMs);
      if (!found) throw new Error(`${id} has no button "${label}"`);
      return found;
    },
    async hasButton(label: string): Promise<boolean> {
      return (await buttons()).some(({ text }) => text.includes(label));
    },
    press: (press: object) => control('telegram/press', press),
    async tap(label: string): Promise<void> {
      await control('telegram/press', await this.button(label));
    },
    edit: (messageId: number, text: string) =>
      control('telegram/edit', { chat_id: id, message_id: messageId, text }),
    /** Resolves with the number of the message that has these words. */
    async sees(words: string, forMs?: number): Promise<number> {
      const find = async () =>
        (await shown()).find(({ html = '' }) => html.includes(words))?.message_id;
      const found = await eventually(find, (number) => number !== undefined, forMs);
      if (found === undefined) throw new Error(`${id} does not see "${words}"`);
      return found;
    },
    /** How often these words stand in his chat. */
    async count(words: string): Promise<number> {
      return (await shown()).filter(({ html = '' }) => html.includes(words)).length;
    },
    async comeOnShift(): Promise<void> {
      await say('/start');
      await say('/online');
      await isNow(id, 'online');
    },
    async leave(): Promise<void> {
      await db`update managers set status = 'offline' where telegram_id = ${id}`;
    },
  };
}

async function isNow(id: number, status: string): Promise<void> {
  const look = async () => (await db`select status from managers where telegram_id = ${id}`)[0];
  const row = await eventually(look, (found) => found?.['status'] === status);
  if (row?.['status'] !== status) throw new Error(`${id} is not ${status}`);
}

const Session = z.object({
  session_id: z.string(),
  token: z.string(),
  websocket_url: z.string(),
  ai_enabled: z.boolean(),
});
const Listed = z.object({
  messages: z.array(z.looseObject({ id: z.string(), sender: z.string(), text: z.string() })),
  state: z.string(),
  manager_name: z.string().nullable(),
  rated: z.boolean(),
});
type Frame = { type: string; [name: string]: unknown };

/** A visitor with the bare HTTP and WebSocket API: what the widget is to the chat, without its pages. */
export async function visitor() {
  const base = `http://127.0.0.1:${ports.http}/api/chat`;
  let token = '';
  const ask = async (path: string, body?: object): Promise<unknown> => {
    const response = await fetch(`${base}/${path}`, {
      method: body ? 'POST' : 'GET',
      headers: {
        'content-type': 'application/json',
        ...(token && { authorization: `Bearer ${token}` }),
      },
      ...(body && { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return response.json();
  };
  const session = Session.parse(await ask('sessions', { page: 'https://shop.example/delivery' }));
  token = session.token;
  const session_id = session.session_id;
  const frames: Frame[] = [];
  let socket: WebSocket | undefined;

  const messages = () =>
    frames.filter(({ type, id }) => /^(ai|manager|system|user)_message$/.test(type) && id);
  const lastId = () => messages().reduce((last, { id }) => Math.max(last, Number(id)), 0);

  return {
    session,
    frames,
    messages,
    /** What came over the socket, as the widget keeps it: two pushes at once may both send a message, it is one by its id. */
    ids: () => [...new Set(messages().map(({ id }) => String(id)))],
    async connect(): Promise<void> {
      const told = frames.length;
      socket = new WebSocket(session.websocket_url);
      socket.addEventListener('message', ({ data }) => {
        frames.push(JSON.parse(String(data)) as Frame);
      });
      await new Promise((resolve, reject) => {
        socket?.addEventListener('open', resolve);
        socket?.addEventListener('error', () => reject(new Error('no socket')));
      });
      const after = lastId();
      const auth = { type: 'auth', session_id, token, ...(after > 0 && { after: String(after) }) };
      socket.send(JSON.stringify(auth));
      const isIn = () => frames.slice(told).some(({ type }) => type === 'state');
      await eventually(async () => isIn(), Boolean);
      if (!isIn()) throw new Error('the socket was not taken');
    },
    /** The network is gone: nothing is said good-bye to. */
    cut(): void {
      socket?.close();
      socket = undefined;
    },
    isConnected: () => socket?.readyState === WebSocket.OPEN,
    send: (frame: object) => socket?.send(JSON.stringify(frame)),
    async say(text: string, clientId?: string): Promise<string> {
      const body = { session_id, message_text: text, ...(clientId && { client_id: clientId }) };
      return z.object({ message_id: z.string() }).parse(await ask('send-message', body)).message_id;
    },
    handOver: (who: { client_name?: string; client_phone?: string } = {}) =>
      ask('transfer-to-manager', { session_id, ...who }) as Promise<Record<string, unknown>>,
    close: () => ask('close', { session_id }),
    rate: (rating: number) => ask('rating', { session_id, rating }),
    list: async () => Listed.parse(await ask('messages')),
    /** Resolves with the frame that fits, once it is there. */
    async hears(what: (frame: Frame) => boolean, forMs?: number): Promise<Frame> {
      const found = await eventually(
        async () => frames.find(what),
        (frame) => frame !== undefined,
        forMs,
      );
      if (!found) throw new Error(`not heard; last: ${JSON.stringify(frames.slice(-5))}`);
      return found;
    },
    hearsText(type: string, words: string, forMs?: number) {
      return this.hears(
        ({ type: kind, text }) => kind === type && typeof text === 'string' && text.includes(words),
        forMs,
      );
    },
    hearsState(state: string, forMs?: number) {
      return this.hears((frame) => frame.type === 'state' && frame['state'] === state, forMs);
    },
    /** What the database has of this session, system messages too. */
    async stored(): Promise<string[]> {
      const rows =
        await db`select id from chat_messages where session_id = ${session_id} order by id`;
      return rows.map(({ id }) => String(id));
    },
  };
}
export type Visitor = Awaited<ReturnType<typeof visitor>>;
