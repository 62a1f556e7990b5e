import { useDebouncedCallback } from '@mantine/hooks';
import { queryOptions, useQueryClient } from '@tanstack/react-query';

import type { ServerFrame } from '../../../../../shared/live/live.schema.ts';
import {
  getChat,
  getSettings,
  getStats,
  listChats,
  listManagers,
} from '../../../../../shared/managers/api.schema.ts';
import { type Answer, ask } from '../../api/api-client.ts';
import { useLive } from '../../live/use-live.ts';

export type ChatDetail = Answer<typeof getChat>;
export type Stats = Answer<typeof getStats>;

const PAGE = 100;
/** A burst of frames asks once. */
const SETTLE_MS = 250;

export const chatsKey = (...rest: unknown[]) => ['chats', ...rest];

export type ChatFilters = {
  state?: 'waiting' | 'active' | 'closed';
  search?: string | undefined;
  manager?: string | undefined;
  from?: string | undefined;
  to?: string | undefined;
};

export const loadChats = (filters: ChatFilters, cursor: string | undefined, signal: AbortSignal) =>
  ask(listChats, { query: { ...filters, cursor, limit: PAGE }, signal });

export const chatQuery = (id: string) =>
  queryOptions({
    queryKey: chatsKey('one', id),
    queryFn: ({ signal }) => ask(getChat, { params: { id }, signal }),
  });

export const managersQuery = queryOptions({
  queryKey: chatsKey('managers'),
  queryFn: async ({ signal }) => (await ask(listManagers, { signal })).items,
});

export const settingsQuery = queryOptions({
  queryKey: chatsKey('settings'),
  queryFn: ({ signal }) => ask(getSettings, { signal }),
});

export type Period = { from?: string | undefined; to?: string | undefined };

export const statsQuery = (period: Period) =>
  queryOptions({
    queryKey: chatsKey('stats', period),
    queryFn: ({ signal }) => ask(getStats, { query: period, signal }),
  });

/** Lists and figures follow what is heard; `onFrame` is for whoever wants to know more. */
export function useLiveChats(onFrame?: (frame: ServerFrame) => void) {
  const client = useQueryClient();
  const refresh = useDebouncedCallback(
    () => void client.invalidateQueries({ queryKey: chatsKey() }),
    SETTLE_MS,
  );
  return useLive('chats', {
    onFrame: (frame) => {
      onFrame?.(frame);
      if (frame.type === 'chat' || frame.type === 'chat_message') refresh();
    },
    onReady: refresh,
  });
}
