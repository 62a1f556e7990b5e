import { BOX_VARIABLES, reachBoxes } from '../../shared/asterisk/reach.ts';
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
  ...(['DATABASE_URL', 'PUBLIC_URL', 'OUTBOUND_ALLOW_PRIVATE'] as const),
  ...(['REDIRECT_QUEUE_URL', 'SQS_ENDPOINT'] as const),
  ...BOX_VARIABLES,
]);
const db = connect(env.DATABASE_URL, { max: 3 });
const secrets = createSecretBox(env.ENCRYPTION_KEY);
const crms = { secrets, send: createSend(env), publicUrl: env.PUBLIC_URL };
const services = createSmartRedirect({ db, ...crms, ...reachBoxes(db, env) });

export const handler = queue({
  queue: createQueue(env.REDIRECT_QUEUE_URL, { endpoint: env.SQS_ENDPOINT }),
  schema: RedirectMessage,
  handle: createEventRedirect({ db, ...services }),
});
