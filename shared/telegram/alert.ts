import { log } from '../lambda/log.ts';
import type { Queue } from '../queue.ts';
import { toOperatorText } from './messages.ts';

/** Tells the operator something he should act on, through the queue; `key` tells one alert from another. */
export function createAlert(telegram: Pick<Queue, 'sendAll'>, operatorChatId: string | undefined) {
  return async function alert(key: string, text: string): Promise<void> {
    log.warn('operator alert', { key });
    if (operatorChatId) await telegram.sendAll([toOperatorText(operatorChatId, key, text)]);
  };
}
