import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import type { Ports } from './ports.ts';
import { databaseUrlFor } from './postgres.ts';

const REGION = 'eu-central-1';
export const BUCKET = 'trunkline-dev-recordings';
const ACCOUNT = '000000000000';

type Environment = Record<string, string>;

/**
 * What the functions are told about the world. Whatever the caller has set already wins, so that every part of the
 * outside world can be pointed elsewhere.
 */
export function stackEnvironment(
  ports: Ports,
  { encryptionKey, caller = process.env }: { encryptionKey: string; caller?: NodeJS.ProcessEnv },
): Environment {
  const chosen = (name: string, value: string): Environment => ({ [name]: caller[name] || value });
  const databaseUrl = caller['DATABASE_URL'] || databaseUrlFor(ports.postgres);
  const sqsEndpoint = caller['SQS_ENDPOINT'] || `http://127.0.0.1:${ports.aws}`;
  const queue = (name: string): string => `${sqsEndpoint}/${ACCOUNT}/trunkline-dev-${name}.fifo`;
  const passedOn = ['SENTRY_DSN', 'POWERTOOLS_LOG_LEVEL'].flatMap((name) => {
    const value = caller[name];
    return value ? [[name, value] as const] : [];
  });

  return {
    DATABASE_URL: databaseUrl.replace(/^postgresql\+asyncpg:/, 'postgresql:'),
    ...chosen('ENCRYPTION_KEY', encryptionKey),
    ...chosen('PUBLIC_URL', `http://127.0.0.1:${ports.web}`),
    ...chosen('ADMIN_ORIGIN', `http://127.0.0.1:${ports.web},http://localhost:${ports.web}`),
    SQS_ENDPOINT: sqsEndpoint,
    ...chosen('CALLS_QUEUE_URL', queue('calls')),
    ...chosen('CRM_QUEUE_URL', queue('crm')),
    ...chosen('TELEGRAM_QUEUE_URL', queue('telegram')),
    ...chosen('LIVE_QUEUE_URL', queue('live')),
    ...chosen('CHAT_AI_QUEUE_URL', queue('chat-ai')),
    ...chosen('CHAT_ORIGINS', `http://127.0.0.1:${ports.web},http://localhost:${ports.web}`),
    ...chosen('RECORDINGS_QUEUE_URL', queue('recordings')),
    ...chosen('REDIRECT_QUEUE_URL', queue('redirect')),
    ...chosen('LAMBDA_ENDPOINT', `http://127.0.0.1:${ports.lambda}`),
    ...chosen('WEBSOCKET_ENDPOINT', `http://127.0.0.1:${ports.websocket}`),
    ...chosen('TELEGRAM_API_URL', `http://127.0.0.1:${ports.peers}/telegram`),
    ...chosen('TELEGRAM_BOT_TOKEN', '700000001:demo-telegram-token-0367'),
    ...chosen('OPERATOR_CHAT_ID', '700367'),
    ...chosen('TELEGRAM_WEBHOOK_SECRET', 'demo-webhook-secret-0367'),
    ...chosen('TIMEWEB_API_URL', `http://127.0.0.1:${ports.peers}/timeweb`),
    ...chosen('TIMEWEB_API_TOKEN', 'demo-timeweb-token'),
    ...chosen('AI_BASE_URL', `http://127.0.0.1:${ports.peers}/ai/v1`),
    ...chosen('AI_API_KEY', 'demo-ai-key'),
    ...chosen('AI_MODEL', 'demo-model'),
    ...chosen('OUTBOUND_ALLOW_PRIVATE', '1'),
    ...chosen('S3_ENDPOINT', `http://127.0.0.1:${ports.aws}`),
    ...chosen('S3_REGION', REGION),
    ...chosen('S3_BUCKET', BUCKET),
    ...chosen('S3_ACCESS_KEY', 'local'),
    ...chosen('S3_SECRET_KEY', 'local'),
    ...Object.fromEntries(passedOn),
    ...awsCredentials(caller),
  };
}

/** The environment of a child: the caller's, without what could reach a real account, and the stack's own. */
export function childEnvironment(stack: Environment, caller = process.env): NodeJS.ProcessEnv {
  const own = Object.entries(caller).filter(([name]) => !name.startsWith('AWS_'));
  return { ...Object.fromEntries(own), ...stack };
}

/** Made once and kept with the data: what it sealed in the database must open after the next start. */
export function keptEncryptionKey(dataFolder: string): string {
  const file = path.join(dataFolder, 'encryption-key');
  if (!existsSync(file)) {
    writeFileSync(file, `v1:${randomBytes(32).toString('base64')}`, { mode: 0o600, flag: 'wx' });
  }
  return readFileSync(file, 'utf8').trim();
}

/** Real credentials in the shell are used only by somebody who pointed the queues elsewhere on purpose. */
function awsCredentials(caller: NodeJS.ProcessEnv): Environment {
  const local = { AWS_ACCESS_KEY_ID: 'local', AWS_SECRET_ACCESS_KEY: 'local', AWS_REGION: REGION };
  if (!caller['SQS_ENDPOINT']) return local;
  const given = Object.entries(caller).flatMap(([name, value]) =>
    name.startsWith('AWS_') && value ? [[name, value] as const] : [],
  );
  return { ...local, ...Object.fromEntries(given) };
}
