import { amocrm } from './amocrm/crm.ts';
import { bitrix24 } from './bitrix24/crm.ts';
import type { IntegrationType } from './crm.schema.ts';
import type {
  CallSnapshot,
  ChatDeliveryStep,
  ChatSnapshot,
  ConnectionReport,
  CrmAdapter,
  CrmTools,
  CrmUser,
  DeliveryResult,
  DeliveryStep,
  Responsible,
} from './crm.ts';
import { retailcrm } from './retailcrm/crm.ts';
import { webhook } from './webhook/crm.ts';

/** An adapter together with the settings of one enterprise. */
export type ConnectedCrm = {
  type: IntegrationType;
  /** The account whose limits are shared, and the limits. */
  bucket: { key: string; perSecond: number; burst: number };
  deliver(step: DeliveryStep, call: CallSnapshot, tools: CrmTools): Promise<DeliveryResult>;
  deliverChat(step: ChatDeliveryStep, chat: ChatSnapshot, tools: CrmTools): Promise<DeliveryResult>;
  findResponsible(phone: string, tools: CrmTools): Promise<Responsible | null>;
  test(tools: CrmTools): Promise<ConnectionReport>;
  /** Nothing when this CRM has no list of its people. */
  listUsers(tools: CrmTools): Promise<CrmUser[] | undefined>;
  /** Does nothing for a CRM that need not know us. */
  register(tools: CrmTools): Promise<void>;
  unregister(tools: CrmTools): Promise<void>;
};

type Connect = (settings: unknown) => ConnectedCrm | undefined;

/** A new CRM is a folder and a line here (and its settings in config.ts). */
const ADAPTERS: Record<IntegrationType, Connect> = {
  retailcrm: (settings) => connect(retailcrm, settings),
  bitrix24: (settings) => connect(bitrix24, settings),
  amocrm: (settings) => connect(amocrm, settings),
  webhook: (settings) => connect(webhook, settings),
};

/** The CRM behind opened settings; nothing when they are incomplete. */
export function connectCrm(type: IntegrationType, settings: unknown): ConnectedCrm | undefined {
  return ADAPTERS[type](settings);
}

function connect<Config>(adapter: CrmAdapter<Config>, settings: unknown): ConnectedCrm | undefined {
  const parsed = adapter.schema.safeParse(settings);
  if (!parsed.success) return undefined;
  const config = parsed.data;
  const withConfig = (tools: CrmTools) => ({ ...tools, config });
  return {
    type: adapter.type,
    bucket: { key: `${adapter.type}:${adapter.account(config)}`, ...adapter.rate },
    deliver: (step, call, tools) => adapter.deliver(step, call, withConfig(tools)),
    deliverChat: (step, chat, tools) => adapter.deliverChat(step, chat, withConfig(tools)),
    findResponsible: (phone, tools) => adapter.findResponsible(phone, withConfig(tools)),
    test: (tools) => adapter.test(withConfig(tools)),
    listUsers: async (tools) => adapter.listUsers?.(withConfig(tools)),
    register: async (tools) => adapter.register?.(withConfig(tools)),
    unregister: async (tools) => adapter.unregister?.(withConfig(tools)),
  };
}
