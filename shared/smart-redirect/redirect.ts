import { v7 as newUuid } from 'uuid';

import { AsteriskError } from '../asterisk/asterisk-error.ts';
import type { Box } from '../asterisk/box.ts';
import { deadlineIn } from '../asterisk/pool.ts';
import type { Pool } from '../db.ts';
import { log } from '../lambda/log.ts';
import { count } from '../lambda/metrics.ts';
import { report } from '../lambda/report.ts';
import type { Moved, Mover } from './move.ts';
import {
  type ContinueReason,
  type Finder,
  type Finding,
  type Person,
  whyNobody,
} from './responsible.ts';
import { type Enterprise, saveRedirect } from './smart-redirect.sql.ts';
import type { CallName } from './waiting-channel.ts';

export type IncomingCall = CallName & {
  /** Digits; empty when hidden. */
  phone: string;
  trunk: string | null;
  askedBy: 'endpoint' | 'event';
};

export type RedirectResult =
  | {
      action: 'redirected';
      manager: string;
      source: Person['source'];
      cached: boolean;
      took_ms: number;
      warning?: string;
    }
  | { action: 'continue'; reason: ContinueReason };

type Dependencies = {
  db: Pool;
  finder: Finder;
  mover: Mover;
  loadBox: (enterpriseNumber: string) => Promise<Box>;
};

/** For everything: the caller hears nothing but ringing meanwhile. */
const TOTAL_MS = 5_000;

/**
 * Brings a waiting call to the manager who looks after the caller. Whatever fails, the answer is that the call goes on;
 * it never throws.
 */
export function createRedirect({ db, finder, mover, loadBox }: Dependencies) {
  return async function redirect(
    enterprise: Enterprise,
    call: IncomingCall,
  ): Promise<RedirectResult> {
    const began = performance.now();
    const tookMs = () => Math.round(performance.now() - began);
    const limit = { deadline: deadlineIn(TOTAL_MS) };
    const ids = { enterprise: enterprise.number, askedBy: call.askedBy };
    let finding: Finding | undefined;
    let person: Person | null = null;
    let warning: string | null = null;

    const decide = async (): Promise<RedirectResult> => {
      if (!enterprise.active || enterprise.settings.mode === 'off') return goesOn('disabled');
      log.info('redirect.requested', ids);
      // The box is reached while the CRMs are asked.
      const box = reach(enterprise, limit.deadline);
      finding = await finder.find(enterprise, call.phone);
      log.info('redirect.looked_up', { ...ids, cached: finding.cached, tookMs: tookMs() });
      person = finding.person;
      if (!person) return goesOn(whyNobody(finding));

      let moved = await moveTo(person, box);
      if (moved.outcome === 'manager_unreachable') {
        const other = await finder.fallback(enterprise, call.phone);
        if (other && other.extension !== person.extension) {
          person = other;
          moved = await moveTo(other, box);
        }
      }
      if (moved.outcome !== 'moved') return goesOn(moved.outcome);
      warning = moved.warning;
      const { extension: manager, source } = person;
      const result = { action: 'redirected' as const, manager, source, took_ms: tookMs() };
      return { ...result, cached: finding.cached, ...(warning !== null && { warning }) };
    };

    const moveTo = async ({ extension }: Person, box: Promise<Box>): Promise<Moved> =>
      mover.move({
        box: await box,
        call,
        extension,
        settings: enterprise.settings,
        patient: call.askedBy === 'event',
        limit,
      });

    const result = await decide().catch(async (error: unknown): Promise<RedirectResult> => {
      if (!(error instanceof AsteriskError)) await report('redirect failed', error, ids);
      warning = error instanceof AsteriskError ? error.message : 'Internal error';
      return goesOn('asterisk_error');
    });

    const { action } = result;
    const reason = action === 'continue' ? result.reason : null;
    count('trunkline_redirects_total', { action, reason: reason ?? 'none' });
    const said = { ...ids, action, reason, tookMs: tookMs() };
    if (action === 'redirected') log.info('redirect.accepted', said);
    else log.info('redirect.continued', { ...said, problem: warning });
    const { extension = null, name = null, source = null } = (person as Person | null) ?? {};
    await saveRedirect(db, {
      id: newUuid(),
      enterpriseNumber: enterprise.number,
      ...call,
      action,
      reason,
      manager: extension,
      managerName: name,
      source,
      cached: finding?.cached ?? false,
      lookups: finding?.lookups ?? [],
      warning,
      tookMs: tookMs(),
    }).catch((error: unknown) => report('redirect not written down', error, ids));
    return result;
  };

  /** A box that cannot be reached is told of when it is needed. */
  function reach({ number, settings }: Enterprise, deadline: number): Promise<Box> {
    const box = loadBox(number);
    const prepared = box.then((known) => mover.prepare(known, settings, { deadline }));
    const ready = Promise.all([box, prepared]).then(([known]) => known);
    ready.catch(() => {});
    return ready;
  }
}
export type Redirect = ReturnType<typeof createRedirect>;

const goesOn = (reason: ContinueReason): RedirectResult => ({ action: 'continue', reason });
