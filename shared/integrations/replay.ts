import { v7 as newUuid } from 'uuid';
import * as z from 'zod';

import { insertAudit } from '../audit/audit.sql.ts';
import { changesBetween } from '../audit/changes.ts';
import type { DoneBy } from '../audit/done-by.ts';
import type { Pool, Transaction } from '../db.ts';
import { toCrmMessage } from '../deliveries/messages.ts';
import type { Queue } from '../queue.ts';
import type { ReplayFilter } from './deliveries.schema.ts';
import { insertJob, type RunningJob } from './jobs.sql.ts';
import type { JobKind, JobProgress } from './jobs.ts';
import { periodOf } from './lists.ts';
import * as sql from './replay.sql.ts';

type Dependencies = { db: Pool; crm: Pick<Queue, 'sendAll'> };

export const REPLAY = 'replay';
const FIRST_CHUNK = 100;
const CHUNK = 500;

type Replayed = { replayed: number; left: { id: string; reason: string }[] };

const Result = z.object({ replayed: z.number(), left: z.number() });

/** Sends deliveries again because somebody wants it: whatever became of them before, and each call in its order. */
export function createReplay({ db, crm }: Dependencies) {
  /** These deliveries, in one transaction with whatever `also` writes. */
  async function replay(
    number: string,
    ids: string[],
    also: (tx: Transaction, replayed: Replayed) => Promise<void> = async () => {},
  ): Promise<Replayed> {
    const { replayed, heads } = await db.begin(async (tx) => {
      const found = await sql.lockDeliveries(tx, number, ids);
      const left = ids.flatMap((id) => {
        const reason = reasonToLeave(found.find((delivery) => delivery.id === id));
        return reason ? [{ id, reason }] : [];
      });
      const again = found.flatMap((one) => (reasonToLeave(one) ? [] : [one.id]));
      const queued = again.length > 0 ? await sql.startAgain(tx, again) : [];
      const result = { replayed: again.length, left };
      await also(tx, result);
      return { replayed: result, heads: queued };
    });
    await crm.sendAll(heads.map(toCrmMessage));
    return replayed;
  }

  /** One part of a job. */
  async function advance(job: RunningJob, limit = CHUNK): Promise<void> {
    const request = sql.ReplayRequest.parse(job.request);
    const before = Result.catch({ replayed: 0, left: 0 }).parse(job.result);
    const ids = await sql.findToReplay(db, {
      enterpriseNumber: job.enterpriseNumber ?? '',
      request,
      after: z.string().catch('0').parse(job.place),
      limit,
    });
    await replay(job.enterpriseNumber ?? '', ids, async (tx, { replayed, left }) => {
      const progress: JobProgress = {
        place: ids.at(-1) ?? job.place,
        done: job.done + ids.length,
        result: { replayed: before.replayed + replayed, left: before.left + left.length },
        finished: ids.length < limit,
      };
      await job.advance(tx, progress);
    });
  }

  return {
    byIds: (number: string, ids: string[], by: DoneBy) =>
      replay(number, [...new Set(ids)], (tx, { replayed, left }) =>
        insertAudit(tx, by, {
          action: 'deliveries.replay',
          enterpriseNumber: number,
          subject: ids.length === 1 ? (ids[0] ?? null) : null,
          changes: [{ field: 'deliveries', before: null, after: { replayed, left: left.length } }],
        }),
      ),

    /** Begins a job and does its first part. @throws AppError 404 */
    async byFilter(
      number: string,
      { from, to, ...filter }: ReplayFilter,
      by: DoneBy,
    ): Promise<string> {
      const period = await periodOf(db, number, { from, to });
      const request = { ...filter, ...period, until: await sql.newestDelivery(db, number) };
      const total = await sql.countToReplay(db, number, request);
      const id = newUuid();
      const job = await db.begin(async (tx) => {
        await insertAudit(tx, by, {
          action: 'deliveries.replay',
          enterpriseNumber: number,
          subject: `job ${id}`,
          changes: changesBetween({}, { ...filter, from, to, deliveries: total }),
        });
        return insertJob(tx, { id, kind: REPLAY, enterpriseNumber: number, request, total });
      });
      await advance(job, FIRST_CHUNK);
      return id;
    },

    kind: { [REPLAY]: advance } satisfies Record<string, JobKind>,
  };
}

/** Waits of its own accord anyway, or would only be parked again. */
function reasonToLeave(delivery: sql.Asked | undefined): string | undefined {
  if (!delivery) return 'Такой доставки нет';
  if (delivery.state === 'pending' || delivery.state === 'sending') return 'Уже отправляется';
  if (delivery.merged) return 'Звонок объединён с другим';
  if (delivery.paused) return 'Интеграция приостановлена: сначала исправьте настройки';
  return undefined;
}
