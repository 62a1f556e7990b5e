import type { OutboundAnswer } from '../../outbound.ts';
import { VendorFailure } from '../failure.ts';
import { Problem } from './schema.ts';

/** A request that amoCRM understood and declined, with its own explanation. */
export class Refused extends VendorFailure {
  readonly problem: Problem;

  constructor(problem: Problem, httpStatus: number) {
    super('permanent', `amoCRM отклонила запрос: ${explain(problem)}`, { httpStatus });
    this.problem = problem;
  }

  /** Nobody in the account has this number. */
  get unknownNumber(): boolean {
    return this.problem.errors.some(({ title }) => /entity not found/i.test(title ?? ''));
  }

  /** It is only the person that amoCRM does not know. */
  get unknownUser(): boolean {
    const paths = this.problem['validation-errors'].flatMap(({ errors }) =>
      errors.map(({ path }) => path),
    );
    return (
      paths.length > 0 &&
      paths.every((path) => /(responsible_user_id|call_responsible|created_by)$/.test(path))
    );
  }
}

/**
 * Why an answer is no success; `undefined` when it is one. Only bodies of understood requests are read: limits, blocks
 * and gateways may answer with a page. `mayHaveWorked` tells what the request would have changed by then.
 */
export function refusalIn(
  { status, headers, text }: OutboundAnswer,
  mayHaveWorked: boolean,
): VendorFailure | undefined {
  const problem = readProblem(text);
  const said = problem && explain(problem);
  const because = said ? `: ${said}` : '';
  const failure = (
    failureClass: VendorFailure['failureClass'],
    message: string,
    maybeApplied = false,
  ) =>
    new VendorFailure(failureClass, message, {
      httpStatus: status,
      maybeApplied,
      retryAfterSeconds: Number(headers['retry-after']) || undefined,
    });
  switch (status) {
    case 401:
      return failure('auth', `amoCRM не приняла токен доступа${because}`);
    case 402:
      return failure('auth', 'Аккаунт amoCRM не оплачен');
    case 403:
      return failure(
        'auth',
        `amoCRM закрыла доступ (интеграция отключена или адрес заблокирован)${because}`,
      );
    case 429:
      return failure('limit', 'amoCRM ограничила частоту запросов');
  }
  if (status >= 500) return failure('retry', `Ошибка на стороне amoCRM (${status})`, mayHaveWorked);
  if (status < 300) return undefined;
  if (!problem) return failure('retry', 'amoCRM ответила не в формате JSON');
  return new Refused(problem, status);
}

/** What a problem says, with the fields it names. Never a value that we sent. */
export function explain({ title, detail, hint, errors, ...rest }: Problem): string {
  const fields = rest['validation-errors'].flatMap((entry) =>
    entry.errors.map(({ path, detail: why }) => `${path}: ${why}`),
  );
  const titles = errors.flatMap((error) => error.title ?? []);
  return [detail ?? title, hint, ...fields, ...titles].filter(Boolean).join('; ');
}

function readProblem(text: string): Problem | undefined {
  const parsed = Problem.safeParse(parseJson(text));
  return parsed.success ? parsed.data : undefined;
}

/** `undefined` for what is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
