import { queryOptions } from '@tanstack/react-query';
import type * as z from 'zod';

import {
  getAllOverview,
  getOverview,
  type Attention as AttentionType,
  type Overview as OverviewSchema,
} from '../../../../../shared/operations/overview.schema.ts';
import { ask } from '../../api/api-client.ts';

export type Overview = z.output<typeof OverviewSchema>;
export type Attention = AttentionType;

const LOOK_AGAIN_MS = 15_000;

export const overviewQuery = (number: string) =>
  queryOptions({
    queryKey: ['overview', number],
    queryFn: ({ signal }) => ask(getOverview, { params: { number }, signal }),
    refetchInterval: LOOK_AGAIN_MS,
  });

export const allOverviewQuery = queryOptions({
  queryKey: ['overview'],
  queryFn: ({ signal }) => ask(getAllOverview, { signal }),
  refetchInterval: LOOK_AGAIN_MS,
});
