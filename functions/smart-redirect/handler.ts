import { connect } from '../../shared/db.ts';
import { readEnv } from '../../shared/env.ts';
import { http } from '../../shared/lambda/http.ts';
import { createSend } from '../../shared/outbound.ts';
import { createSecretBox } from '../../shared/secrets.ts';
import { createSmartRedirect } from '../../shared/smart-redirect/services.ts';
import { smartRedirectRoutes } from '../../shared/smart-redirect/smart-redirect.routes.ts';

const env = readEnv([
  ...(['DATABASE_URL', 'ENCRYPTION_KEY', 'PUBLIC_URL', 'OUTBOUND_ALLOW_PRIVATE'] as const),
  ...(['ASTERISK_SSH_PORT', 'ASTERISK_SSH_USER'] as const),
  ...(['ASTERISK_SSH_PASSWORD', 'ASTERISK_SSH_KEY'] as const),
]);
const db = connect(env.DATABASE_URL, { max: 3 });
const services = createSmartRedirect({
  db,
  secrets: createSecretBox(env.ENCRYPTION_KEY),
  send: createSend(env),
  publicUrl: env.PUBLIC_URL,
  defaults: env,
});

export const routes = smartRedirectRoutes({ db, ...services });
export const handler = http(routes);
