import type { Pool } from '../db.ts';
import { log } from '../lambda/log.ts';
import { deleteConnections } from '../live/connections.sql.ts';
import type { ServerFrame } from '../live/live.schema.ts';
import type { Sockets } from '../live/sockets.ts';
import { findStanding, type Standing } from './chats.sql.ts';
import * as sql from './connections.sql.ts';
import { type SignFile, toChatMessage, toFrame } from './frames.ts';
import { listMessagesAfter, markDelivered, type StoredMessage } from './messages.sql.ts';
import type { VisitorServerFrame } from './visitor.schema.ts';

type Dependencies = { db: Pool; sockets: Pick<Sockets, 'send'>; signFile: SignFile };

const PAGE = 200;
/** A state that changes while it is being told is told again; so often it does not change. */
const MOST_TELLINGS = 5;

export type ChatPush = ReturnType<typeof createChatPush>;

/**
 * What visitors and the admin's pages are shown at once. Whom it does not reach reads it later: nothing here is needed
 * for a message to be safe, and nothing here throws because of a socket.
 */
export function createChatPush({ db, sockets, signFile }: Dependencies) {
  return {
    /**
     * Sends every connection of the session what it has not been sent yet, in order: whatever an earlier push could not
     * send goes before what is new. `draftId` names the streamed answer that the last message is the end of.
     */
    async messages(sessionId: string, draftId?: string): Promise<void> {
      const connections = await sql.listVisitorConnections(db, sessionId);
      const sent = await Promise.all(connections.map((to) => catchUp(to, sessionId, draftId)));
      const ids = [...new Set(sent.flat())];
      if (ids.length > 0) await markDelivered(db, ids);
    },

    /** Tells where the chat stands. Two who tell at once may cross: the last word is always the truth. */
    async state(sessionId: string): Promise<void> {
      let told = '';
      for (let time = 0; time < MOST_TELLINGS; time += 1) {
        const standing = await findStanding(db, sessionId);
        if (!standing || JSON.stringify(standing) === told) return;
        told = JSON.stringify(standing);
        await Promise.all([
          toVisitor(sessionId, stateFrame(standing)),
          liveState(sessionId, standing),
        ]);
      }
    },

    /** Something that is not kept: who is writing, a part of an answer, an edit. */
    frame: toVisitor,

    /** For the admin's pages and for programs; the bot could only pretend that it is the manager's own. */
    async visitorTypes(sessionId: string): Promise<void> {
      const standing = await findStanding(db, sessionId);
      if (standing?.state !== 'active' || standing.chatId === null) return;
      const frame = {
        type: 'chat_typing',
        chat_id: standing.chatId,
        session_id: sessionId,
      } as const;
      await tellListeners(await sql.listChatListeners(db), frame);
    },

    /** A message of a hand-over, for the admin's pages and for programs. */
    async liveMessage(message: StoredMessage): Promise<void> {
      const { chatId, sessionId } = message;
      if (chatId === null) return;
      const listeners = await sql.listChatListeners(db);
      if (listeners.length === 0) return;
      await tellListeners(listeners, {
        type: 'chat_message',
        chat_id: chatId,
        session_id: sessionId,
        message: await toChatMessage(message, signFile),
      });
    },
  };

  /** Returns the ids of what it took. */
  async function catchUp(
    { id, lastId }: sql.VisitorConnection,
    sessionId: string,
    draftId?: string,
  ): Promise<string[]> {
    const sent: string[] = [];
    for (;;) {
      const after = sent.at(-1) ?? lastId;
      const messages = await listMessagesAfter(db, sessionId, after, PAGE);
      for (const [index, message] of messages.entries()) {
        const isLast = messages.length < PAGE && index === messages.length - 1;
        const shown = await toChatMessage(message, signFile);
        const outcome = await tell(id, toFrame(shown, isLast ? draftId : undefined));
        if (outcome === 'gone') {
          await sql.deleteVisitorConnections(db, [id]);
          return sent;
        }
        if (outcome === 'failed') return advanced(id, sent);
        sent.push(message.id);
      }
      if (messages.length < PAGE) return advanced(id, sent);
    }
  }

  async function advanced(id: string, sent: string[]): Promise<string[]> {
    const last = sent.at(-1);
    if (last !== undefined) await sql.advanceConnection(db, id, last);
    return sent;
  }

  async function toVisitor(sessionId: string, frame: VisitorServerFrame): Promise<void> {
    const connections = await sql.listVisitorConnections(db, sessionId);
    const outcomes = await Promise.all(
      connections.map(async ({ id }) => ({ id, outcome: await tell(id, frame) })),
    );
    const gone = outcomes.filter(({ outcome }) => outcome === 'gone').map(({ id }) => id);
    if (gone.length > 0) await sql.deleteVisitorConnections(db, gone);
  }

  async function liveState(sessionId: string, { chatId, state, managerName }: Standing) {
    if (chatId === null) return;
    await tellListeners(await sql.listChatListeners(db), {
      type: 'chat',
      chat_id: chatId,
      session_id: sessionId,
      state,
      manager_name: managerName,
    });
  }

  async function tellListeners(ids: string[], frame: ServerFrame): Promise<void> {
    const outcomes = await Promise.all(
      ids.map(async (id) => ({ id, outcome: await tell(id, frame) })),
    );
    const gone = outcomes.filter(({ outcome }) => outcome === 'gone').map(({ id }) => id);
    if (gone.length > 0) await deleteConnections(db, gone);
  }

  async function tell(
    id: string,
    frame: ServerFrame | VisitorServerFrame,
  ): Promise<'sent' | 'gone' | 'failed'> {
    try {
      return await sockets.send(id, frame);
    } catch (error) {
      log.warn('a socket could not be told', { error: error instanceof Error ? error : undefined });
      return 'failed';
    }
  }
}

export function stateFrame({ state, managerName, rated }: Standing): VisitorServerFrame {
  return { type: 'state', state, manager_name: managerName, rated };
}
