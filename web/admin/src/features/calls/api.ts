import { queryOptions } from '@tanstack/react-query';
import type * as z from 'zod';

import {
  type CallDetail as CallDetailSchema,
  type CallFilters,
  type CallItem,
  getCall,
  listCalls,
} from '../../../../../shared/calls/call-list.schema.ts';
import { LIVE_STATUSES } from '../../../../../shared/calls/call.ts';
import { ask } from '../../api/api-client.ts';

export type Call = z.output<typeof CallItem>;
export type CallDetail = z.output<typeof CallDetailSchema>;
export type Filters = { [K in keyof z.input<typeof CallFilters>]?: string | undefined };

const PAGE = 200;

export const callsKey = (number: string, ...rest: unknown[]) => ['calls', number, ...rest];

export const loadCalls = (
  number: string,
  filters: Filters,
  cursor: string | undefined,
  signal: AbortSignal,
) => ask(listCalls, { params: { number }, query: { ...filters, cursor, limit: PAGE }, signal });

/** The calls that are under way, newest first. */
export const liveCallsQuery = (number: string) =>
  queryOptions({
    queryKey: callsKey(number, 'live'),
    queryFn: async ({ signal }): Promise<Call[]> => {
      const pages = await Promise.all(
        LIVE_STATUSES.map((status) =>
          ask(listCalls, { params: { number }, query: { status }, signal }),
        ),
      );
      return pages.flatMap(({ items }) => items).toSorted(newestFirst);
    },
    staleTime: Infinity, // from then on the socket tells
  });

export const newestFirst = (a: Call, b: Call): number => b.started_at.localeCompare(a.started_at);

export const callQuery = (number: string, id: string) =>
  queryOptions({
    queryKey: callsKey(number, 'one', id),
    queryFn: ({ signal }) => ask(getCall, { params: { number, id }, signal }),
  });
