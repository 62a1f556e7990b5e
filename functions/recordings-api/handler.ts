import { adminOrigins } from '../../shared/auth/admin-origins.ts';
import { createGate } from '../../shared/auth/gate.ts';
import { connect } from '../../shared/db.ts';
import { readEnv } from '../../shared/env.ts';
import { http } from '../../shared/lambda/http.ts';
import { createQueue } from '../../shared/queue.ts';
import { recordingRoutes } from '../../shared/recordings/recordings.routes.ts';
import { STORE_ENV, storeSettings } from '../../shared/recordings/sign.ts';

const env = readEnv([
  ...(['DATABASE_URL', 'PUBLIC_URL', 'ADMIN_ORIGIN', 'CRM_QUEUE_URL', 'SQS_ENDPOINT'] as const),
  ...STORE_ENV,
]);
const dependencies = {
  db: connect(env.DATABASE_URL, { max: 2 }),
  adminOrigins: adminOrigins(env),
  storage: storeSettings(env),
  crm: createQueue(env.CRM_QUEUE_URL, { endpoint: env.SQS_ENDPOINT }),
  publicUrl: env.PUBLIC_URL,
};

export const routes = recordingRoutes(dependencies);
export const handler = http(routes, createGate(dependencies));
