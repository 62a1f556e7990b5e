import { setTimeout as sleep } from 'node:timers/promises';

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';

import { createAi } from '../../shared/chat/ai.ts';
import { createAnswer } from '../../shared/chat/answer.ts';
import { createAskAgain } from '../../shared/chat/ask-again.ts';
import { type Peers, startPeers } from '../peers/server.ts';
import { useDatabase } from '../support/database.ts';
import { createChatWorld, insertManager } from './world.ts';

const { db } = useDatabase();
let peers: Peers;
let world = createChatWorld(db);
let visitor = { id: '', token: '' };

beforeAll(async () => {
  peers = await startPeers({ port: 0 });
});
afterAll(() => peers.close());
beforeEach(async () => {
  world = createChatWorld(db);
  visitor = await world.begin();
  await insertManager(db);
});
afterEach(async () => {
  peers.ai.reset();
  await behave({ mode: 'ok' });
  await db`truncate chat_sessions, chat_connections, managers, rate_buckets cascade`;
  await db`update chat_settings set ai_prompt = ''`;
});

const behave = (rule: object) =>
  fetch(`${peers.url}/control/behave`, {
    method: 'POST',
    body: JSON.stringify({ peer: 'ai', ...rule }),
  });

const configured = () => ({
  AI_BASE_URL: `${peers.url}/ai/v1`,
  AI_API_KEY: 'demo-ai-key',
  AI_MODEL: 'demo-model',
});
const answerWith = (env: Partial<ReturnType<typeof configured>> = {}, timeLimitMs = 30_000) =>
  createAnswer({
    db,
    push: world.push,
    sockets: world.gateway.sockets,
    ai: createAi({ ...configured(), ...env }),
    timeLimitMs,
  });

async function ask(text: string): Promise<{ messageId: string }> {
  const { message } = await world.say({ sessionId: visitor.id, sender: 'user', text });
  return { messageId: message.id };
}
const said = () => db`select sender, text from chat_messages order by id`;
const texts = async () => (await said()).map(({ sender, text }) => `${sender}: ${text}`);

/**
 * What the widget would show of the AI's answers: drafts as they grow, and what is saved. What two pushes at once have
 * both sent is one message, by its id.
 */
function screenOf(connection: string) {
  let state = 'ai';
  let draft = '';
  const shown = new Map<unknown, string>();
  for (const frame of world.heard(connection)) {
    if (frame.type === 'state') {
      state = String(frame['state']);
      if (state !== 'ai') draft = '';
    }
    if (frame.type !== 'ai_message') continue;
    if (!('delta' in frame)) {
      draft = '';
      shown.set(frame['id'], String(frame['text']));
    } else if (state === 'ai') {
      const before = frame['offset'] === 0 ? '' : draft;
      if (before.length === frame['offset']) draft = before + String(frame['delta']);
    }
  }
  return { draft, shown: [...shown.values()] };
}

