import { BOX_VARIABLES, reachBoxes } from '../../shared/asterisk/reach.ts';
import { connect } from '../../shared/db.ts';
import { readEnv } from '../../shared/env.ts';
import { callbackRoutes } from '../../shared/integrations/callbacks.routes.ts';
import { http } from '../../shared/lambda/http.ts';
import { createOriginate } from '../../shared/originates/originate.ts';
import { placeForCrm } from '../../shared/originates/say-why.ts';
import { createSecretBox } from '../../shared/secrets.ts';

const env = readEnv(['DATABASE_URL', ...BOX_VARIABLES]);
const db = connect(env.DATABASE_URL);

export const routes = callbackRoutes({
  db,
  secrets: createSecretBox(env.ENCRYPTION_KEY),
  originate: placeForCrm(createOriginate({ db, ...reachBoxes(db, env) })),
});
export const handler = http(routes);
