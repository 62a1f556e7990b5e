import { log } from '../lambda/log.ts';
import type { Queue } from '../queue.ts';
import { toOperatorText } from './messages.ts';

/**
 * Tells the operator something he should act on, through the queue; `key` tells one alert from another. Throws when
 * the queue does not take it: nobody would ever hear of it.
 */
export function createAlert(telegram: Pick<Queue, 'sendAll'>, operatorChatId: string | undefined) {
  return async function alert(key: string, text: string): Promise<void> {
    log.warn('operator alert', { key });
    if (!operatorChatId) return;
    const refused = await telegram.sendAll([toOperatorText(operatorChatId, key, text)]);
    if (refused.length > 0) throw new Error(`the queue did not take the alert ${key}`);
  };
}
