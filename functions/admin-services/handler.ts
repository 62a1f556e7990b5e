import { adminOrigins } from '../../shared/auth/admin-origins.ts';
import { createGate } from '../../shared/auth/gate.ts';
import { connect } from '../../shared/db.ts';
import { readEnv } from '../../shared/env.ts';
import { http } from '../../shared/lambda/http.ts';
import { createInvoke } from '../../shared/lambda/invoke.ts';
import { overviewRoutes } from '../../shared/operations/overview.routes.ts';
import { serviceRoutes } from '../../shared/operations/services.routes.ts';
import { reachStore } from '../../shared/recordings/reach-store.ts';
import { STORE_ENV, storeSettings } from '../../shared/recordings/sign.ts';
import { QUEUE_VARIABLES, watchQueues } from '../../shared/watched-queue.ts';

const env = readEnv([
  ...(['DATABASE_URL', 'PUBLIC_URL', 'ADMIN_ORIGIN'] as const),
  ...(['FUNCTIONS_PREFIX', 'LAMBDA_ENDPOINT'] as const),
  ...QUEUE_VARIABLES,
  ...STORE_ENV,
]);
const store = storeSettings(env);
const dependencies = {
  db: connect(env.DATABASE_URL, { max: 3 }),
  adminOrigins: adminOrigins(env),
  queues: watchQueues(env),
  ...(store.accessKey && { storage: () => reachStore(store) }),
  invoke: createInvoke({ prefix: env.FUNCTIONS_PREFIX, endpoint: env.LAMBDA_ENDPOINT }),
};

export const routes = [...serviceRoutes(dependencies), ...overviewRoutes(dependencies)];
export const handler = http(routes, createGate(dependencies));
