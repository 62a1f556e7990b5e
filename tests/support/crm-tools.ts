import type { CrmTools } from '../../shared/crm/crm.ts';
import { sendOutbound } from '../../shared/outbound.ts';

/** An adapter's tools without a database: the simulated CRMs on loopback, a memory in a map, nothing to renew. */
export function createTestTools(overrides: Partial<CrmTools> = {}): CrmTools {
  const memory = new Map<string, string>();
  return {
    users: new Map(),
    publicUrl: 'https://calls.example.com',
    send: (request) => sendOutbound(request, { allowPrivate: true }),
    memory: {
      read: async (key) => memory.get(key) ?? null,
      write: async (key, value) => void memory.set(key, value),
    },
    renewSettings: async (renew) => (await renew({})) ?? {},
    ...overrides,
  };
}
