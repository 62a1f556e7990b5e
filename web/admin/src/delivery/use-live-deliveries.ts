import { useThrottledCallback } from '@mantine/hooks';
import { type InfiniteData, type Query, useQueryClient } from '@tanstack/react-query';

import type { Delivery } from '../../../../shared/integrations/deliveries.schema.ts';
import { type LiveStatus, useLive } from '../live/use-live.ts';
import type { PageOf } from '../ui/paged.ts';
import { deliveriesKey, deliveryListKey, logsKey } from './api.ts';

type Pages = InfiniteData<PageOf<Delivery>>;

const REFRESH_MS = 1_000;

/** What becomes of deliveries, as the socket tells of it: rows change where they stand, and what is short is asked for again. */
export function useLiveDeliveries(
  number: string,
  onDelivery: (delivery: Delivery) => void = () => {},
): LiveStatus {
  const client = useQueryClient();
  const refresh = useThrottledCallback(() => {
    void client.invalidateQueries({ queryKey: logsKey(number) });
    void client.invalidateQueries({
      queryKey: deliveriesKey(number),
      predicate: (query) => !isScrolledDeep(query),
    });
  }, REFRESH_MS);
  return useLive('deliveries', {
    onReady: refresh,
    onFrame: (frame) => {
      if (frame.type !== 'delivery' || frame.enterprise !== number) return;
      const { delivery } = frame;
      client.setQueriesData<Pages>({ queryKey: deliveryListKey(number) }, (before) =>
        before ? { ...before, pages: before.pages.map((page) => withRow(page, delivery)) } : before,
      );
      onDelivery(delivery);
      refresh();
    },
  });
}

function withRow(page: PageOf<Delivery>, delivery: Delivery): PageOf<Delivery> {
  if (!page.items.some(({ id }) => id === delivery.id)) return page;
  return { ...page, items: page.items.map((row) => (row.id === delivery.id ? delivery : row)) };
}

/** Asking for all its pages again with every change would be too much, and would move what somebody reads. */
function isScrolledDeep({ state }: Query): boolean {
  const data = state.data as Partial<Pages> | undefined;
  return (data?.pages?.length ?? 0) > 1;
}
