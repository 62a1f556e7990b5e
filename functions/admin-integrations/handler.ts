import { adminOrigins } from '../../shared/auth/admin-origins.ts';
import { createGate } from '../../shared/auth/gate.ts';
import { connect } from '../../shared/db.ts';
import { readEnv } from '../../shared/env.ts';
import { integrationConfigRoutes } from '../../shared/integrations/config.routes.ts';
import { deliveryRoutes } from '../../shared/integrations/deliveries.routes.ts';
import { http } from '../../shared/lambda/http.ts';
import { createSend } from '../../shared/outbound.ts';
import { createQueue } from '../../shared/queue.ts';
import { createSecretBox } from '../../shared/secrets.ts';

const env = readEnv([
  ...(['DATABASE_URL', 'ENCRYPTION_KEY', 'PUBLIC_URL', 'ADMIN_ORIGIN'] as const),
  ...(['CRM_QUEUE_URL', 'SQS_ENDPOINT', 'OUTBOUND_ALLOW_PRIVATE'] as const),
]);
const dependencies = {
  db: connect(env.DATABASE_URL, { max: 2 }),
  adminOrigins: adminOrigins(env),
  crm: createQueue(env.CRM_QUEUE_URL, { endpoint: env.SQS_ENDPOINT }),
  secrets: createSecretBox(env.ENCRYPTION_KEY),
  addresses: { allowPrivate: env.OUTBOUND_ALLOW_PRIVATE === '1' },
  send: createSend(env),
  publicUrl: env.PUBLIC_URL,
};

export const routes = [...integrationConfigRoutes(dependencies), ...deliveryRoutes(dependencies)];
export const handler = http(routes, createGate(dependencies));
