import { adminOrigins } from '../../shared/auth/admin-origins.ts';
import { createGate } from '../../shared/auth/gate.ts';
import { connect } from '../../shared/db.ts';
import { readEnv } from '../../shared/env.ts';
import { http } from '../../shared/lambda/http.ts';
import { createSend } from '../../shared/outbound.ts';
import { createSecretBox } from '../../shared/secrets.ts';
import { smartRedirectAdminRoutes } from '../../shared/smart-redirect/admin.routes.ts';
import { createFinder } from '../../shared/smart-redirect/responsible.ts';

const env = readEnv([
  ...(['DATABASE_URL', 'ENCRYPTION_KEY', 'PUBLIC_URL'] as const),
  ...(['ADMIN_ORIGIN', 'OUTBOUND_ALLOW_PRIVATE'] as const),
]);
const db = connect(env.DATABASE_URL, { max: 2 });
const secrets = createSecretBox(env.ENCRYPTION_KEY);
const finder = createFinder({ db, secrets, send: createSend(env), publicUrl: env.PUBLIC_URL });

export const routes = smartRedirectAdminRoutes({ db, finder });
export const handler = http(routes, createGate({ db, adminOrigins: adminOrigins(env) }));
