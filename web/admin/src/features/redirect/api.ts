import { queryOptions } from '@tanstack/react-query';

import {
  getSettings,
  type listRedirects,
  type tryRedirect,
} from '../../../../../shared/smart-redirect/smart-redirect.schema.ts';
import { type Answer, ask } from '../../api/api-client.ts';

export type Settings = Answer<typeof getSettings>;
export type Redirect = Answer<typeof listRedirects>['items'][number];
export type Lookup = Redirect['lookups'][number];
export type Tried = Answer<typeof tryRedirect>;

export const settingsQuery = (number: string) =>
  queryOptions({
    queryKey: ['redirect', number, 'settings'],
    queryFn: ({ signal }) => ask(getSettings, { params: { number }, signal }),
  });
