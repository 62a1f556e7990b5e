import { queryOptions, useQuery } from '@tanstack/react-query';
import { createContext, use } from 'react';

import { listEnterprises } from '../../../../shared/enterprises/enterprises.schema.ts';
import { ask } from '../api/api-client.ts';
import { useMe } from './session.ts';

/** As much of an enterprise as every page about it needs. */
export type EnterpriseHead = { number: string; name: string; timezone: string };

const MOST_PAGES = 20;

/** All enterprises, for the superadmin's picker: some eighty, at most a few hundred. */
export const enterpriseHeadsQuery = queryOptions({
  queryKey: ['enterprises', 'heads'],
  queryFn: async ({ signal }): Promise<EnterpriseHead[]> => {
    const heads: EnterpriseHead[] = [];
    let cursor: string | undefined;
    for (let page = 0; page < MOST_PAGES; page += 1) {
      const query = { limit: 500, cursor };
      const { items, next_cursor: next } = await ask(listEnterprises, { query, signal });
      heads.push(...items.map(({ number, name, timezone }) => ({ number, name, timezone })));
      if (next === null) break;
      cursor = next;
    }
    return heads;
  },
  staleTime: 60_000,
});

/** The enterprises that somebody may choose from. */
export function useEnterpriseHeads() {
  const { role, enterprise } = useMe();
  const all = useQuery({ ...enterpriseHeadsQuery, enabled: role === 'superadmin' });
  return role === 'superadmin'
    ? all
    : { ...all, data: enterprise ? [enterprise] : [], isPending: false };
}

export const EnterpriseContext = createContext<EnterpriseHead | undefined>(undefined);

/** The enterprise that a page under /e/{number} is about. */
export function useEnterprise(): EnterpriseHead {
  const enterprise = use(EnterpriseContext);
  if (!enterprise) throw new Error('useEnterprise is for pages under /e/{number}');
  return enterprise;
}
