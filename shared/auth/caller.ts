import { AppError } from '../errors.ts';

/** Who is logged in. */
export type Admin =
  | { kind: 'superadmin'; id: number }
  | { kind: 'enterprise admin'; id: number; enterpriseNumber: string };

/** Who a guarded route works for: an admin, or a program that knows the enterprise's secret. */
export type Caller =
  | Admin
  | { kind: 'program'; enterpriseNumber: string }
  /** A program with an API key of the operator's. */
  | { kind: 'key'; name: string };

/** @throws AppError 403 not a person */
export function adminOf(caller: Caller): Admin {
  if (caller.kind !== 'program' && caller.kind !== 'key') return caller;
  throw new AppError('forbidden', 'Доступ запрещен');
}
