import * as z from 'zod';

import { Context } from '../asterisk/context.schema.ts';
import { LOOKUP_TYPES } from '../crm/crm.schema.ts';

const WAIT_CONTEXTS = ['waitredirect', 'smart-redirect-start'];

/** How the calls of an enterprise find their manager; `{}` is a good one. */
export const SmartRedirectSettings = z
  .object({
    mode: z
      .enum(['endpoint', 'waitredirect', 'off'])
      .default('endpoint')
      .describe(
        'endpoint: the box asks; waitredirect: the box only waits, and we act on its event',
      ),
    order: z
      .array(z.enum(LOOKUP_TYPES))
      .refine((list) => new Set(list).size === list.length, 'names a CRM twice')
      .default([...LOOKUP_TYPES])
      .describe('Whose answer is preferred; the ones left out come last'),
    fallback: z
      .enum(['none', 'last_talked', 'first_talked'])
      .default('none')
      .describe('Who is meant when no CRM knows: who talked with this number before'),
    technology: z.enum(['auto', 'SIP', 'PJSIP']).default('auto'),
    target_context: Context.prefault('web-zapros'),
    wait_contexts: z
      .array(Context)
      .min(1)
      .max(10)
      .prefault(WAIT_CONTEXTS)
      .describe('Only a call that is in one of these may be moved'),
    ring_seconds: z.int().min(5).max(120).default(20),
  })
  .meta({ id: 'SmartRedirectSettings' });
export type SmartRedirectSettings = z.output<typeof SmartRedirectSettings>;

/** As it stands in the database: whatever is wrong there must not cost a call. */
export const StoredSettings = SmartRedirectSettings.catch(() => SmartRedirectSettings.parse({}));
