import { setTimeout as sleep } from 'node:timers/promises';

import { afterEach, describe, expect, test } from 'vitest';
import * as z from 'zod';

import { db, eventually, ports, post } from './stack.ts';

const WEB = `http://127.0.0.1:${ports.web}`;
const SOCKET = `ws://127.0.0.1:${ports.websocket}`;
const TOKEN = '375290000001';

type Frame = { type: string; detail?: string; call?: Record<string, unknown> };
type Listener = { frames: Frame[]; socket: WebSocket; closed: Promise<void> };

const open: WebSocket[] = [];
afterEach(() => open.splice(0).forEach((socket) => socket.close()));

async function connect(query = '?live=calls'): Promise<Listener> {
  const socket = new WebSocket(`${SOCKET}/${query}`);
  open.push(socket);
  const frames: Frame[] = [];
  socket.addEventListener('message', ({ data }) => {
    frames.push(JSON.parse(String(data)) as Frame);
  });
  const closed = new Promise<void>((resolve) => {
    socket.addEventListener('close', () => resolve());
  });
  await new Promise<void>((resolve, reject) => {
    socket.addEventListener('open', () => resolve());
    socket.addEventListener('error', () => reject(new Error('the socket does not open')));
  });
  return { frames, socket, closed };
}

async function listen(auth: object): Promise<Listener> {
  const listener = await connect();
  listener.socket.send(JSON.stringify({ type: 'auth', ...auth }));
  await eventually(
    async () => listener.frames,
    ({ length }) => length > 0,
  );
  return listener;
}

async function takeTicket(login: string): Promise<string> {
  const headers = { origin: WEB, 'content-type': 'application/json' };
  const body = JSON.stringify({ login, password: 'trunkline-local' });
  const loggedIn = await fetch(`${WEB}/api/auth/login`, { method: 'POST', headers, body });
  const [cookie = ''] = (loggedIn.headers.get('set-cookie') ?? '').split(';');
  const taken = await fetch(`${WEB}/api/auth/socket-ticket`, {
    method: 'POST',
    headers: { ...headers, cookie },
  });
  return z.object({ ticket: z.string() }).parse(await taken.json()).ticket;
}

/** The steps of an answered call; each is said to the API, and takes the call to a state. */
function answeredCall() {
  const random = Math.floor(Math.random() * 1e6);
  const uniqueId = `${Math.floor(Date.now() / 1000)}.${random}`;
  const phone = `37529${String(random).padStart(7, '3')}`;
  const common = { Token: TOKEN, UniqueId: uniqueId, Phone: phone, Trunk: '0001363', CallType: 0 };
  const bridge = { Token: TOKEN, BridgeUniqueid: `bridge-${uniqueId}` };
  return {
    uniqueId,
    phone,
    steps: {
      greeting: [['start', common]],
      ringing: [['dial', { ...common, Extensions: ['150', '151'] }]],
      talking: [
        [
          'bridge',
          {
            ...bridge,
            UniqueId: uniqueId,
            Channel: 'SIP/0001363-00000004',
            CallerIDNum: phone,
            ConnectedLineNum: '151',
          },
        ],
        [
          'bridge',
          {
            ...bridge,
            UniqueId: `${uniqueId}2`,
            Channel: 'SIP/151-00000006',
            CallerIDNum: '151',
            ConnectedLineNum: phone,
          },
        ],
      ],
      answered: [['hangup', { ...common, CallStatus: '2', Extensions: ['151'] }]],
    } satisfies Record<string, [kind: string, body: object][]>,
  };
}

/** Plays a call; returns the states that the listener saw, each after its step. */
async function play({ frames }: Listener) {
  const { uniqueId, phone, steps } = answeredCall();
  const seen: string[] = [];
  for (const [status, events] of Object.entries(steps)) {
    for (const [kind, body] of events) await post(`/api/callevent/${kind}`, body);
    const isThis = ({ call }: Frame) =>
      call?.['unique_id'] === uniqueId && call['status'] === status;
    const found = await eventually(
      async () => frames.filter(isThis),
      ({ length }) => length > 0,
    );
    if (found.length > 0) seen.push(status);
    await sleep(100);
  }
  return { uniqueId, phone, seen };
}

