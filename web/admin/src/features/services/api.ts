import { queryOptions } from '@tanstack/react-query';

import {
  getServices,
  type Services as ServicesSchema,
} from '../../../../../shared/operations/services.schema.ts';
import { ask } from '../../api/api-client.ts';

export type Services = ServicesSchema;
export type Queue = Services['queues'][number];
export type Schedule = Services['schedules'][number];
export type Box = Services['boxes'][number];

const LOOK_AGAIN_MS = 5_000;

export const servicesQuery = queryOptions({
  queryKey: ['services'],
  queryFn: ({ signal }) => ask(getServices, { signal }),
  refetchInterval: LOOK_AGAIN_MS,
});
