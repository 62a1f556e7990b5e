import * as z from 'zod';

import { CHAT_STEPS, type ChatStep } from '../crm.schema.ts';
import type { IntegrationSettings } from '../settings.ts';

export const WEBHOOK_EVENTS = [
  'call.ringing',
  'call.answered',
  'call.ended',
  'call.recording',
  'chat.created',
  'chat.accepted',
  'chat.message',
  'chat.closed',
] as const;
export type WebhookEvent = (typeof WEBHOOK_EVENTS)[number];

/** As the Standard Webhooks ask for: 24 to 64 random bytes in base64. */
const SECRET = /^whsec_(?=(?:[\w+/-]{32,88}={0,2})$)/;
const Secret = z
  .string()
  .trim()
  .regex(SECRET, 'Секрет выглядит как whsec_ и от 24 до 64 байт в base64');

export const CHAT_EVENT = {
  chat: 'chat.created',
  chat_accepted: 'chat.accepted',
  chat_message: 'chat.message',
  chat_closed: 'chat.closed',
} as const satisfies Record<ChatStep, WebhookEvent>;

/** What an enterprise enters to be told of its calls and chats at an address of its own. Secrets are sealed in the database. */
export const WebhookConfig = z.object({
  url: z
    .url({ protocol: /^https?$/, error: 'Нужен адрес https' })
    .refine((url) => !/^https?:\/\/[^/?#]*@/i.test(url), 'Адрес без имени и пароля')
    .describe('Адрес, на который отправлять события'),
  secret: Secret.describe('Секрет подписи (Standard Webhooks)'),
  events: z
    .array(z.enum(WEBHOOK_EVENTS))
    .min(1, 'Нужно хотя бы одно событие')
    .default([...WEBHOOK_EVENTS])
    .describe('Какие события отправлять'),
  direct_link_hours: z
    .int()
    .min(1)
    .max(168)
    .optional()
    .describe('Прямые ссылки на записи, часов (пусто: постоянные ссылки)'),
  /** The secret before the present one, and until when both sign. Kept by us when the secret changes. */
  previous_secret: Secret.optional(),
  previous_secret_until: z.iso.datetime().optional(),
});
export type WebhookConfig = z.output<typeof WebhookConfig>;

export const webhookSettings: IntegrationSettings = {
  title: 'Webhook',
  schema: WebhookConfig,
  secrets: ['secret', 'previous_secret'],
  own: ['previous_secret', 'previous_secret_until'],
  addresses: { url: (url) => url },
  chatSteps: ({ events }) => {
    const chosen = WebhookConfig.shape.events.safeParse(events).data ?? [];
    return CHAT_STEPS.filter((step) => chosen.includes(CHAT_EVENT[step]));
  },
};
