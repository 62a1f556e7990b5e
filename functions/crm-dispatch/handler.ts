import { connect } from '../../shared/db.ts';
import { createDispatcher } from '../../shared/deliveries/dispatch.ts';
import { CrmMessage } from '../../shared/deliveries/messages.ts';
import { readEnv } from '../../shared/env.ts';
import { queue } from '../../shared/lambda/queue.ts';
import { createSend } from '../../shared/outbound.ts';
import { createQueue } from '../../shared/queue.ts';
import { createSigner, STORE_ENV, storeSettings } from '../../shared/recordings/sign.ts';
import { createSecretBox } from '../../shared/secrets.ts';
import { createAlert } from '../../shared/telegram/alert.ts';

const env = readEnv([
  ...(['DATABASE_URL', 'ENCRYPTION_KEY', 'PUBLIC_URL', 'OPERATOR_CHAT_ID'] as const),
  ...(['CRM_QUEUE_URL', 'TELEGRAM_QUEUE_URL', 'LIVE_QUEUE_URL', 'SQS_ENDPOINT'] as const),
  ...(['OUTBOUND_ALLOW_PRIVATE', ...STORE_ENV] as const),
]);
const queueAt = (url: string) => createQueue(url, { endpoint: env.SQS_ENDPOINT });
const crm = queueAt(env.CRM_QUEUE_URL);
const dispatch = createDispatcher({
  db: connect(env.DATABASE_URL),
  crm,
  live: queueAt(env.LIVE_QUEUE_URL),
  secrets: createSecretBox(env.ENCRYPTION_KEY),
  alert: createAlert(queueAt(env.TELEGRAM_QUEUE_URL), env.OPERATOR_CHAT_ID),
  send: createSend(env),
  publicUrl: env.PUBLIC_URL,
  signer: createSigner(storeSettings(env)),
});

export const handler = queue({ queue: crm, schema: CrmMessage, handle: dispatch });
