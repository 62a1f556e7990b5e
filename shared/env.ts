import * as z from 'zod';

const url = z.url();
const queueUrl = z.url();
const telegramIds = z
  .string()
  .default('')
  .transform((list) => list.split(/[\s,]+/).filter(Boolean))
  .pipe(z.array(z.string().regex(/^[1-9]\d{0,15}$/)))
  .transform((ids): ReadonlySet<string> => new Set(ids));

/** Every variable there is: what it must look like, and an example for the one who has to set it. */
export const VARIABLES = {
  DATABASE_URL: {
    schema: z
      .string()
      .transform((value) => value.replace(/^postgresql\+asyncpg:/, 'postgresql:'))
      .pipe(z.url({ protocol: /^postgres(ql)?$/ })),
    example: 'postgresql://trunkline:secret@db.example.com:5432/trunkline',
  },
  ENCRYPTION_KEY: {
    schema: z.string().regex(/^(v\d+:[A-Za-z0-9+/]{43}=)(,v\d+:[A-Za-z0-9+/]{43}=)*$/),
    example: 'v1:<32 random bytes in base64> (several, newest first, while keys rotate)',
  },
  PUBLIC_URL: { schema: url, example: 'https://calls.example.com' },
  ADMIN_ORIGIN: {
    schema: z
      .string()
      .refine((list) => list.split(',').every((entry) => URL.canParse(entry.trim())))
      .optional(),
    example: 'https://admin.example.com (several with commas; default: the origin of PUBLIC_URL)',
  },
  TRUSTED_PROXIES: {
    schema: z.coerce.number().int().min(0).max(5).default(0),
    example: '1 (how many of our own proxies, a CDN say, stand before the gateway)',
  },
  CALLS_QUEUE_URL: {
    schema: queueUrl,
    example: 'https://sqs.eu-central-1.amazonaws.com/1/calls.fifo',
  },
  CRM_QUEUE_URL: { schema: queueUrl, example: 'https://sqs.eu-central-1.amazonaws.com/1/crm.fifo' },
  TELEGRAM_QUEUE_URL: {
    schema: queueUrl,
    example: 'https://sqs.eu-central-1.amazonaws.com/1/telegram.fifo',
  },
  LIVE_QUEUE_URL: {
    schema: queueUrl,
    example: 'https://sqs.eu-central-1.amazonaws.com/1/live.fifo',
  },
  TELEGRAM_UPDATES_QUEUE_URL: {
    schema: queueUrl,
    example: 'https://sqs.eu-central-1.amazonaws.com/1/telegram-updates.fifo',
  },
  RECORDINGS_QUEUE_URL: {
    schema: queueUrl,
    example: 'https://sqs.eu-central-1.amazonaws.com/1/recordings.fifo',
  },
  REDIRECT_QUEUE_URL: {
    schema: queueUrl,
    example: 'https://sqs.eu-central-1.amazonaws.com/1/redirect.fifo',
  },
  CHAT_AI_QUEUE_URL: {
    schema: queueUrl,
    example: 'https://sqs.eu-central-1.amazonaws.com/1/chat-ai.fifo',
  },
  SQS_ENDPOINT: { schema: url.optional(), example: 'http://127.0.0.1:4566' },
  FUNCTIONS_PREFIX: {
    schema: z.string().regex(/^[\w-]{1,40}$/),
    example: 'trunkline-prod- (what the names of the functions begin with)',
  },
  LAMBDA_ENDPOINT: { schema: url.optional(), example: 'http://127.0.0.1:3002' },
  CHAT_ORIGINS: {
    schema: z
      .string()
      .refine((list) => list.split(',').every((entry) => URL.canParse(entry.trim())))
      .optional(),
    example: 'https://shop.example.com (the sites with the chat; several with commas)',
  },
  AI_BASE_URL: { schema: url.optional(), example: 'https://ai.example.com/v1' },
  AI_API_KEY: { schema: z.string().optional(), example: 'the key to it' },
  AI_MODEL: { schema: z.string().optional(), example: 'a-model-that-it-has' },
  WEBSOCKET_ENDPOINT: {
    schema: url,
    example: 'https://a1b2c3d4e5.execute-api.eu-central-1.amazonaws.com/prod',
  },
  TELEGRAM_API_URL: {
    schema: url.default('https://api.telegram.org'),
    example: 'https://api.telegram.org',
  },
  TELEGRAM_BOT_TOKEN: {
    schema: z
      .string()
      .regex(/^\d+:[\w-]+$/)
      .optional(),
    example: '700000001:the-token-of-the-operators-bot',
  },
  TELEGRAM_WEBHOOK_SECRET: {
    schema: z
      .string()
      .regex(/^[\w-]{16,256}$/)
      .optional(),
    example: 'at least 16 letters, digits, _ and - (what Telegram shows us of itself)',
  },
  MANAGER_IDS: {
    schema: telegramIds,
    example: "123456789,987654321 (who may register with the managers' bot by /start)",
  },
  ADMIN_IDS: {
    schema: telegramIds,
    example: '123456789 (of those, who may keep the others; several with commas)',
  },
  CHAT_ENTERPRISE: {
    schema: z
      .string()
      .regex(/^\w{1,32}$/)
      .optional(),
    example: '0367 (whose box rings the managers, whose CRMs hear of chats)',
  },
  OPERATOR_CHAT_ID: {
    schema: z
      .string()
      .regex(/^-?\d+$/)
      .optional(),
    example: '-1001234567890',
  },
  ASTERISK_SSH_PORT: {
    schema: z.coerce.number().int().min(1).max(65_535).default(5059),
    example: '5059 (of boxes without a port of their own)',
  },
  ASTERISK_SSH_USER: { schema: z.string().default('root'), example: 'trunkline' },
  ASTERISK_SSH_PASSWORD: {
    schema: z.string().optional(),
    example: 'the password of boxes without credentials of their own',
  },
  ASTERISK_SSH_KEY: {
    schema: z
      .string()
      .transform((text) => text.replaceAll(String.raw`\n`, '\n'))
      .pipe(z.string().regex(/^\s*-----BEGIN [A-Z ]*PRIVATE KEY-----/))
      .optional(),
    example: 'the text of a private key file (line breaks may be written as \\n)',
  },
  TIMEWEB_API_URL: {
    schema: url.default('https://api.timeweb.cloud'),
    example: 'https://api.timeweb.cloud',
  },
  TIMEWEB_API_TOKEN: { schema: z.string().min(1).optional(), example: 'eyJhbGciOiJSUzUxMiJ9.…' },
  OUTBOUND_ALLOW_PRIVATE: { schema: z.literal('1').optional(), example: '1 (local stack only)' },
  S3_ENDPOINT: {
    schema: url.default('https://fsn1.your-objectstorage.com'),
    example: 'https://fsn1.your-objectstorage.com',
  },
  S3_REGION: {
    schema: z
      .string()
      .regex(/^[\w-]+$/)
      .default('fsn1'),
    example: 'fsn1',
  },
  S3_BUCKET: {
    schema: z
      .string()
      .regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/)
      .default('vochi'),
    example: 'vochi',
  },
  S3_ACCESS_KEY: { schema: z.string().optional(), example: 'the access key of the storage' },
  S3_SECRET_KEY: { schema: z.string().optional(), example: 'the secret key of the storage' },
  HETZNER_S3_ACCESS_KEY: { schema: z.string().optional(), example: 'old name of S3_ACCESS_KEY' },
  HETZNER_S3_SECRET_KEY: { schema: z.string().optional(), example: 'old name of S3_SECRET_KEY' },
  S3_PATH_STYLE: {
    schema: z.literal('1').optional(),
    example: '1 (the bucket stands in the path, not in the host name)',
  },
  SENTRY_DSN: { schema: url.optional(), example: 'https://key@sentry.example.com/1' },
  SENTRY_RELEASE: { schema: z.string().optional(), example: '1f2e3d4 (what was deployed)' },
  METRICS_TOKEN: {
    schema: z
      .string()
      .regex(/^[\w-]{16,256}$/)
      .optional(),
    example: 'at least 16 letters, digits, _ and - (who shows it may read /metrics)',
  },
  IS_OFFLINE: { schema: z.string().optional(), example: 'true (set by the local API gateway)' },
} as const;

type Name = keyof typeof VARIABLES;
type Values<N extends Name> = { [K in N]: z.output<(typeof VARIABLES)[K]['schema']> };

/**
 * Reads the variables that one function needs, once, at cold start.
 * Fails with the names of all that are missing or malformed and an example of each, never with a value.
 */
export function readEnv<N extends Name>(
  names: readonly N[],
  source: NodeJS.ProcessEnv = process.env,
): Values<N> {
  const values: Partial<Record<Name, unknown>> = {};
  const wrong: string[] = [];
  for (const name of names) {
    const result = VARIABLES[name].schema.safeParse(source[name] || undefined);
    if (result.success) values[name] = result.data;
    else wrong.push(`${name} (for example: ${VARIABLES[name].example})`);
  }
  if (wrong.length > 0) throw new Error(`Missing or malformed variables: ${wrong.join('; ')}`);
  return values as Values<N>;
}
