import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';

import { createAttachments, createSignFile } from '../../shared/chat/attachments.ts';
import { createHandOver } from '../../shared/chat/hand-over.ts';
import { createChatPush } from '../../shared/chat/push.ts';
import { createSay } from '../../shared/chat/say.ts';
import { createTellCrms } from '../../shared/chat/tell-crms.ts';
import { createVisiting, eitherSocket } from '../../shared/chat/visit.ts';
import { visitorRoutes } from '../../shared/chat/visitor.routes.ts';
import type { Pool } from '../../shared/db.ts';
import { http } from '../../shared/lambda/http.ts';
import { createListening } from '../../shared/live/listen.ts';
import type { Signer } from '../../shared/recordings/sign.ts';
import { createFakeGateway } from '../live/gateway.ts';
import { createFakeQueue } from '../support/queues.ts';
import { testSigner } from '../support/storage.ts';

export const SITE = 'https://shop.example';
const CONNECTED_AT = new Date('2026-09-14T09:10:00Z');

type Answers = Parameters<typeof createFakeGateway>[0];
type Asked = {
  method?: string;
  body?: unknown;
  token?: string;
  origin?: string;
  query?: Record<string, string>;
  sourceIp?: string;
};
type Frame = Record<string, unknown> & { type: string };

/** The chat with a gateway and queues that remember. Made twice on one database it is two instances. */
export function createChatWorld(
  db: Pool,
  { answers = {}, signer = testSigner }: { answers?: Answers; signer?: Signer } = {},
) {
  const gateway = createFakeGateway(answers);
  const [telegram, ai] = [createFakeQueue(), createFakeQueue()];
  const signFile = createSignFile(signer);
  const push = createChatPush({ db, sockets: gateway.sockets, signFile });
  const tellCrms = createTellCrms({ db, crm: createFakeQueue(), enterpriseNumber: undefined });
  const say = createSay({ db, push, ai, telegram, tellCrms });
  const handOver = createHandOver({ db, push, telegram, tellCrms });
  const attachments = createAttachments({ db, signer });
  const routes = visitorRoutes({
    db,
    push,
    say,
    handOver,
    attachments,
    signFile,
    websocketUrl: 'wss://sockets.example',
    isAiConfigured: true,
    trustedProxies: 0,
  });
  const handler = http(routes, undefined, { sites: new Set([SITE]) });
  const sockets = eitherSocket(
    createVisiting({ db, sockets: gateway.sockets, push, say, attachments }),
    createListening({ db, sockets: gateway.sockets }),
  );

  async function ask(path: string, asked: Asked = {}) {
    const { body, token, origin = SITE, query = {}, sourceIp = '192.0.2.1' } = asked;
    const method = asked.method ?? (body === undefined ? 'GET' : 'POST');
    const event = {
      version: '2.0',
      rawPath: `/api/chat/${path}`,
      headers: { origin, ...(token !== undefined && { authorization: `Bearer ${token}` }) },
      queryStringParameters: query,
      requestContext: { http: { method, path, sourceIp }, requestId: 'r1' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      isBase64Encoded: false,
    };
    const answer = await handler(
      event as unknown as APIGatewayProxyEventV2,
      { functionName: 'tested' } as Context,
    );
    return {
      status: answer.statusCode ?? 0,
      headers: answer.headers ?? {},
      json: (answer.body ? JSON.parse(answer.body) : {}) as Record<string, unknown>,
    };
  }

  return {
    gateway,
    telegram,
    ai,
    push,
    say,
    handOver,
    sockets,
    ask,

    async begin(locale: 'ru' | 'en' = 'ru') {
      await db`delete from rate_buckets`;
      const { json } = await ask('sessions', { body: { page: `${SITE}/`, locale } });
      return { id: String(json['session_id']), token: String(json['token']) };
    },
    connect: (connectionId: string, query: Record<string, string> = {}) =>
      sockets.connect({ connectionId, query }),
    send: (connectionId: string, frame: object | string, afterMs = 100) =>
      sockets.message({
        connectionId,
        text: typeof frame === 'string' ? frame : JSON.stringify(frame),
        connectedAt: CONNECTED_AT,
        sentAt: new Date(CONNECTED_AT.getTime() + afterMs),
      }),
    /** A visitor's socket that has said whose it is. */
    async open(connectionId: string, { id, token }: { id: string; token: string }, after?: string) {
      await sockets.connect({ connectionId, query: {} });
      await this.send(connectionId, {
        type: 'auth',
        session_id: id,
        token,
        ...(after !== undefined && { after }),
      });
    },
    /** What a connection was sent, oldest first. */
    heard: (connectionId: string): Frame[] =>
      gateway.sent.flatMap(([id, frame]) => (id === connectionId ? [frame as Frame] : [])),
  };
}

export async function insertManager(db: Pool, id = 5001, status = 'online', name = 'Анна') {
  await db`
    insert into managers (telegram_id, name, status)
    values (${id}, ${name}, ${status})
    on conflict (telegram_id) do update set status = excluded.status`;
  return String(id);
}

/** As if this manager had pressed "accept". */
export async function accept(db: Pool, sessionId: string, managerId: string) {
  const [chat] = await db`
    update support_chats
    set state = 'active', accepted_at = now(), escalate_at = null
    where session_id = ${sessionId} and state = 'waiting'
    returning id`;
  const chatId = String(chat?.['id']);
  await db`
    insert into support_chat_managers (chat_id, manager_id, role)
    values (${chatId}, ${managerId}, 'owner')`;
  await db`update chat_sessions set state = 'active' where id = ${sessionId}`;
  return chatId;
}
