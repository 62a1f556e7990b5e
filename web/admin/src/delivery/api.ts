import { queryOptions } from '@tanstack/react-query';

import {
  getDelivery,
  replayDeliveries,
} from '../../../../shared/integrations/deliveries.schema.ts';
import { ask } from '../api/api-client.ts';

export const deliveriesKey = (number: string, ...rest: unknown[]) => [
  'deliveries',
  number,
  ...rest,
];

export const deliveryListKey = (number: string) => deliveriesKey(number, 'list');

/** What was said to the CRMs: the log of an enterprise. */
export const logsKey = (number: string) => ['integration-logs', number];

const UNFINISHED = new Set(['pending', 'sending', 'retrying']);
const LOOK_AGAIN_MS = 2_000;

export const deliveryQuery = (number: string, id: string) =>
  queryOptions({
    queryKey: deliveriesKey(number, 'one', id),
    queryFn: ({ signal }) => ask(getDelivery, { params: { number, id }, signal }),
    refetchInterval: ({ state }) =>
      UNFINISHED.has(state.data?.state ?? '') ? LOOK_AGAIN_MS : false,
  });

export const replayByIds = (number: string, ids: string[]) =>
  ask(replayDeliveries, { params: { number }, body: { ids } });
