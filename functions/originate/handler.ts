import { BOX_VARIABLES, reachBoxes } from '../../shared/asterisk/reach.ts';
import { adminOrigins } from '../../shared/auth/admin-origins.ts';
import { createGate } from '../../shared/auth/gate.ts';
import { connect } from '../../shared/db.ts';
import { readEnv } from '../../shared/env.ts';
import { http } from '../../shared/lambda/http.ts';
import { originateRoutes } from '../../shared/originates/originate.routes.ts';
import { createOriginate } from '../../shared/originates/originate.ts';

const env = readEnv(['DATABASE_URL', 'PUBLIC_URL', 'ADMIN_ORIGIN', ...BOX_VARIABLES]);
const db = connect(env.DATABASE_URL);
const originate = createOriginate({ db, ...reachBoxes(db, env) });

export const routes = originateRoutes({ db, originate });
export const handler = http(routes, createGate({ db, adminOrigins: adminOrigins(env) }));
