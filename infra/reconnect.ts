// npm run reconnect -- 0367 <integration>
// Tries the stored settings of an integration (or of Telegram), tells the CRM of us, and lets what was paused go on.
import { createConfigCopies } from '../shared/crm/config-copies.ts';
import { INTEGRATION_TYPES, type IntegrationType } from '../shared/crm/crm.schema.ts';
import { connect } from '../shared/db.ts';
import { createReconnect } from '../shared/deliveries/reconnect.ts';
import { readEnv } from '../shared/env.ts';
import { createSend } from '../shared/outbound.ts';
import { createQueue } from '../shared/queue.ts';
import { createSecretBox } from '../shared/secrets.ts';
import { createBot } from '../shared/telegram/bot.ts';
import { createTelegramReconnect } from '../shared/telegram/reconnect.ts';
import { joinLocalStack } from './local/join-stack.ts';
import { reason } from './local/plain-error.ts';

const [number = '', typeName = ''] = process.argv.slice(2);
const type = [...INTEGRATION_TYPES, 'telegram' as const].find((known) => known === typeName);
if (!number || !type) {
  console.error(
    `Usage: npm run reconnect -- <enterprise number> <${INTEGRATION_TYPES.join('|')}|telegram>\n` +
      'Without DATABASE_URL it is the local stack of this folder.',
  );
  process.exit(2);
}
joinLocalStack();
try {
  process.exitCode = type === 'telegram' ? await resumeTelegram() : await resumeCrm(type);
} catch (error) {
  console.error(reason(error));
  process.exitCode = 1;
}

async function resumeTelegram(): Promise<number> {
  const env = readEnv(['DATABASE_URL', 'ENCRYPTION_KEY', 'TELEGRAM_API_URL']);
  const db = connect(env.DATABASE_URL);
  const bot = (token: string) => createBot(token, env.TELEGRAM_API_URL);
  const reconnect = createTelegramReconnect({
    db,
    secrets: createSecretBox(env.ENCRYPTION_KEY),
    bot,
  });
  try {
    const { problem, resumed } = await reconnect(number);
    if (problem !== null) console.error(`❌ ${problem}`);
    else
      console.log(
        `✅ telegram of ${number} answers; ${resumed ? 'it goes on' : 'it was not paused'}`,
      );
    return problem === null ? 0 : 1;
  } finally {
    await db.end();
  }
}

async function resumeCrm(integrationType: IntegrationType): Promise<number> {
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
    const { report, resumed } = await reconnect(number, integrationType);
    if (report.ok)
      console.log(
        `✅ ${integrationType} of ${number} answers; ${resumed} waiting calls go out now`,
      );
    else console.error(`❌ ${report.problem}\n   ${report.hint}`);
    return report.ok ? 0 : 1;
  } finally {
    await db.end();
  }
}
