import { asteriskRoutes } from '../../shared/asterisk/asterisk.routes.ts';
import { BOX_VARIABLES, reachBoxes } from '../../shared/asterisk/reach.ts';
import { adminOrigins } from '../../shared/auth/admin-origins.ts';
import { createGate } from '../../shared/auth/gate.ts';
import { connect } from '../../shared/db.ts';
import { readEnv } from '../../shared/env.ts';
import { http } from '../../shared/lambda/http.ts';

const env = readEnv(['DATABASE_URL', 'PUBLIC_URL', 'ADMIN_ORIGIN', ...BOX_VARIABLES]);
const db = connect(env.DATABASE_URL);

export const routes = asteriskRoutes({ db, ...reachBoxes(db, env) });
export const handler = http(routes, createGate({ db, adminOrigins: adminOrigins(env) }));
