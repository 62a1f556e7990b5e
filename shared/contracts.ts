import { asteriskContracts } from './asterisk/asterisk.schema.ts';
import { auditContracts } from './audit/audit.schema.ts';
import { authContracts } from './auth/auth.schema.ts';
import { keyContracts } from './auth/keys.schema.ts';
import { userContracts } from './auth/users.schema.ts';
import { callListContracts } from './calls/call-list.schema.ts';
import { takeCallEvent, takeCallEventAliases } from './calls/intake.schema.ts';
import { visitorContracts } from './chat/visitor.schema.ts';
import type { Contract } from './contract.ts';
import { directoryContracts } from './directory/directory.schema.ts';
import { enterpriseContracts } from './enterprises/enterprises.schema.ts';
import { paymentContracts } from './hosting/payments.schema.ts';
import { serverContracts } from './hosting/servers.schema.ts';
import { timewebContracts } from './hosting/timeweb.schema.ts';
import { callbackContracts } from './integrations/callbacks.schema.ts';
import { configContracts } from './integrations/config.schema.ts';
import { deliveryContracts } from './integrations/deliveries.schema.ts';
import { overviewContracts } from './operations/overview.schema.ts';
import { serviceContracts } from './operations/services.schema.ts';
import { getHealth, getOpenapi, getStatus } from './operations/status.schema.ts';
import { originateContracts } from './originates/originate.schema.ts';
import { recordingContracts } from './recordings/recordings.schema.ts';
import { storageContracts } from './recordings/storage.schema.ts';
import { smartRedirectContracts } from './smart-redirect/smart-redirect.schema.ts';
import { pressContracts } from './telegram/press.schema.ts';

/** Every promise to the outside; the OpenAPI document is made of these. */
export const contracts: Contract[] = [
  takeCallEvent,
  ...takeCallEventAliases.map(({ contract }) => contract),
  getHealth,
  getStatus,
  getOpenapi,
  ...authContracts,
  ...callListContracts,
  ...directoryContracts,
  ...configContracts,
  ...deliveryContracts,
  ...callbackContracts,
  ...recordingContracts,
  ...storageContracts,
  ...smartRedirectContracts,
  ...originateContracts,
  ...asteriskContracts,
  ...pressContracts,
  ...visitorContracts,
  ...timewebContracts,
  ...serverContracts,
  ...paymentContracts,
  ...enterpriseContracts,
  ...userContracts,
  ...keyContracts,
  ...auditContracts,
  ...serviceContracts,
  ...overviewContracts,
];
