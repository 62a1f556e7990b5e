import { AppError } from '../errors.ts';
import { createSigner, type StoreSettings } from './sign.ts';

/** An upload that waits for its next part, whoever brings it. */
export type Upload = { key: string; id: string };
export type PartUploads = ReturnType<typeof createPartUploads>;

/** Every part but the last must be at least so large. */
export const SMALLEST_PART = 5 * 1024 * 1024;
const LINK_SECONDS = 300;
const PATIENCE_MS = 15_000;

/**
 * Uploads in parts that outlive the instance that began them: what is to be remembered is a value, to be kept in a row.
 * By signed requests alone, because the S3 client would weigh more than the functions that do this.
 */
export function createPartUploads(settings: StoreSettings, { send = fetch } = {}) {
  const signer = createSigner(settings);
  const seconds = LINK_SECONDS;

  async function ask(
    method: 'PUT' | 'POST' | 'HEAD',
    key: string,
    options: {
      query?: Record<string, string>;
      headers?: Record<string, string>;
      body?: Buffer | string;
    },
  ): Promise<Response> {
    const { query = {}, headers = {}, body = null } = options;
    const link = await signer.sign(method, key, { seconds, query, headers });
    const signal = AbortSignal.timeout(PATIENCE_MS);
    return send(link, { method, headers, body, signal });
  }

  async function begin(key: string, { contentType }: { contentType: string }): Promise<Upload> {
    const query = { 'x-id': 'CreateMultipartUpload', uploads: '' };
    const answer = await ask('POST', key, { query, headers: { 'content-type': contentType } });
    const [, id] = /<UploadId>([^<]+)<\/UploadId>/.exec(await textOf(answer)) ?? [];
    if (id === undefined) throw refused('the storage gave no upload id');
    return { key, id };
  }

  /** @param number from 1; the same one again replaces the part. Returns its tag, for the end. */
  async function putPart({ key, id }: Upload, number: number, body: Buffer): Promise<string> {
    const query = { 'x-id': 'UploadPart', partNumber: String(number), uploadId: id };
    const answer = await ask('PUT', key, { query, body });
    await textOf(answer);
    return answer.headers.get('etag') ?? '';
  }

  /** Safe to repeat. @param tags of the parts, in their order */
  async function complete({ key, id }: Upload, tags: string[]): Promise<void> {
    const parts = tags.map(
      (tag, index) => `<Part><PartNumber>${index + 1}</PartNumber><ETag>${tag}</ETag></Part>`,
    );
    const body = `<CompleteMultipartUpload>${parts.join('')}</CompleteMultipartUpload>`;
    const query = { 'x-id': 'CompleteMultipartUpload', uploadId: id };
    const answer = await ask('POST', key, { query, body });
    if (answer.status === 404 && (await exists(key))) return;
    // A failure of the putting together comes after the first line of the answer, as 200.
    const text = await textOf(answer);
    if (text.includes('<Error>')) throw refused(text.slice(0, 200));
  }

  async function exists(key: string): Promise<boolean> {
    return (await ask('HEAD', key, { query: { 'x-id': 'HeadObject' } })).ok;
  }

  return { begin, putPart, complete };
}

async function textOf(answer: Response): Promise<string> {
  const text = await answer.text();
  if (!answer.ok) throw refused(`the storage answers ${answer.status}: ${text.slice(0, 200)}`);
  return text;
}

const refused = (why: string): AppError =>
  new AppError('unavailable', 'Хранилище не приняло файл', { cause: new Error(why) });
