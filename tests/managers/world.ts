import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';
import { v7 as newUuid } from 'uuid';

import { hashToken } from '../../shared/auth/tokens.ts';
import { createSignFile } from '../../shared/chat/attachments.ts';
import { createHandOver } from '../../shared/chat/hand-over.ts';
import { createChatPush } from '../../shared/chat/push.ts';
import { createSay } from '../../shared/chat/say.ts';
import { insertSession } from '../../shared/chat/sessions.sql.ts';
import { createTellCrms } from '../../shared/chat/tell-crms.ts';
import { connect, type Pool } from '../../shared/db.ts';
import { ComeBackLater } from '../../shared/errors.ts';
import { http } from '../../shared/lambda/http.ts';
import { createManagers } from '../../shared/managers/managers.ts';
import { UpdateMessage } from '../../shared/managers/messages.ts';
import { createShow } from '../../shared/managers/show.ts';
import { createTimers } from '../../shared/managers/timers.ts';
import { webhookRoutes } from '../../shared/managers/webhook.routes.ts';
import { createUpdateWorker } from '../../shared/managers/work-updates.ts';
import type { QueueMessage } from '../../shared/queue.ts';
import { createSigner } from '../../shared/recordings/sign.ts';
import { createBot } from '../../shared/telegram/bot.ts';
import { TelegramMessage } from '../../shared/telegram/messages.ts';
import { createFakeGateway } from '../live/gateway.ts';
import type { Peers } from '../peers/server.ts';
import { createFakeQueue } from '../support/queues.ts';
import { storageSettings } from '../support/storage.ts';

export const BOT_ID = 700_000_002;
export const [MARIA, IVAN, OLEG] = [700_401, 700_402, 700_403];
export const SECRET = 'webhook-secret-of-the-tests';
const TOKEN = '700000002:demo-managers-bot-token';

type Originate = NonNullable<Parameters<typeof createManagers>[0]['originate']>;
type Options = {
  url: string;
  peers: Peers;
  /** Moves the clock of the simulated Telegram. */
  pass: (ms: number) => void;
  originate?: Originate;
};

