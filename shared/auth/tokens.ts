import { createHash, randomBytes } from 'node:crypto';

const TOKEN_BYTES = 32;

/** A session token or a ticket: known to its owner only. */
export const newToken = (): string => randomBytes(TOKEN_BYTES).toString('base64url');

/** What is stored of it. A fast hash will do: nobody guesses 32 random bytes. */
export const hashToken = (token: string): Buffer => createHash('sha256').update(token).digest();
