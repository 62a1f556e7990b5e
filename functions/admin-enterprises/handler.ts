import { adminOrigins } from '../../shared/auth/admin-origins.ts';
import { createGate } from '../../shared/auth/gate.ts';
import { connect } from '../../shared/db.ts';
import { enterpriseRoutes } from '../../shared/enterprises/enterprises.routes.ts';
import { readEnv } from '../../shared/env.ts';
import { http } from '../../shared/lambda/http.ts';
import { createSecretBox } from '../../shared/secrets.ts';

const env = readEnv([
  ...(['DATABASE_URL', 'ENCRYPTION_KEY', 'PUBLIC_URL', 'ADMIN_ORIGIN'] as const),
  'TELEGRAM_API_URL',
]);
const dependencies = { db: connect(env.DATABASE_URL), adminOrigins: adminOrigins(env) };

export const routes = enterpriseRoutes({
  ...dependencies,
  secrets: createSecretBox(env.ENCRYPTION_KEY),
  telegramApiUrl: env.TELEGRAM_API_URL,
});
export const handler = http(routes, createGate(dependencies));