/** The managers' side as it runs: two instances of every function on one database, queues, and Telegram. */
export function createWorld(db: Pool, { url, peers, pass, originate }: Options) {
  const [telegram, updates, ai] = [createFakeQueue(), createFakeQueue(), createFakeQueue()];
  const crm = createFakeQueue();
  const gateway = createFakeGateway();
  const settings = storageSettings();
  const signer = createSigner(settings);
  const store = {
    S3_ENDPOINT: settings.endpoint,
    S3_REGION: settings.region,
    S3_BUCKET: settings.bucket,
    S3_ACCESS_KEY: settings.accessKey,
    S3_SECRET_KEY: settings.secretKey,
    HETZNER_S3_ACCESS_KEY: undefined,
    HETZNER_S3_SECRET_KEY: undefined,
    S3_PATH_STYLE: '1' as const,
  };

  /** As a cold start makes it: nothing is shared with another but the database and the queues. */
  function createInstance() {
    const own = connect(url, { max: 3 });
    const push = createChatPush({
      db: own,
      sockets: gateway.sockets,
      signFile: createSignFile(signer),
    });
    const tellCrms = createTellCrms({ db: own, crm, enterpriseNumber: '0367' });
    const say = createSay({ db: own, push, ai, telegram, tellCrms });
    const handOver = createHandOver({ db: own, push, telegram, tellCrms });
    const managers = createManagers({
      db: own,
      push,
      say,
      handOver,
      telegram,
      tellCrms,
      store,
      bot: createBot(TOKEN, `${peers.url}/telegram`),
      botId: String(BOT_ID),
      managerIds: new Set([MARIA, IVAN, OLEG].map(String)),
      adminIds: new Set([String(MARIA)]),
      enterpriseNumber: '0367',
      ...(originate && { originate }),
    });
    const webhook = http(webhookRoutes({ db: own, updates, webhookSecret: SECRET }));
    const work = createUpdateWorker({ db: own, work: managers.work });
    const timers = createTimers({ db: own, say, handOver, turns: managers.turns, updates });
    return {
      ...managers,
      own,
      say,
      handOver,
      push,
      webhook,
      work,
      timers,
      show: createShow(managers),
    };
  }
  let instances = [createInstance(), createInstance()] as const;
  let turn = 0;
  const next = () => instances[(turn += 1) % 2 ? 0 : 1];

  async function toWebhook(update: unknown, secret = SECRET): Promise<number> {
    const event = {
      version: '2.0',
      rawPath: '/telegram/webhook',
      headers: { 'x-telegram-bot-api-secret-token': secret },
      requestContext: { http: { method: 'POST', path: '/telegram/webhook' }, requestId: 'r1' },
      body: typeof update === 'string' ? update : JSON.stringify(update),
      isBase64Encoded: false,
    };
    const answer = await next().webhook(
      event as unknown as APIGatewayProxyEventV2,
      { functionName: 'tested' } as Context,
    );
    return answer.statusCode ?? 0;
  }

  /** Works the queues until nothing is left but what waits for a time to come; returns that. */
  async function settle(): Promise<QueueMessage[]> {
    const waiting: QueueMessage[] = [];
    for (let step = 0; step < 500; step += 1) {
      const update = updates.messages.find(({ body }) => !done.has(body));
      const message = telegram.messages.find(({ body }) => !done.has(body));
      if (update) {
        done.add(update.body);
        await next().work(UpdateMessage.parse(update.body), { receives: 1 });
      } else if (message) {
        done.add(message.body);
        // Limits are tested by themselves: here time passes between any two messages.
        pass(5_000);
        await db`delete from rate_buckets`;
        const parsed = TelegramMessage.parse(message.body);
        if (parsed.kind === 'call' || parsed.kind === 'text') continue;
        try {
          await next().show(parsed);
        } catch (error) {
          if (!(error instanceof ComeBackLater)) throw error;
          waiting.push(message);
        }
      } else return waiting;
    }
    throw new Error('the queues do not come to rest');
  }
  const done = new Set<object>();

  return {
    telegram,
    updates,
    ai,
    crm,
    gateway,
    toWebhook,
    settle,
    next,
    done,
    instances: () => instances,

    /** Every function is started anew. */
    async restart(): Promise<void> {
      for (const { own } of instances) await own.end();
      instances = [createInstance(), createInstance()];
    },
    async stop(): Promise<void> {
      for (const { own } of instances) await own.end();
    },

    /** A person does something in Telegram; the update goes to the webhook, the queues are worked. */
    async person(what: 'say' | 'press' | 'edit', body: object): Promise<void> {
      await this.updateOf(what, body).then((update) => toWebhook(update));
      await settle();
    },
    async updateOf(what: 'say' | 'press' | 'edit', body: object): Promise<unknown> {
      const response = await fetch(`${peers.url}/control/telegram/${what}`, {
        method: 'POST',
        body: JSON.stringify(what === 'say' ? { bot: BOT_ID, ...body } : body),
      });
      const answer = (await response.json()) as { update?: unknown; error?: string };
      if (answer.update === undefined) throw new Error(answer.error);
      return answer.update;
    },
    say(chatId: number, text: string, more: object = {}) {
      return this.person('say', { chat_id: chatId, text, ...more });
    },
    /** Presses the newest button of this name. */
    press(chatId: number, label: string) {
      return this.person('press', this.buttonOf(chatId, label));
    },
    buttonOf(chatId: number, label: string) {
      const found = this.shown(chatId)
        .toReversed()
        .flatMap(({ message_id, reply_markup }) =>
          (reply_markup?.inline_keyboard.flat() ?? []).map((each) => ({ message_id, each })),
        )
        .find(({ each }) => each.text.includes(label));
      if (!found) throw new Error(`${chatId} has no button "${label}"`);
      return { chat_id: chatId, message_id: found.message_id, data: found.each['callback_data'] };
    },
    /** What stands in the person's chat with the bot. */
    shown: (chatId: number) =>
      peers.telegram.chat(chatId).messages.filter(({ deleted, bot }) => !deleted && bot === BOT_ID),
    texts(chatId: number): string[] {
      return this.shown(chatId).map(({ text }) => text);
    },
    buttons(chatId: number): string[] {
      return this.shown(chatId).flatMap(({ reply_markup }) =>
        (reply_markup?.inline_keyboard.flat() ?? []).map(({ text }) => text),
      );
    },

    async visitor(locale: 'ru' | 'en' = 'ru'): Promise<string> {
      const id = newUuid();
      await insertSession(db, {
        id,
        tokenHash: hashToken(id),
        page: 'https://shop.example/delivery?a=1&b=<2>',
        referrer: null,
        locale,
        userAgent: 'Test',
        ip: '192.0.2.1',
      });
      return id;
    },
    /** The visitor writes. */
    async write(sessionId: string, text: string, attachmentId?: string) {
      const { message } = await next().say({
        sessionId,
        sender: 'user',
        text,
        clientId: newUuid(),
        attachmentId: attachmentId ?? null,
      });
      await settle();
      return message;
    },
    async askForHuman(sessionId: string, visitor: { name?: string; phone?: string } = {}) {
      const { name, phone } = visitor;
      const result = await next().handOver.toManager(sessionId, { name, phone });
      await settle();
      return result;
    },
    /** What the visitor finds on coming back. */
    async history(sessionId: string): Promise<string[]> {
      const rows = await db`
        select sender, text, manager_name
        from chat_messages
        where session_id = ${sessionId}
        order by id`;
      return rows.map(({ sender, text, managerName }) =>
        [sender, managerName, text].filter(Boolean).join(': '),
      );
    },
    async stateOf(sessionId: string): Promise<string> {
      const [row] = await db`select state from chat_sessions where id = ${sessionId}`;
      return String(row?.['state']);
    },
    signer,
  };
}
export type World = ReturnType<typeof createWorld>;
