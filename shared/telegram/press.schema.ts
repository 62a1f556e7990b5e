import * as z from 'zod';

import type { Contract } from '../contract.ts';
import { EnterpriseParams } from '../enterprise.schema.ts';
import { ErrorBody } from '../error.schema.ts';

/** What we read of an update; Telegram sends much more. */
export const Update = z.object({
  update_id: z.int(),
  callback_query: z
    .object({
      id: z.string(),
      from: z.object({ id: z.int() }),
      message: z.object({ chat: z.object({ id: z.int() }) }).optional(),
      data: z.string().optional(),
    })
    .optional(),
});
export type Update = z.output<typeof Update>;

export const takePress = {
  method: 'POST',
  path: '/telegram/enterprise/{number}',
  summary: "Updates of an enterprise's bot: call-back buttons",
  // The secret that was given to Telegram comes in a header of Telegram's own.
  auth: 'none',
  cors: 'none',
  params: EnterpriseParams,
  body: z.looseObject({ update_id: z.int() }),
  answers: {
    200: { description: 'Taken, whatever it was', body: z.object({ ok: z.literal(true) }) },
    400: { description: 'Not JSON', body: ErrorBody },
    403: { description: 'Not Telegram', body: ErrorBody },
    422: { description: 'Not an update', body: ErrorBody },
  },
} as const satisfies Contract;

export const pressContracts: Contract[] = [takePress];
