import type { Pool } from '../db.ts';
import { createSockets } from '../live/sockets.ts';
import { createQueue } from '../queue.ts';
import { createSigner, STORE_ENV, storeSettings } from '../recordings/sign.ts';
import { createAttachments, createSignFile } from './attachments.ts';
import { createHandOver } from './hand-over.ts';
import { createChatPush } from './push.ts';
import { createSay } from './say.ts';
import { createTellCrms } from './tell-crms.ts';

/** The variables of every function in which something happens to a chat. */
export const CHAT_VARIABLES = [
  'SQS_ENDPOINT',
  'CHAT_AI_QUEUE_URL',
  'TELEGRAM_QUEUE_URL',
  'CRM_QUEUE_URL',
  'CHAT_ENTERPRISE',
  'WEBSOCKET_ENDPOINT',
  ...STORE_ENV,
] as const;

type ChatEnv = Parameters<typeof storeSettings>[0] & {
  SQS_ENDPOINT: string | undefined;
  CHAT_AI_QUEUE_URL: string;
  TELEGRAM_QUEUE_URL: string;
  CRM_QUEUE_URL: string;
  CHAT_ENTERPRISE: string | undefined;
  WEBSOCKET_ENDPOINT: string;
};

/** What a chat is made of, put together. */
export function createChat(db: Pool, env: ChatEnv) {
  const queueAt = (url: string) => createQueue(url, { endpoint: env.SQS_ENDPOINT });
  const signer = createSigner(storeSettings(env));
  const signFile = createSignFile(signer);
  const sockets = createSockets(env.WEBSOCKET_ENDPOINT);
  const telegram = queueAt(env.TELEGRAM_QUEUE_URL);
  const ai = queueAt(env.CHAT_AI_QUEUE_URL);
  const push = createChatPush({ db, sockets, signFile });
  const crm = queueAt(env.CRM_QUEUE_URL);
  const tellCrms = createTellCrms({ db, crm, enterpriseNumber: env.CHAT_ENTERPRISE });
  return {
    db,
    enterpriseNumber: env.CHAT_ENTERPRISE,
    sockets,
    signFile,
    push,
    telegram,
    ai,
    tellCrms,
    say: createSay({ db, push, ai, telegram, tellCrms }),
    handOver: createHandOver({ db, push, telegram, tellCrms }),
    attachments: createAttachments({ db, signer }),
  };
}
