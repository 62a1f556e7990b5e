import * as z from 'zod';

const Refusal = z.object({ detail: z.string(), request_id: z.string().optional() });

/** Every refusal. */
export const ErrorBody = Refusal.meta({ id: 'Error' });

export const ValidationErrorBody = Refusal.extend({
  errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
}).meta({ id: 'ValidationError' });
