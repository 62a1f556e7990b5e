import * as z from 'zod';

/** Servers of the simulated account, as Timeweb describes them, passwords included. */
export type Server = Record<string, unknown> & {
  id: number;
  name: string;
  status: string;
  preset_id: number | null;
};
type ServiceCost = {
  type: string;
  service_id: number;
  project_id: number;
  cost: number;
  total_cost: number;
  configuration: { cpu: number; ram: number; disk: number };
  services: { id: number; type: string; cost: number; description: string }[];
  info: { name: string };
};
export type Account = {
  token: string;
  servers: Server[];
  presets: ReturnType<typeof demoPresets>;
  costs: ServiceCost[];
  finances: Record<string, number | string | null>;
};

/** Changes of the account, and faults of its API, which a test or a person asks for. */
export const AccountPatch = z.strictObject({
  /** How many servers there are; 23 unless told. */
  count: z.int().min(0).max(2_000).optional(),
  /** Changes of one server by its id; null removes it. */
  servers: z.record(z.string(), z.looseObject({}).nullable()).optional(),
  /** What is paid for a server by its id; null: not among the costs. */
  costs: z.record(z.string(), z.number().nullable()).optional(),
  finances: z.record(z.string(), z.union([z.number(), z.string(), z.null()])).optional(),
  /** The next answers, until `times` are used up. */
  fault: z
    .strictObject({
      kind: z.enum(['empty_401', 'array_400', 'html_502', 'not_json', 'garbage', 'limited']),
      path: z.string().default(''),
      times: z.int().positive().default(1_000_000),
    })
    .nullable()
    .optional(),
});
export type AccountPatch = z.output<typeof AccountPatch>;

export const PLANTED = {
  root: 'planted-root-password',
  vnc: 'planted-vnc-password',
  cloudInit: '#cloud-config planted-cloud-init',
} as const;

export function createAccount(token: string, count = 23): Account {
  const servers = Array.from({ length: count }, (_, index) => demoServer(index));
  return {
    token,
    servers,
    presets: demoPresets(),
    costs: costsOf(servers),
    finances: demoFinances(),
  };
}

export function patchAccount(account: Account, patch: AccountPatch): void {
  if (patch.count !== undefined) {
    account.servers = Array.from({ length: patch.count }, (_, index) => demoServer(index));
    account.costs = costsOf(account.servers);
  }
  for (const [id, change] of Object.entries(patch.servers ?? {})) {
    const index = account.servers.findIndex((server) => String(server.id) === id);
    if (change === null) account.servers = account.servers.filter((_, at) => at !== index);
    else {
      const before = account.servers[index] ?? { ...demoServer(0), id: Number(id) };
      const after: Server = { ...before, ...change };
      if (index === -1) account.servers.push(after);
      else account.servers[index] = after;
    }
  }
  for (const [id, total] of Object.entries(patch.costs ?? {})) {
    account.costs = account.costs.filter(({ service_id: server }) => String(server) !== id);
    if (total !== null) account.costs.push(costOf(Number(id), `server-${id}`, total));
  }
  Object.assign(account.finances, patch.finances);
}

const NAMES = [
  ['bot-1', 'ubuntu', '24.04'],
  ['bot-2', 'ubuntu', '22.04'],
  ['shop', 'debian', '12'],
  ['crm', 'ubuntu', '22.04'],
  ['pbx', 'almalinux', '9'],
  ['site', 'centos', '7'],
  ['stage', 'windows', '2022'],
] as const;
const FIRST_ID = 1_051;