describe('a listener of calls', () => {
  test('sees the states of a call of its enterprise in order', async () => {
    const listener = await listen({ ticket: await takeTicket('june') });
    expect(listener.frames).toMatchObject([{ type: 'ready', live: 'calls', enterprise: '0367' }]);
    const { uniqueId, phone, seen } = await play(listener);
    expect(seen).toEqual(['greeting', 'ringing', 'talking', 'answered']);

    const item = listener.frames.at(-1);
    const listed = await fetch(`${WEB}/enterprise/0367/calls?phone=${phone}`, {
      headers: { authorization: 'Bearer demo-secret-0367' },
    });
    const { items } = z.object({ items: z.array(z.looseObject({})) }).parse(await listed.json());
    expect(item).toMatchObject({ type: 'call', enterprise: '0367', call: { unique_id: uniqueId } });
    expect(items).toEqual([item?.call]);
  });

  test('of another enterprise sees nothing of it, a superadmin does', async () => {
    const [own, other, all] = await Promise.all([
      listen({ secret: 'demo-secret-0367' }),
      listen({ secret: 'demo-secret-0368' }),
      takeTicket('admin').then((ticket) => listen({ ticket })),
    ]);
    const { uniqueId } = await play(own);
    const ofCall = ({ frames }: Listener) =>
      frames.filter(({ call }) => call?.['unique_id'] === uniqueId).length;
    expect(other.frames).toMatchObject([{ type: 'ready', enterprise: '0368' }]);
    expect(all.frames).toMatchObject([{ type: 'ready', enterprise: null }, ...all.frames.slice(1)]);
    expect(ofCall(all)).toBe(ofCall(own));
  });

  test('whose connection is gone without a word does not hold up the others, and is forgotten', async () => {
    const own = await listen({ secret: 'demo-secret-0367' });
    await db`
      insert into socket_connections (id, kind, enterprise_number, authorised_at)
      values ('never-there=', 'calls', '0367', now())`;
    const { seen } = await play(own);
    expect(seen).toEqual(['greeting', 'ringing', 'talking', 'answered']);
    expect(await db`select from socket_connections where id = 'never-there='`).toHaveLength(0);
  });

  test('is answered its pings, and its row goes with it', async () => {
    const listener = await listen({ secret: 'demo-secret-0367' });
    listener.socket.send('{"type":"ping"}');
    await eventually(
      async () => listener.frames,
      ({ length }) => length > 1,
    );
    expect(listener.frames).toMatchObject([{ type: 'ready' }, { type: 'pong' }]);
    const rows = () => db`select from socket_connections`;
    const { length } = await rows();
    listener.socket.close();
    await listener.closed;
    const left = await eventually(rows, (now) => now.length < length);
    expect(left.length).toBeLessThan(length);
  });
});

describe('turned away', () => {
  test('is a ticket that was used', async () => {
    const ticket = await takeTicket('june');
    expect((await listen({ ticket })).frames).toMatchObject([{ type: 'ready' }]);
    const again = await listen({ ticket });
    await again.closed;
    expect(again.frames).toMatchObject([{ type: 'error', detail: 'Доступ запрещен' }]);
  });

  test.each([
    ['a wrong secret', '{"type":"auth","secret":"guessed"}', 'Доступ запрещен'],
    ['a ping before it is known who pings', '{"type":"ping"}', /^The first frame must be/],
    ['what is no frame', 'hello', /^The first frame must be/],
  ])('is %s', async (_what, text, detail) => {
    const listener = await connect();
    listener.socket.send(text);
    await listener.closed;
    expect(listener.frames).toMatchObject([{ type: 'error' }]);
    expect(listener.frames[0]?.detail).toMatch(detail);
  });

  // Without a kind it is a visitor's of the chat.
  test.each(['?live=everything', '?live=calls&secret=demo-secret-0367'])(
    'is an address like "/%s"',
    async (query) => {
      await expect(connect(query)).rejects.toThrow('does not open');
    },
  );
});
