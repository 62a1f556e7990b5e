/** What went wrong between us and a box. `message` is a plain sentence without secrets; `hint` says what to look at. */

export type AsteriskProblem =
  /** No connection: refused, no route, no such name, cut before the handshake. */
  | 'unreachable'
  /** Nobody answered in time. Nothing was carried out. */
  | 'timeout'
  | 'authentication_refused'
  | 'host_key_changed'
  | 'not_running'
  /** It answers, but has not loaded its commands yet. */
  | 'booting'
  /** Asterisk answered that it will not. */
  | 'command_refused'
  /** The command was written and the answer was lost: it may or may not have been carried out. Never tried again. */
  | 'outcome_unknown';

const SENTENCE: Record<AsteriskProblem, string> = {
  unreachable: 'SSH command failed: Connection refused',
  timeout: 'SSH command failed: Connection timeout',
  authentication_refused: 'SSH command failed: Authentication refused',
  host_key_changed: 'SSH command failed: Host key changed',
  not_running: 'Asterisk is not running',
  booting: 'Asterisk is still starting',
  command_refused: 'Asterisk refused the command',
  outcome_unknown: 'SSH command failed: Connection lost, the outcome is unknown',
};

/** The only error of `shared/asterisk/` for what a box or the way to it does. */
export class AsteriskError extends Error {
  override readonly name = 'AsteriskError';
  readonly problem: AsteriskProblem;

  /** With host_key_changed: the fingerprint that was shown. */
  readonly offeredKey: string | undefined;

  constructor(
    problem: AsteriskProblem,
    message = SENTENCE[problem],
    cause?: unknown,
    offeredKey?: string,
  ) {
    super(message, { cause });
    this.problem = problem;
    this.offeredKey = offeredKey;
  }
}
