import type { Db } from '../db.ts';
import { AppError } from '../errors.ts';
import { takeToken } from '../rate-buckets.sql.ts';

const HOUR = 3_600;

/** What a visitor may do how often. All instances count together. */
const LIMITS = {
  /** Sessions of one network. */
  session: { burst: 5, perSecond: 5 / HOUR },
  /** Messages of one session. */
  message: { burst: 20, perSecond: 20 / 60 },
  /** Uploads of one session. */
  attachment: { burst: 10, perSecond: 10 / 60 },
  /** Requests that one session leaves for later. */
  request: { burst: 3, perSecond: 3 / HOUR },
  /** Answers of the AI to one network. */
  answer: { burst: 60, perSecond: 60 / 600 },
} as const;

type Limit = keyof typeof LIMITS;

/** @throws AppError 429 with the seconds to wait */
export async function countVisitor(db: Db, limit: Limit, whose: string): Promise<void> {
  const seconds = await takeChatToken(db, limit, whose);
  if (seconds === 0) return;
  throw new AppError('too_many', 'Слишком часто, подождите немного', {
    retryAfterSeconds: Math.ceil(seconds),
  });
}

/** 0 when it may be done, else the seconds until it may. */
export function takeChatToken(db: Db, limit: Limit, whose: string): Promise<number> {
  return takeToken(db, { key: `chat:${limit}:${whose}`, ...LIMITS[limit] });
}