describe('an answer', () => {
  test('grows on the screen, is saved, and takes the place of what grew', async () => {
    await world.open('a=', visitor);
    const question = await ask('Есть ли доставка?');
    await answerWith()(question);
    const [, saved] = await said();
    expect(saved).toMatchObject({
      sender: 'ai',
      text: expect.stringContaining('**по всей стране**'),
    });
    const deltas = world.heard('a=').filter((frame) => 'delta' in frame);
    expect(deltas.length).toBeGreaterThan(1);
    // What was written last may come with the whole.
    expect(saved?.['text']).toContain(deltas.map(({ delta }) => delta).join(''));
    const last = world.heard('a=').at(-1);
    expect(last).toMatchObject({
      type: 'ai_message',
      text: saved?.['text'],
      draft_id: deltas[0]?.['draft_id'],
    });
    expect(screenOf('a=')).toEqual({ draft: '', shown: [saved?.['text']] });
    expect(world.heard('a=').map(({ type }) => type)).toContain('typing');
  });

  test('is given the instructions and the last 20 messages', async () => {
    await db`update chat_settings set ai_prompt = 'Отвечай коротко.'`;
    for (let n = 0; n < 24; n += 1)
      await world.say({ sessionId: visitor.id, sender: n % 2 ? 'manager' : 'user', text: `${n}` });
    await world.say({ sessionId: visitor.id, sender: 'system', text: 'не для него' });
    const answer = answerWith();
    await answer(await ask('А теперь?'));
    const received = await fetch(`${peers.url}/control/received?peer=ai`);
    const { received: requests } = (await received.json()) as {
      received: { body: { messages: { role: string; content: string }[]; stream: boolean } }[];
    };
    const { messages = [], stream } = requests.at(-1)?.body ?? {};
    expect(stream).toBe(true);
    expect(messages).toHaveLength(21);
    expect(messages[0]).toEqual({ role: 'system', content: 'Отвечай коротко.' });
    expect(messages.slice(-2)).toEqual([
      { role: 'assistant', content: '23' },
      { role: 'user', content: 'А теперь?' },
    ]);
  });

  test('is given once, however often it is asked for', async () => {
    const question = await ask('Есть ли доставка?');
    await answerWith()(question);
    await answerWith()(question);
    expect(await said()).toHaveLength(2);
    expect(peers.ai.talks).toHaveLength(1);
  });

  test('is one to several messages in a row', async () => {
    const first = await ask('Здравствуйте');
    const second = await ask('Есть ли доставка?');
    await answerWith()(first);
    await answerWith()(second);
    expect(peers.ai.talks).toMatchObject([{ question: 'Есть ли доставка?', context: 2 }]);
  });

  test('to what was said while another was being written is given too', async () => {
    peers.ai.settings.hold_after = 1;
    const first = await ask('Сколько стоит?');
    const answering = answerWith()(first);
    await vi.waitFor(() => expect(peers.ai.held()).toBe(1));
    peers.ai.settings.hold_after = null;
    const second = await ask('И есть ли доставка?');
    peers.ai.release();
    await answering;
    await answerWith()(second);
    expect((await said()).map(({ sender }) => String(sender))).toEqual([
      'user',
      'user',
      'ai',
      'ai',
    ]);
  });
});

test('a question that got no answer, and nobody works on, is put on the queue again', async () => {
  const askAgain = createAskAgain({ db, ai: world.ai });
  const { messageId } = await ask('Есть ли доставка?');
  world.ai.messages.length = 0;
  expect(await askAgain()).toEqual({ askedAgain: 0 });
  await db`update chat_sessions set last_message_at = now() - interval '61 seconds'`;
  expect(await askAgain()).toEqual({ askedAgain: 1 });
  expect(world.ai.messages).toMatchObject([{ body: { messageId }, group: visitor.id }]);
  expect(world.ai.messages[0]?.dedup).not.toBe(messageId);
  await answerWith()({ messageId });
  await db`update chat_sessions set last_message_at = now() - interval '61 seconds'`;
  expect(await askAgain()).toEqual({ askedAgain: 0 });
});

