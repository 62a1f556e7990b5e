import * as z from 'zod';

import { IntegrationsConfig } from '../crm/config.ts';
import type { Db } from '../db.ts';

const StoredIntegration = z.object({
  configVersion: z.number(),
  config: IntegrationsConfig,
  users: z.record(z.string(), z.string()),
});

/** The settings of an enterprise's integrations, and the extension map of one of them. */
export async function loadIntegration(
  db: Db,
  enterpriseNumber: string,
  integrationType: string,
): Promise<z.output<typeof StoredIntegration> | undefined> {
  const [row] = await db`
    select
      config_version,
      integrations_config as config,
      coalesce((
        select jsonb_object_agg(extension, crm_user_id)
        from integration_users
        where enterprise_number = enterprises.number
          and integration_type = ${integrationType}
      ), '{}') as users
    from enterprises
    where number = ${enterpriseNumber}`;
  return row && StoredIntegration.parse(row);
}
