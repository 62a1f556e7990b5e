import { timingSafeEqual } from 'node:crypto';

import { hashToken } from '../auth/tokens.ts';
import type { Pool } from '../db.ts';
import { AppError } from '../errors.ts';
import type { Route } from '../lambda/http.ts';
import type { WatchedQueue } from '../watched-queue.ts';
import { getMetrics } from './metrics.schema.ts';
import { renderMetrics } from './metrics.ts';

type Dependencies = {
  db: Pool;
  queues: Record<string, Pick<WatchedQueue, 'figures'>>;
  /** Undefined: nobody may read them. */
  token: string | undefined;
};

export function metricsRoutes({ db, queues, token }: Dependencies): Route[] {
  return [
    {
      contract: getMetrics,
      handle: async ({ headers }) => {
        if (token === undefined) throw new AppError('unavailable', 'Metrics are not configured');
        const shown = /^Bearer +(\S+)\s*$/i.exec(headers['authorization'] ?? '')?.[1] ?? '';
        if (!timingSafeEqual(hashToken(token), hashToken(shown))) {
          throw new AppError('unauthorized', 'Invalid token');
        }
        return {
          status: 200,
          text: await renderMetrics({ db, queues }),
          headers: { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' },
        };
      },
    },
  ];
}
