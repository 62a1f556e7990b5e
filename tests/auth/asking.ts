import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';

import { asteriskRoutes } from '../../shared/asterisk/asterisk.routes.ts';
import { pinHostKey } from '../../shared/asterisk/boxes.sql.ts';
import { createPool } from '../../shared/asterisk/pool.ts';
import { auditRoutes } from '../../shared/audit/audit.routes.ts';
import { authRoutes } from '../../shared/auth/auth.routes.ts';
import { createGate } from '../../shared/auth/gate.ts';
import { keyRoutes } from '../../shared/auth/keys.routes.ts';
import { userRoutes } from '../../shared/auth/users.routes.ts';
import { callListRoutes } from '../../shared/calls/call-list.routes.ts';
import { callEventRoutes } from '../../shared/calls/intake.routes.ts';
import { createIntake } from '../../shared/calls/intake.ts';
import { createAttachments, createSignFile } from '../../shared/chat/attachments.ts';
import { createHandOver } from '../../shared/chat/hand-over.ts';
import { createChatPush } from '../../shared/chat/push.ts';
import { createSay } from '../../shared/chat/say.ts';
import { createTellCrms } from '../../shared/chat/tell-crms.ts';
import { visitorRoutes } from '../../shared/chat/visitor.routes.ts';
import type { Pool } from '../../shared/db.ts';
import { directoryRoutes } from '../../shared/directory/directory.routes.ts';
import { enterpriseRoutes } from '../../shared/enterprises/enterprises.routes.ts';
import { hostingRoutes } from '../../shared/hosting/hosting.routes.ts';
import { callbackRoutes } from '../../shared/integrations/callbacks.routes.ts';
import { nobodyOriginates } from '../../shared/integrations/callbacks.ts';
import { integrationConfigRoutes } from '../../shared/integrations/config.routes.ts';
import type { ConnectionDependencies } from '../../shared/integrations/connection.ts';
import { deliveryRoutes } from '../../shared/integrations/deliveries.routes.ts';
import { http, type Route } from '../../shared/lambda/http.ts';
import { managerRoutes } from '../../shared/managers/api.routes.ts';
import { MANAGERS_TIMEZONE } from '../../shared/managers/managers.ts';
import { createShiftDesk } from '../../shared/managers/shift-desk.ts';
import { createTurns } from '../../shared/managers/turns.ts';
import { webhookRoutes } from '../../shared/managers/webhook.routes.ts';
import { metricsRoutes } from '../../shared/operations/metrics.routes.ts';
import { overviewRoutes } from '../../shared/operations/overview.routes.ts';
import { serviceRoutes } from '../../shared/operations/services.routes.ts';
import { statusRoutes } from '../../shared/operations/status.routes.ts';
import { originateRoutes } from '../../shared/originates/originate.routes.ts';
import { createOriginate } from '../../shared/originates/originate.ts';
import { sendOutbound } from '../../shared/outbound.ts';
import { recordingLinkRoutes } from '../../shared/recordings/link.routes.ts';
import { createPartUploads } from '../../shared/recordings/part-uploads.ts';
import { recordingRoutes } from '../../shared/recordings/recordings.routes.ts';
import { createSigner } from '../../shared/recordings/sign.ts';
import { smartRedirectAdminRoutes } from '../../shared/smart-redirect/admin.routes.ts';
import { createSmartRedirect } from '../../shared/smart-redirect/services.ts';
import { smartRedirectRoutes } from '../../shared/smart-redirect/smart-redirect.routes.ts';
import { pressRoutes } from '../../shared/telegram/press.routes.ts';
import { createPress } from '../../shared/telegram/press.ts';
import { createTimeweb } from '../../shared/timeweb/client.ts';
import type { WatchedQueue } from '../../shared/watched-queue.ts';
import { secrets } from '../support/database.ts';
import { createFakeQueue } from '../support/queues.ts';
import { storageSettings, testSigner } from '../support/storage.ts';

