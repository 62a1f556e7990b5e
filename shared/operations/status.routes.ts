import openapi from '../../docs/openapi.json' with { type: 'json' };
import type { Route } from '../lambda/http.ts';
import { getHealth, getOpenapi } from './status.schema.ts';

/** The old name, which monitoring asks for. */
const SERVICE = 'asterisk-call-management';

export function statusRoutes(): Route[] {
  return [
    {
      contract: getHealth,
      handle: async () => ({
        status: 200,
        body: { status: 'healthy', service: SERVICE, version: openapi.info.version },
      }),
    },
    { contract: getOpenapi, handle: async () => ({ status: 200, body: openapi }) },
  ];
}
