import type { Caller } from '../auth/caller.ts';
import { findKey } from '../auth/keys.sql.ts';
import { isKey } from '../auth/keys.ts';
import { redeemTicket } from '../auth/socket-tickets.sql.ts';
import { hashToken } from '../auth/tokens.ts';
import { type Pool, repeatOnDeadConnection } from '../db.ts';
import { AppError } from '../errors.ts';
import { log } from '../lambda/log.ts';
import type { SocketHandlers, SocketMessage } from '../lambda/socket.ts';
import * as sql from './connections.sql.ts';
import { AuthFrame, ClientFrame, ConnectQuery, type LiveKind } from './live.schema.ts';
import type { Sockets } from './sockets.ts';

type Dependencies = { db: Pool; sockets: Sockets };

const AUTH_WITHIN_MS = 5_000;
/** A little more: the frame of the last moment may still be on its way through. */
const SILENT_FOR = '10 seconds';
const CLOSE_AT_ONCE = 20;

/**
 * The life of a listening socket: it connects with a kind, says who it is in its first frame, and from then on pings.
 * No function can wait for a frame that does not come, so whoever kept silent is closed when the next one connects.
 */
export function createListening({ db, sockets }: Dependencies): SocketHandlers {
  return {
    async connect({ connectionId, query }) {
      const { success, data } = ConnectQuery.safeParse(query);
      if (!success) throw new AppError('bad_request', 'Use ?live=calls and nothing else');
      await repeatOnDeadConnection(() => sql.insertConnection(db, connectionId, data.live));
      await closeSilent();
    },

    async message(message) {
      const { connectionId } = message;
      const frame = readFrame(message.text);
      const connection = await repeatOnDeadConnection(() => sql.findConnection(db, connectionId));
      if (!connection) return turnAway(connectionId, 'Соединение устарело, подключитесь снова');
      if (!connection.isAuthorised) return authorise(message, frame, connection.kind);
      if (frame?.type === 'ping') await send(connectionId, { type: 'pong' });
      else
        await send(connectionId, { type: 'error', detail: 'Only {"type":"ping"} is understood' });
    },

    disconnect: ({ connectionId }) =>
      repeatOnDeadConnection(() => sql.deleteConnections(db, [connectionId])),
  };

  async function authorise(
    { connectionId, connectedAt, sentAt }: SocketMessage,
    frame: ClientFrame | undefined,
    kind: LiveKind,
  ): Promise<void> {
    const { success, data: auth } = AuthFrame.safeParse(frame);
    if (!success)
      return turnAway(connectionId, 'The first frame must be {"type":"auth","ticket":"…"}');
    if (sentAt.getTime() - connectedAt.getTime() > AUTH_WITHIN_MS)
      return turnAway(connectionId, 'The first frame must come within 5 seconds');
    const owner = await identify(auth);
    if (!owner || !mayHear(owner, kind)) return turnAway(connectionId, 'Доступ запрещен');
    if (!(await sql.authoriseConnection(db, connectionId, owner)))
      return turnAway(connectionId, 'Соединение устарело, подключитесь снова');
    const enterprise = 'enterpriseNumber' in owner ? owner.enterpriseNumber : null;
    await send(connectionId, { type: 'ready', live: kind, enterprise });
  }

  /** A ticket is used up by this, whatever comes of it. */
  async function identify(auth: AuthFrame): Promise<Caller | undefined> {
    if ('ticket' in auth) return redeemTicket(db, hashToken(auth.ticket));
    const { secret } = auth;
    if (isKey(secret)) {
      const key = await repeatOnDeadConnection(() => findKey(db, hashToken(secret), 'chats:read'));
      return key && { kind: 'key', name: key.name };
    }
    const number = await repeatOnDeadConnection(() => sql.findEnterpriseBySecret(db, secret));
    return number === undefined ? undefined : { kind: 'program', enterpriseNumber: number };
  }

  async function send(connectionId: string, frame: Parameters<Sockets['send']>[1]): Promise<void> {
    const outcome = await sockets.send(connectionId, frame);
    if (outcome === 'gone') await sql.deleteConnections(db, [connectionId]);
  }

  async function turnAway(connectionId: string, detail: string): Promise<void> {
    await sql.deleteConnections(db, [connectionId]);
    log.info('socket turned away', { connectionId });
    // It is closed even when it cannot be told why.
    await sockets.send(connectionId, { type: 'error', detail }).catch(() => {});
    await sockets.close(connectionId);
  }

  /** Never at the cost of the one who connects. */
  async function closeSilent(): Promise<void> {
    try {
      const ids = await sql.takeSilentConnections(db, {
        silentFor: SILENT_FOR,
        limit: CLOSE_AT_ONCE,
      });
      await Promise.all(ids.map((id) => sockets.close(id)));
    } catch (error) {
      log.warn('silent sockets stay open', { error: error instanceof Error ? error : undefined });
    }
  }
}

/** Chats are nobody's enterprise: they are the operator's, and so are the keys, which open nothing else. */
function mayHear(owner: Caller, kind: LiveKind): boolean {
  if (owner.kind === 'key') return kind === 'chats';
  return kind !== 'chats' || owner.kind === 'superadmin';
}

function readFrame(text: string): ClientFrame | undefined {
  try {
    return ClientFrame.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