const emptyQueue: WatchedQueue = {
  figures: async () => ({ depth: 0, inFlight: 0, deadLetters: 0 }),
  redrive: async () => 0,
};
export const WEBHOOK_SECRET = 'webhook-secret-of-the-tests';

/** The way to boxes with the password of the simulated one. */
export const reachBoxesOf = (db: Pool) => ({
  boxes: createPool({ pin: (number, fingerprint) => pinHostKey(db, number, fingerprint) }),
  access: {
    secrets,
    defaults: {
      ASTERISK_SSH_PORT: 5059,
      ASTERISK_SSH_USER: 'root',
      ASTERISK_SSH_PASSWORD: 'demo-asterisk-0367',
      ASTERISK_SSH_KEY: undefined,
    },
  },
});

export const ADMIN_ORIGIN = 'https://admin.example.com';

/** The routes about integrations, with the simulated CRMs on loopback. */
export function integrationRoutes(
  db: Pool,
  changed: Partial<ConnectionDependencies> = {},
): Route[] {
  const dependencies: ConnectionDependencies = {
    db,
    secrets,
    crm: createFakeQueue(),
    addresses: { allowPrivate: true },
    send: (request) => sendOutbound(request, { allowPrivate: true }),
    publicUrl: 'https://calls.example.com',
    ...changed,
  };
  return [
    ...integrationConfigRoutes(dependencies),
    ...deliveryRoutes(dependencies),
    ...callbackRoutes({ ...dependencies, originate: nobodyOriginates }),
  ];
}

const NO_DEFAULTS = {
  ASTERISK_SSH_PORT: 5059,
  ASTERISK_SSH_USER: 'root',
  ASTERISK_SSH_PASSWORD: undefined,
  ASTERISK_SSH_KEY: undefined,
};

/** The routes of smart redirect: the simulated CRMs on loopback, boxes as each enterprise has them. */
export function redirectRoutes(db: Pool): Route[] {
  const services = createSmartRedirect({
    db,
    secrets,
    send: (request, limits) => sendOutbound(request, { allowPrivate: true, ...limits }),
    publicUrl: 'https://calls.example.com',
    boxes: createPool({ pin: (number, fingerprint) => pinHostKey(db, number, fingerprint) }),
    access: { secrets, defaults: NO_DEFAULTS },
  });
  return [
    ...smartRedirectRoutes({ db, ...services }),
    ...smartRedirectAdminRoutes({ db, ...services }),
  ];
}
/** What a Timeweb account with one server answers, whatever it is asked. */
const TIMEWEB_ANSWER = {
  servers: [{ id: 1051, name: 'bot-1' }],
  server: { id: 1051, name: 'bot-1' },
  meta: { total: 1 },
  server_presets: [],
  services_costs: [],
  finances: {},
  status: {},
};
const timewebOfTests = createTimeweb({
  url: 'http://127.0.0.1:1',
  token: 'a-token',
  send: async () => ({ status: 200, headers: {}, text: JSON.stringify(TIMEWEB_ANSWER) }),
});

/** The chat with nobody connected. */
export function chatRoutes(db: Pool): Route[] {
  const signFile = createSignFile(testSigner);
  const push = createChatPush({ db, sockets: { send: async () => 'gone' }, signFile });
  const telegram = createFakeQueue();
  const tellCrms = createTellCrms({ db, crm: createFakeQueue(), enterpriseNumber: undefined });
  const say = createSay({ db, push, ai: createFakeQueue(), telegram, tellCrms });
  const handOver = createHandOver({ db, push, telegram, tellCrms });
  const turns = createTurns({ db, push, handOver, telegram, tellCrms });
  return [
    ...visitorRoutes({
      db,
      push,
      signFile,
      say,
      handOver,
      attachments: createAttachments({ db, signer: testSigner }),
      websocketUrl: 'wss://sockets.example',
      isAiConfigured: true,
      trustedProxies: 0,
    }),
    ...managerRoutes({
      db,
      say,
      signFile,
      turns,
      shift: createShiftDesk({ db, turns, timezone: MANAGERS_TIMEZONE }),
    }),
    ...webhookRoutes({ db, updates: createFakeQueue(), webhookSecret: WEBHOOK_SECRET }),
  ];
}

