import OpenAI from 'openai';

export type Turn = { role: 'system' | 'user' | 'assistant'; content: string };

/** Streams an answer in pieces. Throws when the other side fails, or when the answer is not brought to its end. */
export type Ai = (turns: Turn[], signal: AbortSignal) => AsyncGenerator<string>;

type AiEnv = {
  AI_BASE_URL: string | undefined;
  AI_API_KEY: string | undefined;
  AI_MODEL: string | undefined;
};

/** Undefined when there is none. */
export function createAi({ AI_BASE_URL, AI_API_KEY, AI_MODEL }: AiEnv): Ai | undefined {
  if (AI_BASE_URL === undefined || AI_MODEL === undefined) return undefined;
  const client = new OpenAI({
    baseURL: AI_BASE_URL,
    apiKey: AI_API_KEY ?? 'none', // an endpoint of one's own may want none; the package insists
    organization: null,
    project: null,
    maxRetries: 1,
  });
  const model = AI_MODEL;

  return async function* answer(turns, signal) {
    const request = { model, messages: turns, stream: true } as const;
    const stream = await client.chat.completions.create(request, { signal });
    let end: string | null | undefined;
    for await (const { choices } of stream) {
      const [choice] = choices;
      if (choice?.delta.content) yield choice.delta.content;
      end = choice?.finish_reason ?? end;
    }
    signal.throwIfAborted();
    if (end !== 'stop' && end !== 'length')
      throw new Error(`the answer ended with ${end ?? 'nothing'}`);
  };
}
