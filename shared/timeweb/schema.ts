import * as z from 'zod';

/**
 * Only what is read here leaves this file: `root_pass`, `vnc_pass`, `cloud_init` and whatever else comes along are
 * dropped by the parse. Lists of words in the vendor's documents are behind its answers, so words stay open; what is
 * missing or of another type is unknown, never a refusal.
 */
const Text = z.string().nullish().catch(null);
const Amount = z
  .union([z.number(), z.string().trim().min(1).pipe(z.coerce.number())])
  .nullish()
  .catch(null)
  .transform((value) => value ?? null);
const listOf = <Schema extends z.ZodType>(item: Schema) =>
  z.array(item.nullable().catch(null)).nullish().catch(null);

const Os = z.object({ name: Text, version: Text });
const Disk = z.object({ size: Amount, type: Text });
const Ip = z.object({ type: Text, ip: Text, is_main: z.boolean().nullish().catch(null) });
const Network = z.object({ type: Text, ips: listOf(Ip) });

export const TimewebServer = z.object({
  id: z.coerce.number().int().positive(),
  name: Text,
  comment: Text,
  created_at: Text,
  status: Text,
  os: Os.nullish().catch(null),
  preset_id: Amount,
  configurator_id: Amount,
  location: Text,
  availability_zone: Text,
  cpu: Amount,
  cpu_frequency: Text,
  ram: Amount.describe('MB'),
  disks: listOf(Disk),
  networks: listOf(Network),
});
/** A server as Timeweb knows it, without its secrets. */
export type TimewebServer = z.output<typeof TimewebServer>;

const Meta = z
  .object({ total: z.number().int().nonnegative().nullish().catch(null) })
  .nullish()
  .catch(null);

export const ServersAnswer = z.object({ servers: z.array(TimewebServer), meta: Meta });
export const ServerAnswer = z.object({ server: TimewebServer });

const Preset = z.object({ id: z.number(), price: Amount, description: Text });
export const PresetsAnswer = z.object({ server_presets: z.array(Preset) });

const Configurator = z.object({ id: z.number(), location: Text, disk_type: Text });
export const ConfiguratorsAnswer = z.object({ server_configurators: z.array(Configurator) });

const ServiceCost = z.object({
  type: Text,
  service_id: Amount,
  cost: Amount,
  total_cost: Amount.describe('Roubles, extras included'),
});
export const ServiceCostsAnswer = z.object({ services_costs: z.array(ServiceCost) });

const Finances = z.object({
  balance: Amount,
  currency: Text,
  discount_percent: Amount,
  discount_end_date_at: Text,
  hourly_cost: Amount,
  hourly_fee: Amount,
  monthly_cost: Amount,
  monthly_fee: Amount,
  total_paid: Amount,
  hours_left: Amount,
  autopay_card_info: Text,
});
export type TimewebFinances = z.output<typeof Finances>;
export const FinancesAnswer = z.object({ finances: Finances });

const Flag = z.boolean().nullish().catch(null);
export const StatusAnswer = z.object({
  status: z.object({ is_blocked: Flag, is_permanent_blocked: Flag }),
});

/** How Timeweb refuses; `message` may be a list. */
export const ErrorAnswer = z.object({
  error_code: Text,
  message: z
    .union([z.string(), z.array(z.coerce.string()).transform((parts) => parts.join('; '))])
    .nullish()
    .catch(null),
});

export type Preset = z.output<typeof Preset>;
export type Configurator = z.output<typeof Configurator>;
export type ServiceCost = z.output<typeof ServiceCost>;
export type AccountStatus = z.output<typeof StatusAnswer>['status'];
