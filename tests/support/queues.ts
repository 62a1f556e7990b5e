import type { QueueMessage } from '../../shared/queue.ts';

/** A queue that keeps what is put on it, and swallows repeats as the real one does. */
export function createFakeQueue() {
  const messages: QueueMessage[] = [];
  const add = (message: QueueMessage) => {
    if (!messages.some(({ dedup }) => dedup === message.dedup)) messages.push(message);
  };
  return {
    messages,
    bodies: () => messages.map(({ body }) => body),
    async send(message: QueueMessage) {
      add(message);
    },
    async sendAll(batch: QueueMessage[]) {
      batch.forEach(add);
      return [];
    },
  };
}
