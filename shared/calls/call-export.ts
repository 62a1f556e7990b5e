import { v7 as newUuid } from 'uuid';
import * as z from 'zod';

import type { Pool } from '../db.ts';
import { AppError } from '../errors.ts';
import { findJob, findSameJob, insertJob, type RunningJob } from '../integrations/jobs.sql.ts';
import type { JobKind } from '../integrations/jobs.ts';
import { type PartUploads, SMALLEST_PART } from '../recordings/part-uploads.ts';
import type { Signer } from '../recordings/sign.ts';
import { CallFilters } from './call-list.schema.ts';
import { createTable, tableHead } from './call-table.ts';
import { exportKey, KEPT_MS } from './export-files.ts';

type Dependencies = { db: Pool; uploads: PartUploads };
type Query = z.output<typeof CallFilters>;

export const CALLS_CSV = 'calls.csv';
const TYPE = 'text/csv; charset=utf-8';
const LINK_SECONDS = 300;

const Place = z.object({
  upload: z.object({ key: z.string(), id: z.string() }),
  tags: z.array(z.string()),
  /** Null: all was read. */
  after: z.object({ startedAt: z.string(), id: z.string() }).nullable(),
  bytes: z.number(),
});
type Place = z.output<typeof Place>;

/** A table of calls too long for one answer: a job writes it to the storage, part by part. */
export function createCallExport({ db, uploads }: Dependencies) {
  /** One part; after the last one the file is put together. */
  async function advance(job: RunningJob): Promise<void> {
    const before = Place.nullable().parse(job.place);
    let [place, rows] = [before, job.done];
    if (!before || before.after) {
      [place, rows] = await writePart(job, before);
      const progress = { place, done: rows, result: {}, finished: false };
      await job.advance(db, progress);
    }
    if (!place || place.after) return;
    await uploads.complete(place.upload, place.tags);
    const link = `/enterprise/${job.enterpriseNumber ?? ''}/exports/${job.id}`;
    const result = { link, rows, bytes: place.bytes };
    await job.advance(db, { place, done: rows, result, finished: true });
  }

  async function writePart(job: RunningJob, before: Place | null): Promise<[Place, number]> {
    const query = CallFilters.parse(job.request);
    const table = await createTable(db, job.enterpriseNumber ?? '', query);
    const upload = before?.upload ?? (await uploads.begin(exportKey(job), { contentType: TYPE }));
    const lines = [before ? '' : tableHead()];
    let after = before?.after ?? undefined;
    let [bytes, rows] = [0, job.done];
    do {
      const piece = await table.read(after);
      lines.push(piece.text);
      bytes += Buffer.byteLength(piece.text);
      rows += piece.rows;
      after = piece.next;
    } while (after && bytes < SMALLEST_PART);
    const body = Buffer.from(lines.join(''));
    const tags = before?.tags ?? [];
    const tag = await uploads.putPart(upload, tags.length + 1, body);
    const place = {
      upload,
      tags: [...tags, tag],
      after: after ?? null,
      bytes: (before?.bytes ?? 0) + body.length,
    };
    return [place, rows];
  }

  return {
    /** Begins a job and does its first part; the same table asked for meanwhile is the same job. @throws AppError 404 */
    async begin(number: string, query: Query): Promise<string> {
      const job = { kind: CALLS_CSV, enterpriseNumber: number, request: query };
      const same = await findSameJob(db, job);
      if (same !== undefined) return same;
      const table = await createTable(db, number, query);
      const id = newUuid();
      await advance(await insertJob(db, { ...job, id, total: await table.count() }));
      return id;
    },

    kind: { [CALLS_CSV]: advance } satisfies Record<string, JobKind>,
  };
}

/** Where a table can be got from, or how far it is. @throws AppError 404 also when it is too old */
export async function findExport(
  {
    db,
    signer,
    clock = () => new Date(),
  }: { db: Pool; signer: Pick<Signer, 'get'>; clock?: () => Date },
  number: string,
  id: string,
) {
  const job = await findJob(db, id);
  if (!job || job.kind !== CALLS_CSV || job.enterpriseNumber !== number) throw gone();
  if (job.state === 'failed')
    throw new AppError('unavailable', 'Выгрузка прервалась, начните её снова');
  if (job.state === 'running') return { progress: { done: job.done, total: job.total } };
  if (clock().getTime() - job.createdAt.getTime() > KEPT_MS) throw gone();
  const { upload } = Place.parse(job.place);
  const saveAs = `calls-${number}.csv`;
  return {
    link: await signer.get(upload.key, { seconds: LINK_SECONDS, contentType: TYPE, saveAs }),
  };
}

const gone = (): AppError => new AppError('not_found', 'Такой выгрузки нет, или её срок прошёл');
