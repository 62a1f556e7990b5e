import * as z from 'zod';

/** A context of the dialplan: from an admin's settings, never from a call. */
export const Context = z
  .string()
  .regex(/^[A-Za-z0-9_-]{1,40}$/)
  .brand<'Context'>();
export type Context = z.output<typeof Context>;
