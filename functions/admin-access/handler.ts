import { auditRoutes } from '../../shared/audit/audit.routes.ts';
import { adminOrigins } from '../../shared/auth/admin-origins.ts';
import { createGate } from '../../shared/auth/gate.ts';
import { keyRoutes } from '../../shared/auth/keys.routes.ts';
import { userRoutes } from '../../shared/auth/users.routes.ts';
import { connect } from '../../shared/db.ts';
import { readEnv } from '../../shared/env.ts';
import { http } from '../../shared/lambda/http.ts';

const env = readEnv(['DATABASE_URL', 'PUBLIC_URL', 'ADMIN_ORIGIN']);
const dependencies = { db: connect(env.DATABASE_URL), adminOrigins: adminOrigins(env) };

export const routes = [
  ...userRoutes(dependencies),
  ...keyRoutes(dependencies),
  ...auditRoutes(dependencies),
];
export const handler = http(routes, createGate(dependencies));
