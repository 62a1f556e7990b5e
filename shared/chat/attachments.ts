import { v7 as newUuid } from 'uuid';

import type { Pool } from '../db.ts';
import { AppError } from '../errors.ts';
import type { Signer } from '../recordings/sign.ts';
import * as sql from './attachments.sql.ts';
import type { SignFile } from './frames.ts';

type Dependencies = { db: Pool; signer: Signer };
type Offered = { file_name: string; content_type: string; size: number };

const UPLOAD_SECONDS = 600;
const DOWNLOAD_SECONDS = 3_600;
const HEAD_MS = 5_000;

/** What a browser could run (HTML, SVG, scripts) is not among them. */
const ALLOWED: ReadonlySet<string> = new Set([
  'image/jpeg',
  'image/png',
  'image/gif',
  'image/webp',
  'image/heic',
  'audio/mpeg',
  'audio/ogg',
  'audio/mp4',
  'audio/aac',
  'audio/wav',
  'audio/webm',
  'video/mp4',
  'video/webm',
  'video/quicktime',
  'application/pdf',
  'text/plain',
  'text/csv',
  'application/zip',
  'application/msword',
  'application/vnd.ms-excel',
  'application/vnd.oasis.opendocument.text',
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
]);

export type Attachments = ReturnType<typeof createAttachments>;

/** Files of the chat: they go to the storage past the functions. */
export function createAttachments({ db, signer }: Dependencies) {
  return {
    /** Makes room for a file: where to put it, and with which headers. @throws AppError 422 not a type that is taken */
    async offer(sessionId: string, { file_name: fileName, content_type, size }: Offered) {
      const contentType = content_type.split(';', 1)[0]?.trim().toLowerCase() ?? '';
      if (!ALLOWED.has(contentType)) throw refused('content_type', 'Such files are not taken');
      const id = newUuid();
      const objectKey = `chat/${sessionId}/${id}`;
      await sql.insertAttachment(db, { id, sessionId, objectKey, fileName, contentType, size });
      return {
        attachment_id: id,
        upload_url: await signer.put(objectKey, { seconds: UPLOAD_SECONDS, contentType, size }),
        headers: { 'content-type': contentType },
        expires_at: new Date(Date.now() + UPLOAD_SECONDS * 1_000).toISOString(),
      };
    },

    /** Before it is said. @throws AppError 422 not this session's, not uploaded, or not what was announced */
    async confirm(sessionId: string, id: string): Promise<void> {
      const attachment = await sql.findAttachment(db, id, sessionId);
      if (!attachment) throw refused('attachment_id', 'There is no such attachment');
      if (attachment.isStored) return;
      const url = await signer.head(attachment.objectKey, { seconds: 60 });
      const { ok, headers } = await headOf(url);
      if (!ok) throw refused('attachment_id', 'The file has not been uploaded');
      if (Number(headers.get('content-length')) !== attachment.size)
        throw refused('attachment_id', 'The file is not as large as was said');
      await sql.markAttachmentStored(db, id);
    },
  };
}

/** A link that saves the file and never shows it in the page's own origin. */
export function createSignFile(signer: Signer): SignFile {
  return ({ key, name }) => signer.get(key, { seconds: DOWNLOAD_SECONDS, saveAs: name });
}

async function headOf(url: string): Promise<Response> {
  try {
    return await fetch(url, { method: 'HEAD', signal: AbortSignal.timeout(HEAD_MS) });
  } catch (cause) {
    throw new AppError('unavailable', 'The storage does not answer', { cause });
  }
}

function refused(path: string, message: string): AppError {
  return new AppError('unprocessable', message, { errors: [{ path, message }] });
}
