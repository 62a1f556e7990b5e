import { createHmac } from 'node:crypto';

import type { WebhookConfig } from './config.ts';

export type Signed = { id: string; body: string; at: Date };

/** The headers of the Standard Webhooks. While a changed secret overlaps with the one before, both sign. */
export function signatureHeaders(
  config: Pick<WebhookConfig, 'secret' | 'previous_secret' | 'previous_secret_until'>,
  { id, body, at }: Signed,
): Record<string, string> {
  const timestamp = String(Math.floor(at.getTime() / 1000));
  const signatures = secretsInForce(config, at).map(
    (secret) => `v1,${sign(secret, `${id}.${timestamp}.${body}`)}`,
  );
  return {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': signatures.join(' '),
  };
}

function secretsInForce(
  config: Pick<WebhookConfig, 'secret' | 'previous_secret' | 'previous_secret_until'>,
  at: Date,
): string[] {
  const { secret, previous_secret: previous, previous_secret_until: until } = config;
  const overlaps = previous !== undefined && until !== undefined && at < new Date(until);
  return overlaps ? [secret, previous] : [secret];
}

function sign(secret: string, content: string): string {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  return createHmac('sha256', key).update(content).digest('base64');
}
