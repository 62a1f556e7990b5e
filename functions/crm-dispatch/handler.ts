import { createConfigCopies } from '../../shared/crm/config-copies.ts';
import { connect } from '../../shared/db.ts';
import { createDispatcher } from '../../shared/deliveries/dispatch.ts';
import { CrmMessage } from '../../shared/deliveries/messages.ts';
import { readEnv } from '../../shared/env.ts';
import { queue } from '../../shared/lambda/queue.ts';
import { createTellDelivery } from '../../shared/live/tell-delivery.ts';
import { createSend } from '../../shared/outbound.ts';
import { createQueue } from '../../shared/queue.ts';
import { createSigner, STORE_ENV, storeSettings } from '../../shared/recordings/sign.ts';
import { createSecretBox } from '../../shared/secrets.ts';
import { createAlert } from '../../shared/telegram/alert.ts';

const env = readEnv([
  ...(['DATABASE_URL', 'ENCRYPTION_KEY', 'PUBLIC_URL', 'CRM_QUEUE_URL', 'SQS_ENDPOINT'] as const),
  ...(['TELEGRAM_QUEUE_URL', 'OPERATOR_CHAT_ID', 'OUTBOUND_ALLOW_PRIVATE'] as const),
  'LIVE_QUEUE_URL',
  ...STORE_ENV,
]);
const endpoint = env.SQS_ENDPOINT;
const crm = createQueue(env.CRM_QUEUE_URL, { endpoint });
const telegram = createQueue(env.TELEGRAM_QUEUE_URL, { endpoint });
const live = createQueue(env.LIVE_QUEUE_URL, { endpoint });
const db = connect(env.DATABASE_URL);
const secrets = createSecretBox(env.ENCRYPTION_KEY);
const dispatch = createDispatcher({
  db,
  crm,
  secrets,
  configs: createConfigCopies(secrets),
  alert: createAlert(telegram, env.OPERATOR_CHAT_ID),
  send: createSend(env),
  publicUrl: env.PUBLIC_URL,
  tell: createTellDelivery({ db, live }),
  signer: createSigner(storeSettings(env)),
});

export const handler = queue({ queue: crm, schema: CrmMessage, handle: dispatch });
