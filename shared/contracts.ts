import { authContracts } from './auth/auth.schema.ts';
import { callListContracts } from './calls/call-list.schema.ts';
import { takeCallEvent, takeCallEventAliases } from './calls/intake.schema.ts';
import type { Contract } from './contract.ts';
import { directoryContracts } from './directory/directory.schema.ts';
import { callbackContracts } from './integrations/callbacks.schema.ts';
import { configContracts } from './integrations/config.schema.ts';
import { deliveryContracts } from './integrations/deliveries.schema.ts';
import { getHealth, getOpenapi } from './operations/status.schema.ts';
import { smartRedirectContracts } from './smart-redirect/smart-redirect.schema.ts';

/** Every promise to the outside; the OpenAPI document is made of these. */
export const contracts: Contract[] = [
  takeCallEvent,
  ...takeCallEventAliases.map(({ contract }) => contract),
  getHealth,
  getOpenapi,
  ...authContracts,
  ...callListContracts,
  ...directoryContracts,
  ...configContracts,
  ...deliveryContracts,
  ...callbackContracts,
  ...smartRedirectContracts,
];
