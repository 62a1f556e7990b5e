import * as z from 'zod';

import type { IntegrationSettings } from '../settings.ts';

const text = z.string().trim().min(1);
/** Nothing a header could not carry. */
const token = text.regex(/^[\x21-\x7e]+$/, 'Только латинские буквы, цифры и знаки, без пробелов');

/** What an enterprise enters to connect its amoCRM. */
export const AmocrmConfig = z.object({
  subdomain: text
    .refine((value) => addressOf(value) !== undefined, 'Нужен поддомен или адрес amoCRM')
    .describe('Поддомен или адрес amoCRM: demo или https://demo.amocrm.ru'),
  client_id: text.describe('ID интеграции'),
  client_secret: text.describe('Секретный ключ интеграции'),
  access_token: token.describe('Токен доступа: долгосрочный или полученный по OAuth'),
  refresh_token: z
    .string()
    .trim()
    .optional()
    .describe('Токен обновления; с долгосрочным токеном не нужен'),
  redirect_uri: z
    .union([z.url(), z.literal('')])
    .optional()
    .describe('Адрес перенаправления из настроек интеграции; нужен вместе с токеном обновления'),
  direct_link_hours: z
    .int()
    .min(1)
    .max(168)
    .optional()
    .describe('Сколько часов живёт прямая ссылка на запись; пусто: постоянная ссылка'),
});
export type AmocrmConfig = z.output<typeof AmocrmConfig>;

/** Where the vendor's own accounts live. A path that was copied along with such an address is nothing of the API's. */
const VENDOR_HOST = /\.(amocrm\.(ru|com)|kommo\.com)$/i;

/** The account's address without a trailing slash, from a sub-domain, a host or a whole address. */
export function addressOf(subdomain: string): string | undefined {
  const url = URL.parse(
    /^[a-z0-9-]+$/i.test(subdomain)
      ? `https://${subdomain}.amocrm.ru`
      : /^https?:\/\//i.test(subdomain)
        ? subdomain
        : `https://${subdomain}`,
  );
  if (!url || !/^https?:$/.test(url.protocol) || url.username || !/[.:]/.test(url.host))
    return undefined;
  const path = VENDOR_HOST.test(url.hostname) ? '' : url.pathname.replace(/\/+$/, '');
  return `${url.protocol}//${url.host}${path}`;
}

export const amocrmSettings: IntegrationSettings = {
  title: 'amoCRM',
  schema: AmocrmConfig,
  secrets: ['client_secret', 'access_token', 'refresh_token'],
  own: [],
  addresses: { subdomain: addressOf },
  chatSteps: () => ['chat', 'chat_closed'],
};
