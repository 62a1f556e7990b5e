import * as z from 'zod';

import type { Contract } from '../contract.ts';
import { ErrorBody } from '../error.schema.ts';

export const takeUpdate = {
  method: 'POST',
  path: '/telegram/webhook',
  summary: "Updates of the managers' bot",
  // The secret that was given to Telegram comes in a header of Telegram's own.
  auth: 'none',
  cors: 'none',
  body: z.looseObject({ update_id: z.int() }),
  answers: {
    200: { description: 'Stored, whatever it was', body: z.object({ ok: z.literal(true) }) },
    400: { description: 'Not JSON', body: ErrorBody },
    403: { description: 'Not Telegram', body: ErrorBody },
    422: { description: 'Not an update', body: ErrorBody },
  },
} as const satisfies Contract;

export const webhookContracts: Contract[] = [takeUpdate];
