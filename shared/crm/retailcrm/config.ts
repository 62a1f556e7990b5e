import * as z from 'zod';

import type { IntegrationSettings } from '../settings.ts';

/** What an enterprise enters to connect its RetailCRM. `secret` fields are sealed in the database. */
export const RetailcrmConfig = z.object({
  /** The account's address, without a trailing slash. */
  api_url: z
    .url()
    .transform((url) => url.replace(/\/+$/, ''))
    .describe('Адрес RetailCRM'),
  api_key: z
    .string()
    .regex(/^[\x21-\x7e]+$/, 'Ключ состоит из латинских букв и цифр без пробелов')
    .describe('Ключ API'),
  /** Made by us, registered with the module: RetailCRM sends it back with every click-to-call. */
  client_id: z.string().min(1).describe('Идентификатор клиента'),
});
export type RetailcrmConfig = z.output<typeof RetailcrmConfig>;

export const retailcrmSettings: IntegrationSettings = {
  title: 'RetailCRM',
  schema: RetailcrmConfig,
  secrets: ['api_key', 'client_id'],
  own: ['client_id'],
  addresses: { api_url: (url) => url },
  chatSteps: () => ['chat', 'chat_closed'],
};
