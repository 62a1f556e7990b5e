import { adminOrigins } from '../../shared/auth/admin-origins.ts';
import { authRoutes } from '../../shared/auth/auth.routes.ts';
import { createGate } from '../../shared/auth/gate.ts';
import { connect } from '../../shared/db.ts';
import { readEnv } from '../../shared/env.ts';
import { http } from '../../shared/lambda/http.ts';

const env = readEnv([
  'DATABASE_URL',
  'PUBLIC_URL',
  'ADMIN_ORIGIN',
  'TRUSTED_PROXIES',
  'WEBSOCKET_ENDPOINT',
]);
const dependencies = { db: connect(env.DATABASE_URL), adminOrigins: adminOrigins(env) };

export const routes = authRoutes({
  ...dependencies,
  trustedProxies: env.TRUSTED_PROXIES,
  websocketUrl: env.WEBSOCKET_ENDPOINT.replace(/^http/, 'ws'),
});
export const handler = http(routes, createGate(dependencies));
