import { createHash } from 'node:crypto';

import { v7 as newUuid } from 'uuid';
import type * as z from 'zod';

import type { Pool } from '../db.ts';
import { AppError } from '../errors.ts';
import { momentOf } from '../zoned-time.ts';
import { linkTo, ownerOf } from './list.ts';
import { contentTypeOf, extensionOf, keyFor, newFileName, startOf } from './names.ts';
import type { beginUpload } from './recordings.schema.ts';
import { findRecording } from './recordings.sql.ts';
import type { Signer } from './sign.ts';
import type { Store } from './store.ts';
import { insertUpload, isKeyTaken, markUploaded } from './uploads.sql.ts';
import { durationOf, HEADER_BYTES, readWavHeader } from './wav.ts';

type Dependencies = {
  db: Pool;
  signer: Pick<Signer, 'put'>;
  store: Pick<Store, 'head' | 'get' | 'ensureBucket'>;
  publicUrl: string;
  /** What follows from a recording that is there. */
  tie: (enterpriseNumber: string) => Promise<unknown>;
  clock?: () => Date;
};

const SIGNED_FOR_SECONDS = 3600;

/** For boxes that push their recordings: a link to put the file to, and the look at what was put there. */
export function createUploads({
  db,
  signer,
  store,
  publicUrl,
  tie,
  clock = () => new Date(),
}: Dependencies) {
  return {
    /** @throws AppError 404, 422, 503 */
    async begin(number: string, asked: z.output<(typeof beginUpload)['body']>) {
      const { timezone } = await ownerOf(db, number);
      const extension = extensionOf(asked.file_name);
      const contentType = contentTypeOf(extension);
      if (!contentType) {
        const message = 'must end in .wav, .mp3, .ogg, .opus, .gsm or .wav49';
        throw new AppError('unprocessable', `file_name: ${message}`, {
          errors: [{ path: 'file_name', message }],
        });
      }
      const id = newUuid();
      const uniqueId = asked.call_unique_id;
      const startedAt = asked.call_date
        ? momentOf(asked.call_date, timezone)
        : startOf(uniqueId, clock());
      const named = { enterpriseNumber: number, uniqueId, startedAt, timezone, extension };
      const plain = keyFor(named);
      const key = (await isKeyTaken(db, plain))
        ? keyFor({ ...named, suffix: id.slice(-12) })
        : plain;
      await insertUpload(db, {
        id,
        enterpriseNumber: number,
        uniqueId,
        file: newFileName(extension),
        key,
        contentType,
        size: asked.size,
        sha256: asked.sha256 ?? null,
        startedAt,
      });
      await store.ensureBucket();
      const seconds = SIGNED_FOR_SECONDS;
      return {
        recording_id: id,
        upload_url: await signer.put(key, { seconds, contentType, size: asked.size }),
        headers: { 'content-type': contentType, 'content-length': String(asked.size) },
        expires_at: new Date(+clock() + seconds * 1000).toISOString(),
      };
    },

    /** May be asked any number of times. @throws AppError 404; 409 size or hash differ, or nothing is there */
    async confirm(number: string, id: string) {
      const recording = await findRecording(db, { enterpriseNumber: number, id });
      if (!recording || recording.source !== 'upload' || recording.state === 'deleted') {
        throw new AppError('not_found', 'Запись не найдена');
      }
      const { key, size, sha256, file } = recording;
      if (recording.state === 'uploading') {
        const there = await store.head(key);
        if (!there) throw new AppError('conflict', 'Nothing was uploaded yet');
        if (there.size !== size) {
          throw new AppError(
            'conflict',
            `The file has ${there.size} bytes, ${size} were announced`,
          );
        }
        const seen = await look(store, key);
        if (sha256 && seen.sha256 !== sha256) {
          throw new AppError('conflict', 'The file is not the announced one: its SHA-256 differs');
        }
        await markUploaded(db, { id, ...seen });
      }
      await tie(number);
      return { success: true as const, file_url: linkTo(publicUrl, file) };
    },
  };
}

/** Reads a stored file once, piece by piece. */
async function look(store: Pick<Store, 'get'>, key: string) {
  const hash = createHash('sha256');
  let first = Buffer.alloc(0);
  let size = 0;
  for await (const piece of await store.get(key)) {
    hash.update(piece);
    if (first.length < HEADER_BYTES) first = Buffer.concat([first, piece]);
    size += piece.length;
  }
  const header = readWavHeader(first.subarray(0, HEADER_BYTES));
  return {
    sha256: hash.digest('hex'),
    durationSeconds: header ? durationOf(header, size) : null,
  };
}
