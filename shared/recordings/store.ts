import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutBucketCorsCommand,
  PutBucketLifecycleConfigurationCommand,
  PutObjectCommand,
  S3Client,
  type S3ClientConfig,
  S3ServiceException,
  UploadPartCommand,
} from '@aws-sdk/client-s3';

import { sendUnsignedInPieces } from './send-bodies.ts';
import { credentialsOf, type StoreSettings } from './sign.ts';

export type StoredObject = { key: string; size: number };
export type ObjectMetadata = { contentType: string; metadata?: Record<string, string> };

/** One DeleteObjects takes this many. */
export const DELETE_BATCH = 1000;

export type Store = ReturnType<typeof createStore>;

/** The one client of the object storage. Settings as Hetzner's Ceph needs them serve every other store too. */
export function createStore(settings: StoreSettings, options: Partial<S3ClientConfig> = {}) {
  const { bucket, region, endpoint, pathStyle } = settings;
  let known: S3Client | undefined;
  const client = () =>
    (known ??= sendUnsignedInPieces(
      new S3Client({
        endpoint,
        region,
        forcePathStyle: pathStyle,
        credentials: credentialsOf(settings),
        // A checksum in a trailer is refused by Ceph (XAmzContentSHA256Mismatch).
        requestChecksumCalculation: 'WHEN_REQUIRED',
        responseChecksumValidation: 'WHEN_REQUIRED',
        maxAttempts: 3,
        requestHandler: {
          connectionTimeout: 5_000,
          requestTimeout: 60_000,
          throwOnRequestTimeout: true,
        },
        ...options,
      }),
    ));

  return {
    bucket,
    endpoint,

    async put(key: string, body: Buffer, { contentType, metadata }: ObjectMetadata) {
      await client().send(
        new PutObjectCommand({
          Bucket: bucket,
          Key: key,
          Body: body,
          ContentLength: body.length,
          ContentType: contentType,
          Metadata: metadata,
        }),
      );
    },

    /** An upload in parts. What was begun is to be completed or aborted. */
    async beginUpload(key: string, { contentType, metadata }: ObjectMetadata) {
      const { UploadId } = await client().send(
        new CreateMultipartUploadCommand({
          Bucket: bucket,
          Key: key,
          ContentType: contentType,
          Metadata: metadata,
        }),
      );
      const etags = new Map<number, string>();
      const upload = { Bucket: bucket, Key: key, UploadId };
      return {
        /** @param number from 1 */
        async putPart(number: number, body: Buffer): Promise<void> {
          const { ETag = '' } = await client().send(
            new UploadPartCommand({
              ...upload,
              PartNumber: number,
              Body: body,
              ContentLength: body.length,
            }),
          );
          etags.set(number, ETag);
        },
        async complete(): Promise<void> {
          const Parts = [...etags]
            .toSorted(([one], [other]) => one - other)
            .map(([PartNumber, ETag]) => ({ PartNumber, ETag }));
          await client().send(
            new CompleteMultipartUploadCommand({ ...upload, MultipartUpload: { Parts } }),
          );
        },
        async abort(): Promise<void> {
          await client().send(new AbortMultipartUploadCommand(upload));
        },
      };
    },

    /** Undefined when there is no such object. */
    async head(key: string): Promise<{ size: number; contentType?: string } | undefined> {
      try {
        const { ContentLength = 0, ContentType } = await client().send(
          new HeadObjectCommand({ Bucket: bucket, Key: key }),
        );
        return { size: ContentLength, ...(ContentType && { contentType: ContentType }) };
      } catch (error) {
        if (isMissing(error)) return undefined;
        throw error;
      }
    },

    /** The bytes of an object as they come, or a piece of it. */
    async get(
      key: string,
      range?: { from: number; to: number },
    ): Promise<AsyncIterable<Uint8Array>> {
      const { Body } = await client().send(
        new GetObjectCommand({
          Bucket: bucket,
          Key: key,
          ...(range && { Range: `bytes=${range.from}-${range.to}` }),
        }),
      );
      if (!Body) throw new Error('the store answered without a body');
      return Body as unknown as AsyncIterable<Uint8Array>; // in Node it is a Readable
    },

    /** Deletes up to a thousand; returns those that are still there, with the store's word for why. */
    async deleteMany(keys: string[]): Promise<{ key: string; problem: string }[]> {
      if (keys.length === 0) return [];
      const { Errors = [] } = await client().send(
        new DeleteObjectsCommand({
          Bucket: bucket,
          Delete: { Objects: keys.map((Key) => ({ Key })), Quiet: true },
          // Older stores insist on Content-MD5, which the SDK sends only so.
          ChecksumAlgorithm: 'MD5',
        }),
      );
      return Errors.filter(({ Code }) => Code !== 'NoSuchKey').map(
        ({ Key = '', Code, Message }) => ({
          key: Key,
          problem: [Code, Message].filter(Boolean).join(': ') || 'not deleted',
        }),
      );
    },

    /** Everything under a prefix, page by page. */
    async *list(prefix: string): AsyncGenerator<StoredObject[]> {
      let token: string | undefined;
      do {
        const page = await client().send(
          new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, ContinuationToken: token }),
        );
        yield (page.Contents ?? []).map(({ Key = '', Size = 0 }) => ({ key: Key, size: Size }));
        token = page.NextContinuationToken;
      } while (token);
    },

    /** Makes the bucket when it is missing: private, readable from pages by signed links. Returns whether it was made. */
    async ensureBucket(): Promise<boolean> {
      try {
        await client().send(new HeadBucketCommand({ Bucket: bucket }));
        return false;
      } catch (error) {
        if (!isMissing(error)) throw error;
      }
      await client().send(new CreateBucketCommand({ Bucket: bucket }));
      return true;
    },

    /** The store itself deletes what is older, and uploads that were never ended: a coarse net behind the precise job. */
    async expireAfter(prefix: string, days: number): Promise<void> {
      await client().send(
        new PutBucketLifecycleConfigurationCommand({
          Bucket: bucket,
          LifecycleConfiguration: {
            Rules: [
              {
                ID: 'recordings',
                Status: 'Enabled',
                Filter: { Prefix: prefix },
                Expiration: { Days: days },
                AbortIncompleteMultipartUpload: { DaysAfterInitiation: 2 },
              },
            ],
          },
          ChecksumAlgorithm: 'MD5',
        }),
      );
    },

    /** Lets the player of any page read what a signed link opens. False: this store has no such setting. */
    async allowPages(): Promise<boolean> {
      try {
        await client().send(
          new PutBucketCorsCommand({
            Bucket: bucket,
            CORSConfiguration: { CORSRules: [PAGES] },
            ChecksumAlgorithm: 'MD5',
          }),
        );
        return true;
      } catch (error) {
        if (error instanceof S3ServiceException && error.name === 'NotImplemented') return false;
        throw error;
      }
    },
  };
}

const PAGES = {
  AllowedOrigins: ['*'],
  AllowedMethods: ['GET', 'HEAD', 'PUT'],
  AllowedHeaders: ['*'],
  ExposeHeaders: ['Accept-Ranges', 'Content-Length', 'Content-Range', 'ETag'],
  MaxAgeSeconds: 3600,
};

function isMissing(error: unknown): boolean {
  return (
    error instanceof S3ServiceException &&
    (error.$metadata.httpStatusCode === 404 ||
      ['NotFound', 'NoSuchKey', 'NoSuchBucket'].includes(error.name))
  );
}

/** True when the bucket itself is not there. */
export function isNoBucket(error: unknown): boolean {
  return error instanceof Error && error.name === 'NoSuchBucket';
}
