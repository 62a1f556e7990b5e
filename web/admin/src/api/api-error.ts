/** What the API, or the way to it, answered instead of what was asked for. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  /** 0: nobody answered. */
  readonly status: number;
  readonly errors: readonly { path: string; message: string }[];
  readonly requestId: string | undefined;
  readonly retryAfterSeconds: number | undefined;

  constructor(
    status: number,
    detail: string,
    rest: {
      errors?: readonly { path: string; message: string }[] | undefined;
      requestId?: string | undefined;
      retryAfterSeconds?: number | undefined;
      cause?: unknown;
    } = {},
  ) {
    super(detail, { cause: rest.cause });
    this.status = status;
    this.errors = rest.errors ?? [];
    this.requestId = rest.requestId;
    this.retryAfterSeconds = rest.retryAfterSeconds;
  }
}
