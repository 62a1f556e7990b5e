import { queryOptions } from '@tanstack/react-query';
import type * as z from 'zod';

import {
  type AdminFilters,
  getGaps,
  getSettings,
  listForAdmins,
} from '../../../../../shared/recordings/recordings.schema.ts';
import { getStorageUsage } from '../../../../../shared/recordings/storage.schema.ts';
import { type Answer, ask } from '../../api/api-client.ts';

export type RecordingFilters = { [K in keyof z.input<typeof AdminFilters>]?: string | undefined };
export type RecordingSettings = Answer<typeof getSettings>;
export type Usage = Answer<typeof getStorageUsage>;
export type Gaps = Answer<typeof getGaps>;

const PAGE = 200;

export const recordingsKey = (number: string, ...rest: unknown[]) => [
  'recordings',
  number,
  ...rest,
];

export const loadRecordings = (
  number: string,
  filters: RecordingFilters,
  cursor: string | undefined,
  signal: AbortSignal,
) => ask(listForAdmins, { params: { number }, query: { ...filters, cursor, limit: PAGE }, signal });

export const settingsQuery = (number: string) =>
  queryOptions({
    queryKey: recordingsKey(number, 'settings'),
    queryFn: ({ signal }) => ask(getSettings, { params: { number }, signal }),
  });

export const gapsQuery = (number: string) =>
  queryOptions({
    queryKey: recordingsKey(number, 'gaps'),
    queryFn: ({ signal }) => ask(getGaps, { params: { number }, signal }),
  });

export const usageQuery = queryOptions({
  queryKey: ['storage', 'usage'],
  queryFn: ({ signal }) => ask(getStorageUsage, { signal }),
  staleTime: 60_000,
});
