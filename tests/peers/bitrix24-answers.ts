import type { Answer, Clock } from './peer.ts';

/** Thrown inside a method where the vendor stops and refuses. In a batch it hits one command only. */
export class MethodRefusal extends Error {
  readonly status: number;
  readonly code: string;
  /** Seconds since 1970, when the method works again. */
  readonly resetAt: number | undefined;

  constructor(status: number, code: string, description: string, resetAt?: number) {
    super(description);
    this.status = status;
    this.code = code;
    this.resetAt = resetAt;
  }
}

/** Most of the vendor's refusals have this code and a text that says more. */
export function core(description: string): MethodRefusal {
  return new MethodRefusal(400, 'ERROR_CORE', description);
}

export type Spent = { operating: number; resetAt: number };

export function timeOf(now: Clock, { operating, resetAt }: Spent) {
  const at = now() / 1000;
  const date = new Date(now()).toISOString().replace(/\.\d+Z$/, '+00:00');
  return {
    start: at,
    finish: at,
    duration: 0.01,
    processing: 0.01,
    date_start: date,
    date_finish: date,
    operating_reset_at: resetAt,
    operating,
  };
}

export function toAnswer(refusal: MethodRefusal, now: Clock): Answer & { refused: string } {
  const { status, code, message, resetAt } = refusal;
  return {
    status,
    body: {
      error: code,
      error_description: message,
      ...(resetAt !== undefined && { time: timeOf(now, { operating: 480, resetAt }) }),
    },
    refused: message ? `${code || 'no code'}: ${message}` : code,
  };
}

/** PHP encodes an empty map as an empty list. */
export function phpMap(entries: [string, unknown][]): object {
  return entries.length === 0 ? [] : Object.fromEntries(entries);
}