describe('the lock', () => {
  test.each([1, 2, 5])(
    'an answer in flight at the hand-over (after %i pieces) is never saved, nor left on the screen',
    async (pieces) => {
      peers.ai.settings.hold_after = pieces;
      await world.open('a=', visitor);
      const answering = answerWith()(await ask('Сколько стоит?'));
      await vi.waitFor(() => expect(screenOf('a=').draft).not.toBe(''));
      await world.handOver.toManager(visitor.id, { name: undefined, phone: undefined });
      peers.ai.release();
      await answering;
      await sleep(50);
      expect(await texts()).toEqual(['user: Сколько стоит?', 'system: Ищем свободного менеджера…']);
      expect(screenOf('a=')).toEqual({ draft: '', shown: [] });
      expect(peers.ai.talks[0]?.end).toBe('не дослушали');
    },
  );

  test('holds at any moment of the hand-over: saved before it, or not at all', async () => {
    const outcomes = new Set<string>();
    for (let round = 0; round < 12; round += 1) {
      peers.ai.settings.answer = 'Ответ.';
      peers.ai.settings.piece_ms = 0;
      visitor = await world.begin();
      await world.open(`r${round}=`, visitor);
      const question = await ask('Вопрос');
      const handOver = () =>
        world.handOver.toManager(visitor.id, { name: undefined, phone: undefined });
      if (round === 0) await handOver();
      const answering = answerWith()(question);
      await (round === 11 ? answering : sleep(round * 15));
      if (round > 0) await handOver();
      await answering;
      const rows = await db`
        select sender from chat_messages where session_id = ${visitor.id} order by id`;
      const order = rows.map(({ sender }) => String(sender)).join(' ');
      expect(['user ai system', 'user system']).toContain(order);
      const { draft, shown } = screenOf(`r${round}=`);
      expect(draft).toBe('');
      expect(shown).toEqual(order === 'user ai system' ? ['Ответ.'] : []);
      outcomes.add(order);
    }
    expect(outcomes.size).toBe(2);
  });

  test('keeps the AI silent in every state but its own', async () => {
    const question = await ask('Вопрос');
    for (const state of ['waiting', 'active', 'closed', 'offline']) {
      await db`update chat_sessions set state = ${state}`;
      await answerWith()(question);
    }
    expect(peers.ai.talks).toEqual([]);
    expect(await said()).toHaveLength(1);
  });
});

const OFFER = expect.stringContaining('Связаться с живым менеджером');

describe('when there is no answer a human is offered', () => {
  const OFFERED = {
    said: [{ sender: 'system', text: OFFER }],
    screen: { draft: '', shown: [] },
  };
  const outcome = async () => ({ said: (await said()).slice(1), screen: screenOf('a=') });
  beforeEach(() => world.open('a=', visitor));

  test('because none is configured', async () => {
    const question = await ask('Вопрос');
    const unset = { AI_BASE_URL: undefined, AI_API_KEY: undefined, AI_MODEL: undefined };
    const { push } = world;
    await createAnswer({ db, push, sockets: world.gateway.sockets, ai: createAi(unset) })(question);
    expect(await outcome()).toEqual(OFFERED);
  });

  test.each(['error500', 'cut_before', 'html'])(
    'because the endpoint does this: %s',
    async (mode) => {
      await behave({ mode });
      await answerWith()(await ask('Вопрос'));
      expect(await outcome()).toEqual(OFFERED);
    },
  );

  test('because the key is wrong', async () => {
    await answerWith({ AI_API_KEY: 'wrong' })(await ask('Вопрос'));
    expect(await outcome()).toEqual(OFFERED);
  });

  test('because the answer was cut off in the middle', async () => {
    peers.ai.settings.cut_after = 4;
    peers.ai.settings.piece_ms = 100;
    await answerWith()(await ask('Сколько стоит?'));
    expect(world.heard('a=').some((frame) => 'delta' in frame && frame['delta'] !== '')).toBe(true);
    expect(await outcome()).toEqual(OFFERED);
  });

  test('because it was empty', async () => {
    peers.ai.settings.answer = '';
    await answerWith()(await ask('Вопрос'));
    expect(await outcome()).toEqual(OFFERED);
  });

  test('because it took too long', async () => {
    peers.ai.settings.hold_after = 1;
    await answerWith({}, 400)(await ask('Сколько стоит?'));
    expect(await outcome()).toEqual(OFFERED);
  });

  test('once, until something else is said', async () => {
    await behave({ mode: 'error500' });
    await answerWith()(await ask('один'));
    await answerWith()(await ask('два'));
    expect((await said()).map(({ sender }) => String(sender))).toEqual(['user', 'system', 'user']);
    await behave({ mode: 'ok' });
    await answerWith()(await ask('три'));
    await behave({ mode: 'error500' });
    await answerWith()(await ask('четыре'));
    expect((await said()).slice(3).map(({ sender }) => String(sender))).toEqual([
      'user',
      'ai',
      'user',
      'system',
    ]);
  });

  test('in the language of the visitor', async () => {
    visitor = await world.begin('en');
    await answerWith({ AI_API_KEY: 'wrong' })(await ask('Hello'));
    expect(await texts()).toContainEqual(expect.stringContaining('Talk to a human'));
  });
});
