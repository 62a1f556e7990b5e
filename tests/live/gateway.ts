import type { VisitorServerFrame } from '../../shared/chat/visitor.schema.ts';
import type { ServerFrame } from '../../shared/live/live.schema.ts';
import type { Sockets } from '../../shared/live/sockets.ts';

type Answer = 'sent' | 'gone' | Error | Promise<'sent'>;

/** A gateway that remembers what it was asked to send and to close. */
export function createFakeGateway(answers: Record<string, Answer> = {}) {
  const sent: [id: string, frame: ServerFrame | VisitorServerFrame][] = [];
  const closed: string[] = [];
  const sockets: Sockets = {
    async send(id, frame) {
      sent.push([id, frame]);
      const answer = answers[id] ?? 'sent';
      if (answer instanceof Error) throw answer;
      return answer;
    },
    async close(id) {
      closed.push(id);
    },
  };
  return { sockets, sent, closed };
}
