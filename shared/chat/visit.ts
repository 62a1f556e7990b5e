import { hashToken } from '../auth/tokens.ts';
import { type Pool, repeatOnDeadConnection } from '../db.ts';
import { AppError } from '../errors.ts';
import { log } from '../lambda/log.ts';
import type { SocketHandlers, SocketMessage } from '../lambda/socket.ts';
import type { Sockets } from '../live/sockets.ts';
import type { Attachments } from './attachments.ts';
import * as sql from './connections.sql.ts';
import { countVisitor } from './limits.ts';
import { markRead } from './messages.sql.ts';
import type { ChatPush } from './push.ts';
import type { Say } from './say.ts';
import { findSession } from './sessions.sql.ts';
import { VisitorAuthFrame, VisitorFrame, type VisitorServerFrame } from './visitor.schema.ts';

type Dependencies = {
  db: Pool;
  sockets: Sockets;
  push: ChatPush;
  say: Say;
  attachments: Attachments;
};
type Said = Extract<VisitorFrame, { type: 'message' }>;

const AUTH_WITHIN_MS = 5_000;
/** A little more: the frame of the last moment may still be on its way through. */
const SILENT_FOR = '10 seconds';
const CLOSE_AT_ONCE = 20;

/**
 * The life of a visitor's socket: it says in its first frame whose it is and what it has seen, is sent what it has not,
 * and from then on what happens. As with listeners, who kept silent is closed when the next one connects.
 */
export function createVisiting({ db, sockets, push, say, attachments }: Dependencies) {
  return {
    async connect({ connectionId }) {
      await repeatOnDeadConnection(() => sql.insertVisitorConnection(db, connectionId));
      await closeSilent();
    },

    /** Nothing is done, and false said, when this is not a visitor's connection. */
    async message(message: SocketMessage): Promise<boolean> {
      const { connectionId } = message;
      const connection = await repeatOnDeadConnection(() =>
        sql.findVisitorConnection(db, connectionId),
      );
      if (!connection) return false;
      const { sessionId } = connection;
      if (sessionId === null) await authorise(message);
      else await hear(connectionId, sessionId, message.text);
      return true;
    },

    disconnect: ({ connectionId }) =>
      repeatOnDeadConnection(() => sql.deleteVisitorConnections(db, [connectionId])),
  } satisfies Record<keyof SocketHandlers, unknown> &
    Pick<SocketHandlers, 'connect' | 'disconnect'>;

  async function authorise({ connectionId, text, connectedAt, sentAt }: SocketMessage) {
    const { success, data: auth } = VisitorAuthFrame.safeParse(parse(text));
    if (!success) {
      const wanted = '{"type":"auth","session_id":"…","token":"…"}';
      return turnAway(connectionId, `The first frame must be ${wanted}`);
    }
    if (sentAt.getTime() - connectedAt.getTime() > AUTH_WITHIN_MS)
      return turnAway(connectionId, 'The first frame must come within 5 seconds');
    const session = await findSession(db, hashToken(auth.token));
    if (!session || session.id !== auth.session_id)
      return turnAway(connectionId, 'Доступ запрещен');
    const opened = { id: connectionId, sessionId: session.id, lastId: auth.after ?? '0' };
    if (!(await sql.authoriseVisitorConnection(db, opened)))
      return turnAway(connectionId, 'Соединение устарело, подключитесь снова');
    // It counts from here on: what happens meanwhile is pushed to it by whoever does it.
    await push.state(session.id);
    await push.messages(session.id);
  }

  async function hear(connectionId: string, sessionId: string, text: string): Promise<void> {
    const { success, data: frame } = VisitorFrame.safeParse(parse(text));
    if (!success) return send(connectionId, { type: 'error', detail: 'The frame cannot be read' });
    switch (frame.type) {
      case 'message':
        return takeMessage(connectionId, sessionId, frame);
      case 'read':
        return markRead(db, sessionId, frame.id);
      case 'ping':
        await send(connectionId, { type: 'pong' });
        // What could not be sent when it happened.
        return push.messages(sessionId);
      case 'typing':
        return push.visitorTypes(sessionId);
    }
  }

  async function takeMessage(connectionId: string, sessionId: string, said: Said): Promise<void> {
    const { text, client_id: clientId, attachment_id: attachmentId = null } = said;
    try {
      if (text === '' && attachmentId === null)
        throw new AppError('unprocessable', 'The message is empty');
      await countVisitor(db, 'message', sessionId);
      if (attachmentId !== null) await attachments.confirm(sessionId, attachmentId);
      await say({ sessionId, sender: 'user', text, clientId, attachmentId });
    } catch (error) {
      if (!(error instanceof AppError) || error.status >= 500) throw error;
      await send(connectionId, { type: 'error', detail: error.message });
    }
  }

  async function send(connectionId: string, frame: VisitorServerFrame): Promise<void> {
    const outcome = await sockets.send(connectionId, frame);
    if (outcome === 'gone') await sql.deleteVisitorConnections(db, [connectionId]);
  }

  async function turnAway(connectionId: string, detail: string): Promise<void> {
    await sql.deleteVisitorConnections(db, [connectionId]);
    log.info('visitor turned away', { connectionId });
    // It is closed even when it cannot be told why.
    await sockets.send(connectionId, { type: 'error', detail }).catch(() => {});
    await sockets.close(connectionId);
  }

  /** Never at the cost of the one who connects. */
  async function closeSilent(): Promise<void> {
    try {
      const silent = { silentFor: SILENT_FOR, limit: CLOSE_AT_ONCE };
      const ids = await sql.takeSilentVisitors(db, silent);
      await Promise.all(ids.map((id) => sockets.close(id)));
    } catch (error) {
      log.warn('silent sockets stay open', { error: error instanceof Error ? error : undefined });
    }
  }
}

/**
 * One socket for all: without anything in its address it is a visitor's, with `?live=` a listener's.
 */
export function eitherSocket(
  visiting: ReturnType<typeof createVisiting>,
  listening: SocketHandlers,
): SocketHandlers {
  return {
    connect: (opening) =>
      Object.keys(opening.query).length === 0
        ? visiting.connect(opening)
        : listening.connect(opening),
    async message(message) {
      if (!(await visiting.message(message))) await listening.message(message);
    },
    async disconnect(closed) {
      await visiting.disconnect(closed);
      await listening.disconnect(closed);
    },
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
