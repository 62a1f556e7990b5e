import { readEnv } from '../env.ts';
import { log } from './log.ts';
import { count } from './metrics.ts';
import { scrub } from './scrub.ts';

const { SENTRY_DSN, SENTRY_RELEASE, IS_OFFLINE } = readEnv([
  'SENTRY_DSN',
  'SENTRY_RELEASE',
  'IS_OFFLINE',
]);
const FLUSH_MS = 2_000;

// The local API gateway runs functions in threads and would die of a late rejection that Lambda survives.
if (IS_OFFLINE) {
  process.on('unhandledRejection', (error) => log.error('unhandled rejection', { error }));
  process.on('uncaughtException', (error) => log.error('uncaught exception', error));
}

/**
 * Logs a failure that somebody has to look at, and sends it to Sentry when that is configured.
 * Sentry is loaded here and not at the top: it costs 70 to 110 ms of every cold start.
 */
export async function report(message: string, error: unknown, ids: Record<string, string> = {}) {
  log.error(message, { ...ids, error: error instanceof Error ? error : new Error(String(error)) });
  count('trunkline_failures_total');
  if (!SENTRY_DSN) return;
  try {
    const Sentry = await import('@sentry/serverless');
    if (!Sentry.isInitialized()) {
      Sentry.init({
        dsn: SENTRY_DSN,
        ...(SENTRY_RELEASE !== undefined && { release: SENTRY_RELEASE }),
        sendDefaultPii: false,
        defaultIntegrations: false,
        beforeSend: scrub,
      });
    }
    Sentry.captureException(error, { tags: ids, extra: { message } });
    await Sentry.flush(FLUSH_MS);
  } catch (failure) {
    log.error('could not report to Sentry', {
      error: failure instanceof Error ? failure : undefined,
    });
  }
}
