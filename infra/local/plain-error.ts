/** A failure whose message is all the reader needs: it is printed without a stack. */
export class PlainError extends Error {
  override name = 'PlainError';
}

/** What went wrong, in words. Some libraries throw errors without a message. */
export function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = 'code' in error && typeof error.code === 'string' ? error.code : error.name;
  return error.message || code;
}

/** What to print about a failure: the words if they are plain, the stack if they are not. */
export function printable(error: unknown): unknown {
  if (error instanceof PlainError) return `\n${error.message}`;
  if (error instanceof Error && 'code' in error && error.code === 'EACCES') {
    return `\nNo access: ${error.message}\nWas the stack started as another user before? Then remove its data as that user: npm run reset`;
  }
  return error;
}
