import type { Pool } from '../db.ts';
import type { Counts } from '../lambda/schedule.ts';
import type { Queue } from '../queue.ts';
import { listUnanswered } from './answers.sql.ts';
import { toAiQuestion } from './queue-messages.ts';

type Dependencies = { db: Pool; ai: Pick<Queue, 'sendAll'>; clock?: () => Date };

/** Puts on the queue again what the AI has not answered. Whoever answers looks at the rows first: twice does no harm. */
export function createAskAgain({ db, ai, clock = () => new Date() }: Dependencies) {
  return async function askAgain(): Promise<Counts> {
    const unanswered = await listUnanswered(db);
    // Within five minutes the queue would take the same id for a repeat, and the first message may be lost.
    const round = `sweep-${Math.floor(clock().getTime() / 60_000)}`;
    const refused = await ai.sendAll(
      unanswered.map(({ sessionId, messageId }) => {
        const message = toAiQuestion(sessionId, messageId);
        return { ...message, dedup: `${message.dedup}:${round}` };
      }),
    );
    return { askedAgain: unanswered.length - refused.length };
  };
}
