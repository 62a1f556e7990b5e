import * as z from 'zod';

import type { IntegrationSettings } from '../settings.ts';

/** `https://portal/rest/{user}/{secret}`; behind it a slash, a method or a query that somebody copied along. */
const WEBHOOK = /^(https?:\/\/[^/?#@\s]+(?:\/[^?#\s]*?)?\/rest\/[1-9]\d*\/[\w-]+)(?:[/?#]\S*)?$/;
const LOOKS_LIKE = 'Адрес входящего вебхука выглядит как https://demo.bitrix24.ru/rest/1/…/';

/** What an enterprise enters to connect its Bitrix24. `secret` fields are sealed in the database. */
export const Bitrix24Config = z.object({
  /** With one slash at the end. Whoever knows it can do all that the webhook may. */
  webhook_url: z
    .string()
    .trim()
    .regex(WEBHOOK, LOOKS_LIKE)
    .refine((url) => URL.canParse(url), LOOKS_LIKE)
    .transform((url) => url.replace(WEBHOOK, '$1/'))
    .describe('Адрес входящего вебхука с правами telephony, crm и user'),
  user_id: z
    .string()
    .trim()
    .regex(/^[1-9]\d*$/, 'Номер пользователя: целое число больше нуля')
    .describe('Номер пользователя для звонков, у которых нет сотрудника'),
  application_token: z
    .string()
    .trim()
    .min(1)
    .optional()
    .describe('Код исходящего вебхука (для звонков из Bitrix24)'),
  direct_link_hours: z
    .int()
    .min(1)
    .max(168)
    .optional()
    .describe('Прямые ссылки на записи, часов (пусто: постоянные ссылки)'),
});
export type Bitrix24Config = z.output<typeof Bitrix24Config>;

/** The portal, without the webhook's secret. */
export function portalOf({ webhook_url }: Pick<Bitrix24Config, 'webhook_url'>): string {
  const { host, pathname } = new URL(webhook_url);
  return host + pathname.slice(0, pathname.lastIndexOf('/rest/'));
}

export const bitrix24Settings: IntegrationSettings = {
  title: 'Bitrix24',
  schema: Bitrix24Config,
  secrets: ['webhook_url', 'application_token'],
  own: [],
  addresses: { webhook_url: (url) => url },
  chatSteps: () => ['chat', 'chat_closed'],
};
