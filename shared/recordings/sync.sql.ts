import * as z from 'zod';

import type { Db } from '../db.ts';

const Copied = z.object({ number: z.string(), timezone: z.string(), hasBox: z.boolean() });

/** Active enterprises whose recordings are copied. */
export async function listCopied(db: Db): Promise<z.output<typeof Copied>[]> {
  const rows = await db`
    select number, timezone, coalesce(nullif(ip, ''), nullif(host, '')) is not null as has_box
    from enterprises
    where active
      and parameter_option_3
    order by number`;
  return Copied.array().parse([...rows]);
}
