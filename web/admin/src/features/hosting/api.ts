import {
  type InfiniteData,
  queryOptions,
  useMutation,
  useQueryClient,
} from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type * as z from 'zod';

import {
  getCalendar,
  listPayments,
  listProjects,
} from '../../../../../shared/hosting/payments.schema.ts';
import {
  getStats,
  listChanges,
  listServers,
  patchServer,
  type Server,
  type ServerPatch,
} from '../../../../../shared/hosting/servers.schema.ts';
import {
  getFinances,
  getTimewebStatus,
  listTimewebServers,
} from '../../../../../shared/hosting/timeweb.schema.ts';
import { type Answer, ask } from '../../api/api-client.ts';
import { useErrorText } from '../../ui/error-text.ts';
import type { PageOf } from '../../ui/paged.ts';
import { toast } from '../../ui/toasts.ts';

export type Change = Answer<typeof listChanges>['items'][number];
export type Stats = Answer<typeof getStats>;
export type Due = Answer<typeof getCalendar>['items'][number];
export type TimewebServer = Answer<typeof listTimewebServers>['servers'][number];

const PAGE = 200;
const LAST_PAYMENTS = 50;

/** Prices of clients and of Timeweb are in roubles. */
export const CURRENCY = 'RUB';

export const hostingKey = (...rest: unknown[]) => ['hosting', ...rest];

export type ServerFilters = {
  q?: string | undefined;
  status?: Server['status'] | undefined;
  project_id?: string | undefined;
  missing?: 'true' | undefined;
};

export const loadServers = (
  filters: ServerFilters,
  cursor: string | undefined,
  signal: AbortSignal,
) => ask(listServers, { query: { ...filters, cursor, limit: PAGE }, signal });

/** How the last sync went; it comes with any page of servers. */
export const lastSyncQuery = queryOptions({
  queryKey: hostingKey('last-sync'),
  queryFn: async ({ signal }) =>
    (await ask(listServers, { query: { limit: 1 }, signal })).last_sync,
});

export const timewebStatusQuery = queryOptions({
  queryKey: hostingKey('timeweb'),
  queryFn: ({ signal }) => ask(getTimewebStatus, { signal }),
});

export const financesQuery = queryOptions({
  queryKey: hostingKey('finances'),
  queryFn: async ({ signal }) => (await ask(getFinances, { signal })).finances,
  retry: false, // the function has tried again already
  staleTime: 60_000,
});

export const timewebServersQuery = queryOptions({
  queryKey: hostingKey('timeweb-servers'),
  queryFn: ({ signal }) => ask(listTimewebServers, { signal }),
  retry: false,
});

export const projectsQuery = queryOptions({
  queryKey: hostingKey('projects'),
  queryFn: async ({ signal }) => (await ask(listProjects, { signal })).items,
});

export const statsQuery = queryOptions({
  queryKey: hostingKey('stats'),
  queryFn: ({ signal }) => ask(getStats, { signal }),
});

export const calendarQuery = (from: string, to: string) =>
  queryOptions({
    queryKey: hostingKey('calendar', from, to),
    queryFn: ({ signal }) => ask(getCalendar, { query: { from, to }, signal }),
  });

export const loadChanges = (id: number, cursor: string | undefined, signal: AbortSignal) =>
  ask(listChanges, { params: { id: String(id) }, query: { cursor }, signal });

export const paymentsQuery = (id: number) =>
  queryOptions({
    queryKey: hostingKey('payments', id),
    queryFn: async ({ signal }) =>
      (await ask(listPayments, { query: { server_id: String(id), limit: LAST_PAYMENTS }, signal }))
        .items,
  });

/** Saves what was changed in place: it shows at once, and goes back when it is refused. */
export function usePatchServer() {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const client = useQueryClient();
  const lists = { queryKey: hostingKey('servers') };
  const show = (changed: Partial<Server> & { id: number }): void => {
    client.setQueriesData<InfiniteData<PageOf<Server>>>(
      lists,
      (data) =>
        data && {
          ...data,
          pages: data.pages.map((page) => ({
            ...page,
            items: page.items.map((row) => (row.id === changed.id ? { ...row, ...changed } : row)),
          })),
        },
    );
  };
  return useMutation({
    mutationFn: ({ server, patch }: { server: Server; patch: z.input<typeof ServerPatch> }) =>
      ask(patchServer, { params: { id: String(server.id) }, body: patch }),
    onSuccess: ({ server }) => {
      show(server);
      for (const part of ['stats', 'calendar', 'projects'])
        void client.invalidateQueries({ queryKey: hostingKey(part) });
    },
    onError: (error) => toast.error(t('hosting.notSaved', { reason: errorText(error) })),
  });
}
