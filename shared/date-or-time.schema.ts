import * as z from 'zod';

/** An ISO date, or a date-time; without an offset it is on the clock of the enterprise. */
export const DateOrTime = z
  .union(
    [z.iso.date(), z.iso.datetime({ offset: true, local: true })],
    'must be an ISO date or date-time',
  )
  .refine((text) => /^20\d\d/.test(text), 'must be in this century');
