import type * as z from 'zod';

import type { ChatStep } from './crm.schema.ts';

/** What one kind of integration says of its settings; it stands in the vendor's folder. */
export type IntegrationSettings = {
  /** As people know it. */
  title: string;
  /** As they are used: secrets opened. */
  schema: z.ZodObject;
  /** Stored sealed. */
  secrets: readonly string[];
  /** Kept by ourselves: what is sent for them is ignored. */
  own: readonly string[];
  /** Those that hold an address we connect to, and how it is read. */
  addresses: Readonly<Record<string, (value: string) => string | undefined>>;
  /** The steps of a chat that it is to be told of. The settings come as they are stored: secrets sealed. */
  chatSteps: (stored: Record<string, unknown>) => readonly ChatStep[];
};
