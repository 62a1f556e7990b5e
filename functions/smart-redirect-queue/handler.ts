import { connect } from '../../shared/db.ts';
import { readEnv } from '../../shared/env.ts';
import { queue } from '../../shared/lambda/queue.ts';
import { createSend } from '../../shared/outbound.ts';
import { createQueue } from '../../shared/queue.ts';
import { createSecretBox } from '../../shared/secrets.ts';
import { RedirectMessage } from '../../shared/smart-redirect/messages.ts';
import { createEventRedirect } from '../../shared/smart-redirect/redirect-event.ts';
import { createSmartRedirect } from '../../shared/smart-redirect/services.ts';

const env = readEnv([
  ...(['DATABASE_URL', 'ENCRYPTION_KEY', 'PUBLIC_URL', 'OUTBOUND_ALLOW_PRIVATE'] as const),
  ...(['ASTERISK_SSH_PORT', 'ASTERISK_SSH_USER', 'REDIRECT_QUEUE_URL'] as const),
  ...(['ASTERISK_SSH_PASSWORD', 'ASTERISK_SSH_KEY', 'SQS_ENDPOINT'] as const),
]);
const db = connect(env.DATABASE_URL, { max: 3 });
const secrets = createSecretBox(env.ENCRYPTION_KEY);
const ways = { send: createSend(env), publicUrl: env.PUBLIC_URL, defaults: env };
const services = createSmartRedirect({ db, secrets, ...ways });

export const handler = queue({
  queue: createQueue(env.REDIRECT_QUEUE_URL, { endpoint: env.SQS_ENDPOINT }),
  schema: RedirectMessage,
  handle: createEventRedirect({ db, ...services }),
});
