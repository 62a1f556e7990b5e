import { connect } from '../../shared/db.ts';
import { readEnv } from '../../shared/env.ts';
import { callbackRoutes } from '../../shared/integrations/callbacks.routes.ts';
import { nobodyOriginates } from '../../shared/integrations/callbacks.ts';
import { http } from '../../shared/lambda/http.ts';
import { createSecretBox } from '../../shared/secrets.ts';

const env = readEnv(['DATABASE_URL', 'ENCRYPTION_KEY']);

export const routes = callbackRoutes({
  db: connect(env.DATABASE_URL),
  secrets: createSecretBox(env.ENCRYPTION_KEY),
  originate: nobodyOriginates,
});
export const handler = http(routes);
