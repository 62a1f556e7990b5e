import { Readable } from 'node:stream';

import type { S3Client } from '@aws-sdk/client-s3';

const PIECE_BYTES = 256 * 1024;

/** `body`: bytes of an object are a Buffer, what the SDK itself says to the store is text. */
type Request = { headers: Record<string, string>; body: unknown };

/**
 * How the bytes of objects and parts go to the store: unsigned and piece by piece.
 *
 * Unsigned is what the SDK does for streams and signed links do: TLS guards the bytes on their way. To sign them they
 * would be hashed once more, which takes as much of the processor as sending them.
 *
 * Node encrypts all that it is given at once: a part that is given as a whole takes its 8 MB again until it has gone. The
 * SDK would not try again what it was given as a stream; so the stream is made here, after signing, where each try has a
 * request of its own.
 */
export function sendUnsignedInPieces(client: S3Client): S3Client {
  client.middlewareStack.add(
    (next) => (given) => {
      const { headers, body } = given.request as Request;
      if (Buffer.isBuffer(body)) headers['x-amz-content-sha256'] = 'UNSIGNED-PAYLOAD';
      return next(given);
    },
    { step: 'build' },
  );
  client.middlewareStack.add(
    (next) => (given) => {
      const request = given.request as Request;
      const { body } = request;
      if (Buffer.isBuffer(body)) request.body = Readable.from(piecesOf(body));
      return next(given);
    },
    { step: 'deserialize' },
  );
  return client;
}

function* piecesOf(whole: Buffer): Generator<Buffer> {
  for (let at = 0; at < whole.length; at += PIECE_BYTES) {
    yield whole.subarray(at, at + PIECE_BYTES);
  }
}
