import { queryOptions } from '@tanstack/react-query';

import { getJob } from '../../../../shared/integrations/deliveries.schema.ts';
import { ask } from './api-client.ts';

const LOOK_AGAIN_MS = 1_000;

/** A long piece of work, asked about until it has ended. */
export const jobQuery = (id: string | undefined) =>
  queryOptions({
    queryKey: ['jobs', id],
    queryFn: ({ signal }) => ask(getJob, { params: { id: id ?? '' }, signal }),
    enabled: id !== undefined,
    refetchInterval: ({ state }) =>
      state.data && state.data.state !== 'running' ? false : LOOK_AGAIN_MS,
  });
