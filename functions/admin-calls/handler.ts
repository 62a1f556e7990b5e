import { adminOrigins } from '../../shared/auth/admin-origins.ts';
import { createGate } from '../../shared/auth/gate.ts';
import { callListRoutes } from '../../shared/calls/call-list.routes.ts';
import { connect } from '../../shared/db.ts';
import { readEnv } from '../../shared/env.ts';
import { http } from '../../shared/lambda/http.ts';
import { createPartUploads } from '../../shared/recordings/part-uploads.ts';
import { createSigner, STORE_ENV, storeSettings } from '../../shared/recordings/sign.ts';

const env = readEnv(['DATABASE_URL', 'PUBLIC_URL', 'ADMIN_ORIGIN', ...STORE_ENV]);
const store = storeSettings(env);
const dependencies = {
  db: connect(env.DATABASE_URL),
  adminOrigins: adminOrigins(env),
  signer: createSigner(store),
  uploads: createPartUploads(store),
};

export const routes = callListRoutes(dependencies);
export const handler = http(routes, createGate(dependencies));
