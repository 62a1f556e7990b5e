import { setTimeout as delay } from 'node:timers/promises';

import * as z from 'zod';

import { composeAnswer } from './ai-answers.ts';
import { renderAi } from './ai-panel.ts';
import { check } from './control.ts';
import type { Answer, Clock, Peer, PeerRequest } from './peer.ts';

const KEY = 'demo-ai-key';
const MODEL = 'demo-model';
const KEPT = 20;

const Completion = z.object({
  model: z.string(),
  messages: z
    .array(
      z.object({
        role: z.enum(['system', 'developer', 'user', 'assistant']),
        content: z.string(),
      }),
    )
    .min(1),
  stream: z.boolean().default(false),
});

const Settings = z.strictObject({
  /** Instead of what it would say itself. */
  answer: z.string().nullable().optional(),
  /** Between two pieces of a streamed answer. */
  piece_ms: z.int().nonnegative().max(60_000).optional(),
  /** After so many pieces the connection is cut. */
  cut_after: z.int().nonnegative().nullable().optional(),
  /** After so many pieces it says nothing more until it is released. */
  hold_after: z.int().nonnegative().nullable().optional(),
});
export type AiSettings = {
  answer: string | null;
  piece_ms: number;
  cut_after: number | null;
  hold_after: number | null;
};

export type AiTalk = {
  question: string;
  context: number;
  answer: string;
  said: number;
  end: string;
};

export type AiPeer = Peer & {
  settings: AiSettings;
  talks: AiTalk[];
  /** How many streams are being held. */
  held: () => number;
  release: () => number;
};

const UNTOUCHED: AiSettings = { answer: null, piece_ms: 25, cut_after: null, hold_after: null };

/** Plays an endpoint that speaks OpenAI's chat completions: one key, one model, streamed or not. */
export function createAi({ now }: { now: Clock }): AiPeer {
  const settings: AiSettings = { ...UNTOUCHED };
  const talks: AiTalk[] = [];
  const holding = new Set<() => void>();
  let completions = 0;

  const release = (): number => {
    const count = holding.size;
    for (const go of holding) go();
    holding.clear();
    return count;
  };

  return {
    name: 'ai',
    title: 'Помощник (OpenAI)',
    settings,
    talks,
    held: () => holding.size,
    release,
    locate: (path) => ({ account: 'demo', path }),

    answer(request) {
      if (request.headers['authorization'] !== `Bearer ${KEY}`)
        return refuse(
          401,
          'Incorrect API key provided',
          'invalid_request_error',
          'invalid_api_key',
        );
      if (request.method === 'GET' && request.path === '/v1/models')
        return { status: 200, body: { object: 'list', data: [{ id: MODEL, object: 'model' }] } };
      if (request.method !== 'POST' || request.path !== '/v1/chat/completions')
        return refuse(404, `Invalid URL (${request.method} ${request.path})`);
      return complete(request);
    },

    overloaded: (retryAfter) => ({
      ...refuse(429, 'Rate limit reached', 'requests', 'rate_limit_exceeded'),
      headers: { 'retry-after': String(retryAfter) },
    }),
    broken: () =>
      refuse(500, 'The server had an error while processing your request', 'server_error'),

    control({ method, segments: [action], body }) {
      if (method === 'GET' && action === undefined)
        return { ...settings, held: holding.size, talks };
      if (method === 'POST' && action === undefined)
        return Object.assign(settings, check(Settings, body));
      if (method === 'POST' && action === 'release') return { released: release() };
      return undefined;
    },
    secrets: () => [KEY],
    reset() {
      Object.assign(settings, UNTOUCHED);
      talks.length = 0;
      release();
    },
    panel: () => renderAi({ settings, talks, held: holding.size }),
  };

  function complete({ body }: PeerRequest): Answer {
    const asked = Completion.safeParse(body.kind === 'json' ? body.value : undefined);
    if (!asked.success) return refuse(400, z.prettifyError(asked.error));
    const { model, messages, stream } = asked.data;
    if (model !== MODEL) {
      const message = `The model \`${model}\` does not exist or you do not have access to it.`;
      return refuse(404, message, 'invalid_request_error', 'model_not_found');
    }
    const question = messages.findLast(({ role }) => role === 'user')?.content ?? '';
    const answer = settings.answer ?? composeAnswer(question);
    const talk: AiTalk = { question, context: messages.length, answer, said: 0, end: 'говорит' };
    talks.push(talk);
    if (talks.length > KEPT) talks.shift();
    completions += 1;
    const common = {
      id: `chatcmpl-${completions}`,
      created: Math.floor(now() / 1_000),
      model,
    };
    if (!stream) {
      Object.assign(talk, { said: answer.length, end: 'сказано' });
      const message = { role: 'assistant', content: answer, refusal: null };
      const choices = [{ index: 0, message, logprobs: null, finish_reason: 'stop' }];
      return { status: 200, body: { ...common, object: 'chat.completion', choices } };
    }
    return {
      status: 200,
      headers: { 'content-type': 'text/event-stream; charset=utf-8' },
      body: { streamed: answer.length },
      stream: (left) => speak(talk, common, { ...settings }, left),
    };
  }

  /** The events of a streamed completion. Undefined in the end means that the connection is cut. */
  async function* speak(
    talk: AiTalk,
    common: object,
    { piece_ms, cut_after, hold_after }: AiSettings,
    left: AbortSignal,
  ): AsyncGenerator<string | undefined> {
    const event = (delta: object, finish_reason: string | null = null): string => {
      const choices = [{ index: 0, delta, logprobs: null, finish_reason }];
      return `data: ${JSON.stringify({ ...common, object: 'chat.completion.chunk', choices })}\n\n`;
    };
    try {
      yield event({ role: 'assistant', content: '' });
      for (const [index, piece] of piecesOf(talk.answer).entries()) {
        if (index === cut_after) {
          talk.end = 'оборвано';
          yield undefined;
          return;
        }
        if (index === hold_after) await hold(left);
        if (left.aborted) return;
        await delay(piece_ms, undefined, { signal: left });
        talk.said += piece.length;
        yield event({ content: piece });
      }
      talk.end = 'сказано';
      yield event({}, 'stop');
      yield 'data: [DONE]\n\n';
    } catch (error) {
      if (!left.aborted) throw error;
    } finally {
      if (talk.end === 'говорит') talk.end = 'не дослушали';
    }
  }

  function hold(left: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const go = (): void => {
        holding.delete(go);
        resolve();
      };
      holding.add(go);
      left.addEventListener('abort', go, { once: true });
    });
  }
}

/** As a model does it: a word or so at a time. */
function piecesOf(text: string): string[] {
  return text.match(/\s*\S{1,12}/g) ?? [];
}

function refuse(
  status: number,
  message: string,
  type = 'invalid_request_error',
  code: string | null = null,
): Answer & { refused: string } {
  return { status, body: { error: { message, type, param: null, code } }, refused: message };
}
