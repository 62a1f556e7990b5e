import { queryOptions } from '@tanstack/react-query';

import {
  type Enterprise as EnterpriseSchema,
  getEnterprise,
} from '../../../../../shared/enterprises/enterprises.schema.ts';
import { ask } from '../../api/api-client.ts';

export type Enterprise = EnterpriseSchema;

/** The start of every key that knows something of enterprises. */
export const ENTERPRISES = ['enterprises'];

export const enterpriseQuery = (number: string) =>
  queryOptions({
    queryKey: [...ENTERPRISES, 'one', number],
    queryFn: ({ signal }) => ask(getEnterprise, { params: { number }, signal }),
  });
