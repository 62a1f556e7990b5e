import { type QueryKey, useInfiniteQuery } from '@tanstack/react-query';
import { useCallback, useMemo } from 'react';

/** A list that comes page by page. */
export type Paged<Row> = {
  items: Row[];
  isPending: boolean;
  error: Error | null;
  refetch: () => void;
  hasMore: boolean;
  isLoadingMore: boolean;
  moreError: boolean;
  loadMore: () => void;
  isRefreshing: boolean;
};

export type PageOf<Row> = { items: Row[]; next_cursor: string | null };

type PagedOptions<Row> = {
  queryKey: QueryKey;
  /** Asks for one page; of no cursor for the first. */
  loadPage: (cursor: string | undefined, signal: AbortSignal) => Promise<PageOf<Row>>;
  enabled?: boolean;
  refetchInterval?: number | false;
};

/** Pages of a cursor-paged route, put together to one list. */
export function usePaged<Row>({
  queryKey,
  loadPage,
  enabled = true,
  refetchInterval = false,
}: PagedOptions<Row>): Paged<Row> {
  const query = useInfiniteQuery({
    queryKey,
    queryFn: ({ pageParam, signal }) => loadPage(pageParam, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next_cursor: next }) => next ?? undefined,
    enabled,
    refetchInterval,
  });
  const { data, fetchNextPage, refetch } = query;
  const items = useMemo(() => data?.pages.flatMap((page) => page.items) ?? [], [data]);
  return {
    items,
    isPending: query.isPending,
    error: query.error,
    refetch: useCallback(() => void refetch(), [refetch]),
    hasMore: query.hasNextPage,
    isLoadingMore: query.isFetchingNextPage,
    moreError: query.isFetchNextPageError,
    loadMore: useCallback(() => void fetchNextPage(), [fetchNextPage]),
    isRefreshing: query.isRefetching,
  };
}
