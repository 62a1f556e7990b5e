import { queryOptions } from '@tanstack/react-query';

import type { IntegrationType } from '../../../../../shared/crm/crm.schema.ts';
import { getExtensions } from '../../../../../shared/directory/directory.schema.ts';
import {
  type FormField as FormFieldSchema,
  getConfig,
  getMapping,
  listCrmUsers,
} from '../../../../../shared/integrations/config.schema.ts';
import {
  type LogEntry as LogEntrySchema,
  listLogs,
} from '../../../../../shared/integrations/deliveries.schema.ts';
import { type Answer, ask } from '../../api/api-client.ts';
import { logsKey } from '../../delivery/api.ts';
import type { LiveStatus } from '../../live/use-live.ts';

export type FormField = FormFieldSchema;
export type LogEntry = LogEntrySchema;
type AdminView = Extract<
  Answer<typeof getConfig>,
  { config_version: number; integrations: unknown[] }
>;
export type Integration = AdminView['integrations'][number];

const LAST_EVENTS = 10;
/** The socket tells of deliveries, but not of tests; without it the page looks for itself. */
const LOOK_AGAIN_MS = { live: 15_000, connecting: 2_000, lost: 2_000 } as const satisfies Record<
  LiveStatus,
  number
>;

export const integrationsQuery = (number: string) =>
  queryOptions({
    queryKey: ['integrations', number],
    queryFn: async ({ signal }): Promise<AdminView> => {
      const answer = await ask(getConfig, { params: { number }, query: { view: 'admin' }, signal });
      if (!Array.isArray(answer['integrations'])) throw new TypeError('not the view of the admin');
      return answer as AdminView;
    },
    refetchInterval: 5_000,
  });

export const lastEventsQuery = (
  number: string,
  filters: { type?: string | undefined; status?: string | undefined },
  live: LiveStatus,
) =>
  queryOptions({
    queryKey: [...logsKey(number), filters],
    queryFn: async ({ signal }): Promise<LogEntry[]> => {
      const query = { ...filters, limit: LAST_EVENTS };
      const answer = await ask(listLogs, { params: { number }, query, signal });
      return Array.isArray(answer) ? answer : answer.items;
    },
    refetchInterval: LOOK_AGAIN_MS[live],
  });

export const crmUsersQuery = (number: string, type: IntegrationType) =>
  queryOptions({
    queryKey: ['crm-users', number, type],
    queryFn: ({ signal }) => ask(listCrmUsers, { params: { number, type }, signal }),
    retry: false,
    staleTime: 60_000,
  });

/** The map with an entry for each employee. */
export const mappingQuery = (number: string, type: IntegrationType) =>
  queryOptions({
    queryKey: ['mapping', number, type],
    queryFn: async ({ signal }) => {
      const [mapping, extensions] = await Promise.all([
        ask(getMapping, { params: { number, type }, signal }),
        ask(getExtensions, { params: { number }, signal }),
      ]);
      return { mapped: mapping.items, extensions: extensions.items };
    },
    staleTime: 0,
  });