function demoServer(index: number): Server {
  const [name, os, version] = NAMES[index % NAMES.length] ?? NAMES[0];
  const id = FIRST_ID + index;
  // Every seventh is built by a configurator: only the costs know its price.
  const isCustom = index % 7 === 6;
  const big = index % 3 === 2;
  return {
    id,
    name: `${name}-${id}`,
    comment: '',
    created_at: `2025-${String((index % 12) + 1).padStart(2, '0')}-14T09:20:11.000Z`,
    start_at: '2025-03-14T09:22:40.000Z',
    os: { id: 79 + (index % 20), name: os, version },
    software: null,
    image: null,
    preset_id: isCustom ? null : big ? 2_455 : 2_453,
    configurator_id: isCustom ? 11 : null,
    location: index === 20 ? 'de-1' : 'ru-1', // the documents do not know Frankfurt
    availability_zone: index === 20 ? 'fra-1' : 'spb-3',
    boot_mode: 'std',
    status: STATUSES[index] ?? 'on',
    is_ddos_guard: false,
    is_master_ssh: false,
    is_dedicated_cpu: false,
    is_qemu_agent: true,
    gpu: 0,
    cpu: big ? 4 : 2,
    cpu_frequency: '3.3',
    ram: big ? 8_192 : 2_048,
    disks: [
      {
        id: 70_000 + index,
        size: big ? 61_440 : 30_720,
        used: 8_123,
        type: 'nvme',
        is_mounted: true,
        is_system: true,
        system_name: 'vda',
        status: 'done',
      },
    ],
    networks: [
      {
        type: 'public',
        nat_mode: 'dnat_and_snat',
        bandwidth: 200,
        // A server without an address has null there, not an empty list.
        ips: index === 22 ? null : addressesOf(index),
        is_ddos_guard: false,
        is_image_mounted: false,
        blocked_ports: [25],
      },
      {
        id: `network-${String(index).padStart(32, 'a')}`,
        type: 'local',
        nat_mode: 'no_nat',
        bandwidth: null,
        ips: [
          {
            type: 'ipv4',
            ip: `192.168.${Math.floor(index / 250)}.${(index % 250) + 4}`,
            is_main: true,
          },
        ],
      },
    ],
    avatar_id: null,
    avatar_link: null,
    vnc_pass: `${PLANTED.vnc}-${id}`,
    root_pass: index % 5 === 4 ? null : `${PLANTED.root}-${id}`,
    cloud_init: index % 6 === 0 ? `${PLANTED.cloudInit}-${id}` : null,
  };
}

/** The rest is on. */
const STATUSES: Record<number, string> = { 5: 'off', 9: 'no_paid', 14: 'off', 21: 'resizing' };

function addressesOf(index: number) {
  return [
    { type: 'ipv6', ip: `2001:db8::${(index + 16).toString(16)}`, ptr: '', is_main: true },
    {
      type: 'ipv4',
      ip: `203.0.113.${(index % 250) + 2}`,
      ptr: `host-${index}.example.net`,
      is_main: true,
    },
  ];
}

function demoPresets() {
  const preset = (id: number, price: number, size: { cpu: number; ram: number; disk: number }) => ({
    id,
    location: 'ru-1',
    price,
    ...size,
    cpu_frequency: '3.3',
    disk_type: 'nvme',
    bandwidth: 200,
    description: `Cloud ${size.cpu} vCPU / ${size.ram / 1024} GB`,
    description_short: `${size.cpu} x 3.3 ГГц`,
    is_allowed_local_network: true,
    tags: ['ssd_2022'],
  });
  return [
    preset(2_453, 550, { cpu: 2, ram: 2_048, disk: 30_720 }),
    preset(2_455, 1_650, { cpu: 4, ram: 8_192, disk: 61_440 }),
    preset(2_457, 3_200, { cpu: 8, ram: 16_384, disk: 122_880 }),
  ];
}

export const CONFIGURATORS = [
  {
    id: 11,
    location: 'ru-1',
    disk_type: 'nvme',
    cpu_frequency: '3.3',
    is_allowed_local_network: true,
    requirements: {
      cpu_min: 1,
      cpu_step: 1,
      cpu_max: 12,
      ram_min: 1024,
      ram_step: 1024,
      ram_max: 8192,
      disk_min: 10240,
      disk_step: 1024,
      disk_max: 30720,
      network_bandwidth_min: 200,
      network_bandwidth_step: 100,
      network_bandwidth_max: 1000,
      gpu_min: null,
      gpu_max: null,
      gpu_step: null,
    },
  },
];

/** Not all: what is new is not among the costs for a while, and then the preset's price is all there is. */
function costsOf(servers: Server[]): ServiceCost[] {
  return servers
    .filter((_, index) => index % 8 !== 3)
    .map(({ id, name, preset_id: preset }) =>
      costOf(id, name, preset === 2_453 ? 730.5 : preset === 2_455 ? 1_830.5 : 1_290),
    );
}

function costOf(id: number, name: string, total: number): ServiceCost {
  return {
    type: 'server',
    service_id: id,
    project_id: 100,
    cost: total - 180.5,
    total_cost: total,
    configuration: { cpu: 2, ram: 2_048, disk: 30 },
    services: [{ id: 90_000 + id, type: 'additional_ips', cost: 180.5, description: 'IPv4' }],
    info: { name },
  };
}

function demoFinances(): Account['finances'] {
  return {
    balance: 18_378.3,
    currency: 'RUB',
    discount_end_date_at: null,
    discount_percent: 5,
    hourly_cost: 33.192622950819676,
    hourly_fee: 33.192622950819676,
    monthly_cost: 24_297,
    monthly_fee: 24_297,
    total_paid: 29_191.51,
    hours_left: 553,
    autopay_card_info: null,
  };
}
