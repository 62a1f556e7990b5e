import { v7 as newUuid } from 'uuid';

import { clientNetwork } from '../auth/client-network.ts';
import { hashToken, newToken } from '../auth/tokens.ts';
import type { Contract } from '../contract.ts';
import { type Pool, repeatOnDeadConnection } from '../db.ts';
import { AppError } from '../errors.ts';
import type { HttpRequest } from '../lambda/http-event.ts';
import type { HttpReply, Route } from '../lambda/http.ts';
import { type ReadRequest, route } from '../lambda/route.ts';
import type { Attachments } from './attachments.ts';
import { findStanding, rateClosedChat } from './chats.sql.ts';
import { type SignFile, toChatMessage } from './frames.ts';
import type { HandOver } from './hand-over.ts';
import { countVisitor } from './limits.ts';
import { listMessagesAfter } from './messages.sql.ts';
import type { ChatPush } from './push.ts';
import type { Say } from './say.ts';
import { findSession, insertSession, type Session } from './sessions.sql.ts';
import * as contract from './visitor.schema.ts';
import { wordsFor } from './words.ts';

type Dependencies = {
  db: Pool;
  say: Say;
  push: ChatPush;
  handOver: HandOver;
  attachments: Attachments;
  signFile: SignFile;
  websocketUrl: string;
  isAiConfigured: boolean;
  trustedProxies: number;
};

const PAGE = 200;
const LONGEST_USER_AGENT = 500;

/** What the widget asks for. */
export function visitorRoutes(dependencies: Dependencies): Route[] {
  const { db, say, push, handOver, attachments, signFile, trustedProxies } = dependencies;

  return [
    route(contract.createSession, async ({ body, headers, sourceIp }) => {
      const network = clientNetwork({ headers, sourceIp }, trustedProxies);
      await repeatOnDeadConnection(() => countVisitor(db, 'session', network));
      const [id, token] = [newUuid(), newToken()];
      await insertSession(db, {
        id,
        tokenHash: hashToken(token),
        page: body.page,
        referrer: body.referrer ?? null,
        locale: body.locale ?? 'ru',
        userAgent: headers['user-agent']?.slice(0, LONGEST_USER_AGENT) ?? null,
        ip: network,
      });
      const { websocketUrl, isAiConfigured } = dependencies;
      return {
        status: 200,
        body: {
          session_id: id,
          token,
          websocket_url: websocketUrl,
          ai_enabled: isAiConfigured,
          history: [],
        },
      };
    }),

    visitorRoute(contract.listMessages, async ({ query }, { id }) => {
      // The state first: a message that comes in between is seen, or seen the next time.
      const standing = await findStanding(db, id);
      const messages = await listMessagesAfter(db, id, query.after, PAGE);
      return {
        status: 200,
        body: {
          messages: await Promise.all(messages.map((message) => toChatMessage(message, signFile))),
          state: standing?.state ?? 'ai',
          manager_name: standing?.managerName ?? null,
          rated: standing?.rated ?? true,
        },
      };
    }),

    visitorRoute(contract.sendMessage, async ({ body }, session) => {
      const { message_text: text, client_id: clientId, attachment_id: attachmentId } = body;
      await countVisitor(db, 'message', session.id);
      if (attachmentId) await attachments.confirm(session.id, attachmentId);
      const { message } = await say({
        sessionId: session.id,
        sender: 'user',
        text,
        clientId: clientId ?? null,
        attachmentId: attachmentId ?? null,
      });
      return { status: 200, body: { success: true, message_id: message.id } };
    }),

    visitorRoute(contract.transferToManager, async ({ body }, session) => {
      const visitor = { name: body.client_name, phone: body.client_phone };
      const outcome = await handOver.toManager(session.id, visitor);
      const words = wordsFor(outcome.locale);
      if (outcome.kind === 'offline') {
        return {
          status: 200,
          body: {
            success: false,
            error: words.nobody,
            message: words.leaveRequest,
            offline_form: true,
          },
        };
      }
      return {
        status: 200,
        body: {
          success: true,
          message: outcome.kind === 'active' ? words.connected : words.connecting,
          manager_name: outcome.managerName,
          chat_id: outcome.chatId,
        },
      };
    }),

    visitorRoute(contract.offlineRequest, async ({ body }, session) => {
      await countVisitor(db, 'request', session.id);
      const { client_name: name, client_phone: phone, question } = body;
      const { message } = await handOver.leaveRequest(session.id, { name, phone, question });
      return { status: 200, body: { success: true, message } };
    }),

    visitorRoute(contract.closeChat, async (_request, session) => {
      await handOver.close(session.id, 'visitor');
      return { status: 200, body: { success: true } };
    }),

    visitorRoute(contract.rateChat, async ({ body }, session) => {
      const { rating, comment = null } = body;
      const rated = await rateClosedChat(db, { sessionId: session.id, rating, comment });
      if (rated === undefined)
        throw new AppError('conflict', 'Нет завершённого чата, который можно оценить');
      await push.state(session.id);
      return { status: 200, body: { success: true } };
    }),

    visitorRoute(contract.addAttachment, async ({ body }, session) => {
      await countVisitor(db, 'attachment', session.id);
      return { status: 200, body: await attachments.offer(session.id, body) };
    }),
  ];

  /** Who has no session learns nothing about what the request should have looked like. */
  function visitorRoute<const C extends Contract>(
    of: C,
    handle: (request: ReadRequest<C>, session: Session) => Promise<HttpReply>,
  ): Route {
    return {
      contract: of,
      async handle(request) {
        const session = await sessionOf(request);
        return route(of, async (read) => {
          if (!isOf(session, read.body)) throw forbidden();
          return handle(read, session);
        }).handle(request);
      },
    };
  }

  async function sessionOf({ headers }: HttpRequest): Promise<Session> {
    const [, token] = /^Bearer +(\S+)$/i.exec(headers['authorization'] ?? '') ?? [];
    const session =
      token && (await repeatOnDeadConnection(() => findSession(db, hashToken(token))));
    if (!session) throw forbidden();
    return session;
  }
}

/** Whatever names a session in its body names the one whose token it has. */
function isOf({ id }: Session, body: unknown): boolean {
  if (typeof body !== 'object' || body === null || !('session_id' in body)) return true;
  return body.session_id === id;
}

function forbidden(): AppError {
  return new AppError('forbidden', 'Доступ запрещен');
}
