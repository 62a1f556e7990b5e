import { queryOptions, useQuery } from '@tanstack/react-query';
import { createContext, use } from 'react';
import type * as z from 'zod';

import { getMe, type Me as MeSchema } from '../../../../shared/auth/auth.schema.ts';
import { ask } from '../api/api-client.ts';
import { ApiError } from '../api/api-error.ts';
import { ME } from '../api/query-client.ts';

export type Me = z.output<typeof MeSchema>;

/** Who is logged in; null when nobody is. Asked again whenever the page is looked at, so that an ended session shows. */
export const meQuery = queryOptions({
  queryKey: ME,
  queryFn: async ({ signal }): Promise<Me | null> => {
    try {
      return await ask(getMe, { signal });
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) return null;
      throw error;
    }
  },
  staleTime: 60_000,
});

export const useMeQuery = () => useQuery(meQuery);

export const MeContext = createContext<Me | undefined>(undefined);

/** Who is logged in, on pages that are behind the login. */
export function useMe(): Me {
  const me = use(MeContext);
  if (!me) throw new Error('useMe is for pages behind the login');
  return me;
}

export function useIsSuperadmin(): boolean {
  return useMe().role === 'superadmin';
}
