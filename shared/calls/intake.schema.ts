import * as z from 'zod';

import type { Contract } from '../contract.ts';
import { ErrorBody, ValidationErrorBody } from '../error.schema.ts';
import { EVENT_KINDS, EventBodySchemas } from './call-event.ts';

export const EventAccepted = z.object({
  status: z.literal('ok'),
  message: z.literal('Event queued for processing'),
  event_id: z.uuid(),
  duplicate: z.boolean(),
});

const COMMON = {
  method: 'POST',
  auth: 'box token',
  cors: 'none',
  answers: {
    200: {
      description:
        'Stored. A body seen within the last 30 seconds is a duplicate. With Accept: text/plain the text OK.',
      body: EventAccepted,
      text: true,
    },
    400: { description: 'The body is not JSON, nor base64 of JSON', body: ErrorBody },
    403: { description: 'Unknown token, or the enterprise is not active', body: ErrorBody },
    404: { description: 'Unknown event', body: ErrorBody },
    413: { description: 'The body is over 256 KB', body: ErrorBody },
    422: {
      description: 'A field is missing or wrong; the body is kept for 30 days',
      body: ValidationErrorBody,
    },
  },
} as const satisfies Partial<Contract>;

/** Named, so that the OpenAPI document has each of them once. */
const BODIES = EVENT_KINDS.map((kind) => ({
  kind,
  body: EventBodySchemas[kind].meta({ id: `Event_${kind}` }),
}));

export const takeCallEvent: Contract = {
  ...COMMON,
  path: '/api/callevent/{event}',
  summary: 'An Asterisk box tells what happens on it',
  params: z.object({ event: z.enum(EVENT_KINDS) }),
  body: z.union(BODIES.map(({ body }) => body)),
};

/** The paths of the predecessor's listener on the boxes. */
export const takeCallEventAliases = BODIES.map(({ kind, body }) => ({
  kind,
  contract: {
    ...COMMON,
    path: `/${kind}`,
    summary: `Alias of /api/callevent/${kind}`,
    body,
  } satisfies Contract,
}));
