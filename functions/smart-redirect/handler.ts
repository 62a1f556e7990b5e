import { BOX_VARIABLES, reachBoxes } from '../../shared/asterisk/reach.ts';
import { connect } from '../../shared/db.ts';
import { readEnv } from '../../shared/env.ts';
import { http } from '../../shared/lambda/http.ts';
import { createSend } from '../../shared/outbound.ts';
import { createSecretBox } from '../../shared/secrets.ts';
import { createSmartRedirect } from '../../shared/smart-redirect/services.ts';
import { smartRedirectRoutes } from '../../shared/smart-redirect/smart-redirect.routes.ts';

const env = readEnv(['DATABASE_URL', 'PUBLIC_URL', 'OUTBOUND_ALLOW_PRIVATE', ...BOX_VARIABLES]);
const db = connect(env.DATABASE_URL, { max: 3 });
const secrets = createSecretBox(env.ENCRYPTION_KEY);
const crms = { secrets, send: createSend(env), publicUrl: env.PUBLIC_URL };
const services = createSmartRedirect({ db, ...crms, ...reachBoxes(db, env) });

export const routes = smartRedirectRoutes({ db, ...services });
export const handler = http(routes);
