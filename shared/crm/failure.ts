/**
 * What a vendor's refusal means for us:
 * `retry` it may work later; `limit` the same, and we were too fast; `auth` nothing works until a person acts;
 * `permanent` this one request will never work.
 */
export type FailureClass = 'retry' | 'limit' | 'auth' | 'permanent';

type Details = {
  cause?: unknown;
  httpStatus?: number | undefined;
  /** The time that the vendor named. */
  retryAfterSeconds?: number | undefined;
  /** The vendor may have done what was asked although we got no answer. */
  maybeApplied?: boolean;
  timedOut?: boolean;
};

/** The only error an adapter throws on purpose. `message` is in plain words, for the admin. */
export class VendorFailure extends Error {
  override readonly name = 'VendorFailure';
  readonly failureClass: FailureClass;
  readonly httpStatus: number | undefined;
  readonly retryAfterSeconds: number | undefined;
  readonly maybeApplied: boolean;
  readonly timedOut: boolean;

  constructor(failureClass: FailureClass, message: string, details: Details = {}) {
    super(message, { cause: details.cause });
    this.failureClass = failureClass;
    this.httpStatus = details.httpStatus;
    this.retryAfterSeconds = details.retryAfterSeconds;
    this.maybeApplied = details.maybeApplied ?? false;
    this.timedOut = details.timedOut ?? false;
  }
}
