import { connect } from '../../shared/db.ts';
import { readEnv } from '../../shared/env.ts';
import { http } from '../../shared/lambda/http.ts';
import { recordingLinkRoutes } from '../../shared/recordings/link.routes.ts';
import { createSigner, STORE_ENV, storeSettings } from '../../shared/recordings/sign.ts';

const env = readEnv(['DATABASE_URL', ...STORE_ENV]);

export const routes = recordingLinkRoutes({
  db: connect(env.DATABASE_URL),
  signer: createSigner(storeSettings(env)),
});
export const handler = http(routes);
