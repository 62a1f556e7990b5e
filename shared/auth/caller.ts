/** Who is logged in. */
export type Admin =
  | { kind: 'superadmin'; id: number }
  | { kind: 'enterprise admin'; id: number; enterpriseNumber: string };

/** Who a guarded route works for: an admin, or a program that knows the enterprise's secret. */
export type Caller = Admin | { kind: 'program'; enterpriseNumber: string };
