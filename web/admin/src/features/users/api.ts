import { queryOptions } from '@tanstack/react-query';

import { listUsers, type User as UserSchema } from '../../../../../shared/auth/users.schema.ts';
import { ask } from '../../api/api-client.ts';

export type User = UserSchema;

export const usersQuery = (number: string) =>
  queryOptions({
    queryKey: ['users', number],
    queryFn: async ({ signal }) => (await ask(listUsers, { params: { number }, signal })).items,
  });
