/** Every failure that a caller may be told of: its HTTP status, and nothing else. */
const STATUS = {
  bad_request: 400,
  unauthorized: 401,
  forbidden: 403,
  not_found: 404,
  conflict: 409,
  too_large: 413,
  unprocessable: 422,
  too_many: 429,
  upstream: 502,
  unavailable: 503,
} as const;

export type ErrorCode = keyof typeof STATUS;
export type FieldError = { path: string; message: string };

type Details = { cause?: unknown; errors?: FieldError[]; retryAfterSeconds?: number };

/** The only error that domain code throws on purpose. `message` is a plain sentence for the caller. */
export class AppError extends Error {
  override readonly name = 'AppError';
  readonly code: ErrorCode;
  readonly errors: FieldError[] | undefined;
  readonly retryAfterSeconds: number | undefined;

  constructor(
    code: ErrorCode,
    message: string,
    { cause, errors, retryAfterSeconds }: Details = {},
  ) {
    super(message, { cause });
    this.code = code;
    this.errors = errors;
    this.retryAfterSeconds = retryAfterSeconds;
  }

  get status(): number {
    return STATUS[this.code];
  }
}

/** Thrown by a queue worker: the message is not done, and is to come back after this long. Not a failure. */
export class ComeBackLater extends Error {
  override readonly name = 'ComeBackLater';
  readonly afterSeconds: number;

  constructor(afterSeconds: number, why: string) {
    super(why);
    // A pause of 0 is as good as 1 to everybody, and wedges a FIFO group of the local queue.
    this.afterSeconds = Math.max(1, Math.ceil(afterSeconds));
  }
}
