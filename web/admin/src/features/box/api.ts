import { queryOptions } from '@tanstack/react-query';

import { getBoxStatus, listBoxChannels } from '../../../../../shared/asterisk/asterisk.schema.ts';
import { getExtensions } from '../../../../../shared/directory/directory.schema.ts';
import { getOriginate } from '../../../../../shared/originates/originate.schema.ts';
import { type Answer, ask } from '../../api/api-client.ts';

export type BoxStatus = Answer<typeof getBoxStatus>;
export type Channel = Answer<typeof listBoxChannels>['items'][number];
export type Originate = Answer<typeof getOriginate>;

/** Each look is one over SSH, so not too often. */
const STATUS_AGAIN_MS = 30_000;
const CHANNELS_AGAIN_MS = 5_000;
const CALL_AGAIN_MS = 1_000;

export const boxStatusQuery = (number: string) =>
  queryOptions({
    queryKey: ['box', number, 'status'],
    queryFn: ({ signal }) => ask(getBoxStatus, { params: { number }, signal }),
    refetchInterval: STATUS_AGAIN_MS,
    retry: false,
  });

export const channelsQuery = (number: string) =>
  queryOptions({
    queryKey: ['box', number, 'channels'],
    queryFn: async ({ signal }) =>
      (await ask(listBoxChannels, { params: { number }, signal })).items,
    refetchInterval: ({ state }) => (state.error ? STATUS_AGAIN_MS : CHANNELS_AGAIN_MS),
    retry: false,
  });

export const extensionsQuery = (number: string) =>
  queryOptions({
    queryKey: ['extensions', number],
    queryFn: async ({ signal }) => (await ask(getExtensions, { params: { number }, signal })).items,
    staleTime: 60_000,
  });

/** What has become of a call that was asked for, until it is over. */
export const originateQuery = (id: string) =>
  queryOptions({
    queryKey: ['originate', id],
    queryFn: ({ signal }) => ask(getOriginate, { params: { id }, signal }),
    refetchInterval: ({ state }) =>
      state.data && ['ended', 'failed'].includes(state.data.state) ? false : CALL_AGAIN_MS,
  });
