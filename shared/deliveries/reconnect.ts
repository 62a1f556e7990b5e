import { type ConfigCopies, enabledSettings } from '../crm/config-copies.ts';
import type { IntegrationType } from '../crm/crm.schema.ts';
import type { ConnectionReport } from '../crm/crm.ts';
import { connectCrm } from '../crm/registry.ts';
import { createTools, type ToolsDependencies } from '../crm/tools.ts';
import { AppError } from '../errors.ts';
import type { Queue } from '../queue.ts';
import { resumeIntegration } from './integration-state.sql.ts';
import { loadIntegration } from './integration.sql.ts';
import { CrmMessage, toCrmMessage } from './messages.ts';
import { markUnqueued } from './owing.sql.ts';

type Dependencies = ToolsDependencies & {
  crm: Pick<Queue, 'sendAll'>;
  configs: ConfigCopies;
};

/**
 * Tries the stored settings of an integration. When they work the CRM is told of us again and, if the integration was
 * paused, what it owes goes out in order. `resumed` counts the calls that were waiting.
 * @throws AppError 404 no such enterprise, 422 the integration is off or not complete; VendorFailure when the CRM
 *   takes the key but refuses the registration
 */
export function createReconnect(dependencies: Dependencies) {
  const { db, crm, configs } = dependencies;

  return async function reconnect(
    enterpriseNumber: string,
    integrationType: IntegrationType,
  ): Promise<{ report: ConnectionReport; resumed: number }> {
    const stored = await loadIntegration(db, enterpriseNumber, integrationType);
    if (!stored) throw new AppError('not_found', `No enterprise ${enterpriseNumber}`);
    const all = configs.current(enterpriseNumber, stored.configVersion, stored.config);
    const settings = enabledSettings(all, integrationType);
    const connected = settings && connectCrm(integrationType, settings);
    if (!connected)
      throw new AppError('unprocessable', `${integrationType} is off or not complete`);

    const subject = { enterpriseNumber, type: integrationType, users: stored.users, callId: null };
    const tools = createTools(dependencies, subject);
    const report = await connected.test(tools);
    if (!report.ok) return { report, resumed: 0 };
    await connected.register(tools);
    const waiting = await db.begin((tx) =>
      resumeIntegration(tx, { enterpriseNumber, integrationType }),
    );
    const refused = await crm.sendAll(waiting.map(toCrmMessage));
    await markUnqueued(
      db,
      refused.map(({ body }) => CrmMessage.parse(body).deliveryId),
    );
    return { report, resumed: waiting.length };
  };
}
