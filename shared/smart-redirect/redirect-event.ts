import type { Pool } from '../db.ts';
import { log } from '../lambda/log.ts';
import type { RedirectMessage } from './messages.ts';
import type { Redirect } from './redirect.ts';
import { loadEnterprise } from './smart-redirect.sql.ts';

type Dependencies = { db: Pool; redirect: Redirect };

/** As long as a box holds a call; afterwards there is nothing to move. */
const WAITS_MS = 10_000;

/** Does for an event of a waiting call what the endpoint does for a request. A late one is let go. */
export function createEventRedirect({ db, redirect }: Dependencies) {
  return async ({ enterpriseNumber, ...call }: RedirectMessage): Promise<void> => {
    const ageMs = Date.now() - Date.parse(call.startedAt);
    if (ageMs > WAITS_MS) {
      log.info('redirect.late', { enterprise: enterpriseNumber, ageMs });
      return;
    }
    const enterprise = await loadEnterprise(db, { number: enterpriseNumber }, call.phone);
    if (enterprise?.settings.mode !== 'waitredirect') return;
    const { uniqueId, phone, trunk } = call;
    await redirect(enterprise, { uniqueId, phone, trunk, channel: null, askedBy: 'event' });
  };
}
