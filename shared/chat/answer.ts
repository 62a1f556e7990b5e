import { type Pool, repeatOnDeadConnection } from '../db.ts';
import { log } from '../lambda/log.ts';
import { count } from '../lambda/metrics.ts';
import type { Sockets } from '../live/sockets.ts';
import type { Ai, Turn } from './ai.ts';
import { findHearers, findQuestion, loadPrompt, offerHuman } from './answers.sql.ts';
import { createDraft } from './draft.ts';
import { takeChatToken } from './limits.ts';
import { insertAiAnswer, listLastMessages, type StoredMessage } from './messages.sql.ts';
import type { ChatPush } from './push.ts';
import type { ChatAiMessage } from './queue-messages.ts';
import { wordsFor } from './words.ts';

type Dependencies = {
  db: Pool;
  push: ChatPush;
  sockets: Pick<Sockets, 'send'>;
  /** Undefined when none is configured. */
  ai: Ai | undefined;
  timeLimitMs?: number;
};
type Question = NonNullable<Awaited<ReturnType<typeof findQuestion>>>;

const TIME_LIMIT_MS = 30_000;
const CONTEXT = 20;

/**
 * Answers what a visitor said. The answer grows on the visitor's screen and is saved only if the chat is still the AI's
 * at that moment; if not, it is taken off the screen. When there is no answer a human is offered, once.
 */
export function createAnswer({ db, push, sockets, ai, timeLimitMs = TIME_LIMIT_MS }: Dependencies) {
  return async function answer({ messageId }: ChatAiMessage): Promise<void> {
    const question = await repeatOnDeadConnection(() => findQuestion(db, messageId));
    if (question?.state !== 'ai') return;
    // It comes once more because nobody knows whether the answer was shown.
    if (question.isAnswered) return push.messages(question.sessionId);
    // Of several in a row the last is answered, with the others before it.
    if (question.isOvertaken) return;
    const isGranted = ai && (await takeChatToken(db, 'answer', question.network ?? '')) === 0;
    const outcome = isGranted ? await write(ai, question, messageId) : 'not_asked';
    count('trunkline_ai_answers_total', { result: outcome });
    if (outcome === 'saved' || outcome === 'unwanted') return;
    await offerHuman(db, question.sessionId, wordsFor(question.locale).aiFailed);
    await push.messages(question.sessionId);
  };

  async function write(ai: Ai, { sessionId }: Question, answersId: string) {
    const unwanted = new AbortController();
    const id = `answer-${answersId}`;
    const draft = createDraft({
      id,
      look: () => findHearers(db, sessionId),
      send: (connection, frame) => sockets.send(connection, frame).catch(() => {}),
      onUnwanted: () => unwanted.abort(),
    });
    try {
      const turns = await turnsOf(sessionId);
      const signal = AbortSignal.any([unwanted.signal, AbortSignal.timeout(timeLimitMs)]);
      for await (const piece of ai(turns, signal)) draft.add(piece);
    } catch (error) {
      await draft.stop();
      await draft.discard();
      if (unwanted.signal.aborted) return 'unwanted';
      log.warn('the AI did not answer', { error: error instanceof Error ? error : undefined });
      return 'failed';
    }
    await draft.stop();
    const text = draft.text().trim();
    const saved = text && (await insertAiAnswer(db, { sessionId, answersId, text }));
    if (!saved) await draft.discard();
    if (text === '') return 'failed';
    if (!saved) return 'unwanted';
    await push.messages(sessionId, id);
    return 'saved';
  }

  async function turnsOf(sessionId: string): Promise<Turn[]> {
    const [prompt, messages] = await Promise.all([
      loadPrompt(db),
      listLastMessages(db, sessionId, CONTEXT, ['user', 'ai', 'manager']),
    ]);
    const instructions: Turn[] = prompt === '' ? [] : [{ role: 'system', content: prompt }];
    return [...instructions, ...messages.map(toTurn)];
  }
}

function toTurn({ sender, text, fileName }: StoredMessage): Turn {
  const said = [text, fileName !== null && `[файл: ${fileName}]`].filter(Boolean).join('\n');
  return { role: sender === 'user' ? 'user' : 'assistant', content: said };
}
