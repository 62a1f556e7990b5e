import type * as z from 'zod';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** Who may read an answer from a page of another origin. `open`: anybody; `sites`: those of CHAT_ORIGINS; `none`: nobody. */
export type CorsPolicy = 'open' | 'sites' | 'none';

/**
 * Who is let in. `session`: any admin who is logged in. `enterprise`: a superadmin, or an admin of the enterprise that
 * `{number}` in the path names. `enterprise or secret`: also a program that knows the enterprise's secret.
 * `none`, `box token` and `visitor` (who has the token of a chat session) are open to the wrapper: such a route looks
 * for itself.
 */
export type Auth =
  | 'none'
  | 'box token'
  | 'visitor'
  | 'session'
  | 'enterprise'
  | 'enterprise or secret'
  | 'superadmin';

/** What one route promises to the outside. The OpenAPI document is made of these. */
export type Contract = {
  method: Method;
  /** Path parameters in braces: `/api/callevent/{event}`. */
  path: `/${string}`;
  summary: string;
  auth: Auth;
  cors: CorsPolicy;
  /**
   * How a write comes into the audit log. Absent: the wrapper notes it after it was done. `own`: the route writes the
   * entry itself, in the transaction of the change. `none`: nothing is changed.
   */
  audit?: 'own' | 'none';
  params?: z.ZodObject;
  query?: z.ZodObject;
  body?: z.ZodType;
  answers: Record<number, { description: string; body?: z.ZodType; text?: boolean; csv?: boolean }>;
};