/** The routes of every function. */
export function allRoutes(db: Pool): Route[] {
  const boxes = reachBoxesOf(db);
  const originate = createOriginate({ db, ...boxes });
  const done = async () => ({ kind: 'done' as const, messageId: 1 });
  return [
    ...redirectRoutes(db), // before the events: one of its paths looks like one
    ...callEventRoutes(createIntake({ db, calls: createFakeQueue() })),
    ...statusRoutes({
      db,
      parts: { database: () => db`select 1`, queues: async () => {} },
      asterisk: boxes.access.defaults,
    }),
    ...metricsRoutes({ db, queues: { calls: emptyQueue }, token: 'metrics-token-of-the-tests' }),
    ...authRoutes({
      db,
      adminOrigins: new Set([ADMIN_ORIGIN]),
      trustedProxies: 0,
      websocketUrl: 'wss://sockets.example',
    }),
    ...callListRoutes({
      db,
      signer: createSigner(storageSettings()),
      uploads: createPartUploads(storageSettings()),
    }),
    ...directoryRoutes({ db }),
    ...userRoutes({ db }),
    ...keyRoutes({ db }),
    ...auditRoutes({ db }),
    ...enterpriseRoutes({ db, secrets, telegramApiUrl: 'http://127.0.0.1:1' }),
    ...serviceRoutes({ db, queues: { calls: emptyQueue }, invoke: async () => {} }),
    ...overviewRoutes({ db }),
    ...integrationRoutes(db),
    ...recordingRoutes({
      db,
      storage: storageSettings(),
      crm: createFakeQueue(),
      publicUrl: 'https://calls.example.com',
    }),
    ...recordingLinkRoutes({ db, signer: testSigner }),
    ...originateRoutes({ db, originate }),
    ...asteriskRoutes({ db, ...boxes }),
    ...pressRoutes({
      press: createPress({ db, secrets, bot: () => ({ answer: done, send: done }), originate }),
      webhookSecret: WEBHOOK_SECRET,
    }),
    ...hostingRoutes({ db, timeweb: timewebOfTests, tellChanges: async () => {} }),
    ...chatRoutes(db),
  ];
}

export type Asked = {
  method?: string;
  path: string;
  query?: Record<string, string>;
  /** The value of session_token. */
  session?: string | undefined;
  headers?: Record<string, string>;
  body?: unknown;
  sourceIp?: string;
};

/** Asks the routes as API Gateway does, from the admin's own page. */
export function createAsking(db: Pool, routes = allRoutes(db)) {
  const handler = http(routes, createGate({ db, adminOrigins: new Set([ADMIN_ORIGIN]) }));
  return async (asked: Asked) => {
    const { method = 'GET', path, query = {}, session, headers, body, sourceIp } = asked;
    const event = {
      version: '2.0',
      rawPath: path,
      headers: { origin: ADMIN_ORIGIN, ...headers },
      ...(session !== undefined && { cookies: ['theme=dark', `session_token=${session}`] }),
      queryStringParameters: query,
      requestContext: {
        http: { method, path, sourceIp: sourceIp ?? '192.0.2.1' },
        requestId: 'r1',
      },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      isBase64Encoded: false,
    };
    const answer = await handler(
      event as unknown as APIGatewayProxyEventV2,
      { functionName: 'tested', awsRequestId: 'a1' } as Context,
    );
    const type = String(answer.headers?.['content-type']);
    return {
      status: answer.statusCode ?? 0,
      headers: answer.headers ?? {},
      text: answer.body ?? '',
      json: type === 'application/json' ? (JSON.parse(answer.body ?? '') as unknown) : undefined,
    };
  };
}
