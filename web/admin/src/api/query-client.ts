import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query';

import { ApiError } from './api-error.ts';

/** The key of who is logged in. */
export const ME = ['me'] as const;

/** Server state. Whoever is refused may have been logged out meanwhile: then the answer to "who am I" says so. */
export function createQueryClient(): QueryClient {
  const lookWhoIsThere = (error: unknown, key?: readonly unknown[]): void => {
    if (error instanceof ApiError && error.status === 403 && key?.[0] !== ME[0])
      void client.invalidateQueries({ queryKey: ME });
  };
  const client: QueryClient = new QueryClient({
    queryCache: new QueryCache({
      onError: (error, { queryKey }) => lookWhoIsThere(error, queryKey),
    }),
    mutationCache: new MutationCache({ onError: (error) => lookWhoIsThere(error) }),
    defaultOptions: {
      queries: {
        staleTime: 10_000,
        retry: (failures, error) => failures < 2 && isPassing(error),
        retryDelay: (failures) => Math.min(500 * 2 ** failures, 4_000),
      },
    },
  });
  return client;
}

/** What another try may mend. */
function isPassing(error: unknown): boolean {
  return error instanceof ApiError && (error.status === 0 || error.status >= 500);
}
