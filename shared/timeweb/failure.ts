/**
 * What went wrong. `limited`: too many requests, still so after the retries. `malformed`: an answer that is none.
 * `down`: no answer, or the vendor's own fault.
 */
export type TimewebProblem =
  | 'unauthorized'
  | 'forbidden'
  | 'not_found'
  | 'refused'
  | 'limited'
  | 'malformed'
  | 'down';

const SENTENCES: Record<TimewebProblem, string> = {
  unauthorized: 'Timeweb не принял токен: проверьте TIMEWEB_API_TOKEN',
  forbidden: 'Timeweb не разрешает это действие с таким токеном',
  not_found: 'В Timeweb такого нет',
  refused: 'Timeweb отклонил запрос',
  limited: 'Timeweb отвечает, что запросов слишком много. Попробуйте через минуту',
  malformed: 'Timeweb ответил в непонятном виде',
  down: 'Timeweb не отвечает',
};

type Details = { status?: number; said?: string | undefined; cause?: unknown };

/** Timeweb did not do what it was asked. `message` is a plain sentence for the admin; `said` are its own words. */
export class TimewebFailure extends Error {
  override readonly name = 'TimewebFailure';
  readonly problem: TimewebProblem;
  /** 0 when there was no answer. */
  readonly status: number;

  constructor(problem: TimewebProblem, { status = 0, said, cause }: Details = {}) {
    super(said ? `${SENTENCES[problem]}: ${said}` : SENTENCES[problem], { cause });
    this.problem = problem;
    this.status = status;
  }
}
