// npm run reconnect -- 0367 <integration>
// Tries the stored settings of an integration, tells the CRM of us, and lets a paused integration go on.
import { createConfigCopies } from '../shared/crm/config-copies.ts';
import { INTEGRATION_TYPES } from '../shared/crm/config.ts';
import { connect } from '../shared/db.ts';
import { createReconnect } from '../shared/deliveries/reconnect.ts';
import { readEnv } from '../shared/env.ts';
import { createSend } from '../shared/outbound.ts';
import { createQueue } from '../shared/queue.ts';
import { createSecretBox } from '../shared/secrets.ts';

const [number = '', typeName = ''] = process.argv.slice(2);
const type = INTEGRATION_TYPES.find((known) => known === typeName);
if (!number || !type) {
  console.error(`Usage: npm run reconnect -- <enterprise number> <${INTEGRATION_TYPES.join('|')}>`);
  process.exit(2);
}
const env = readEnv([
  'DATABASE_URL',
  'ENCRYPTION_KEY',
  'PUBLIC_URL',
  'CRM_QUEUE_URL',
  'SQS_ENDPOINT',
  'OUTBOUND_ALLOW_PRIVATE',
]);
const db = connect(env.DATABASE_URL);
const secrets = createSecretBox(env.ENCRYPTION_KEY);
const reconnect = createReconnect({
  db,
  secrets,
  crm: createQueue(env.CRM_QUEUE_URL, { endpoint: env.SQS_ENDPOINT }),
  configs: createConfigCopies(secrets),
  send: createSend(env),
  publicUrl: env.PUBLIC_URL,
});

try {
  const { report, resumed } = await reconnect(number, type);
  if (report.ok)
    console.log(`✅ ${type} of ${number} answers; ${resumed} waiting calls go out now`);
  else console.error(`❌ ${report.problem}\n   ${report.hint}`);
  process.exitCode = report.ok ? 0 : 1;
} finally {
  await db.end();
}
