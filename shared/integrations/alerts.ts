import { TITLES } from '../crm/config.ts';
import { INTEGRATION_TYPES } from '../crm/crm.schema.ts';
import type { Pool } from '../db.ts';
import { log } from '../lambda/log.ts';
import type { Counts } from '../lambda/schedule.ts';
import type { Queue } from '../queue.ts';
import {
  type Alert,
  countAttempts,
  endAlert,
  listAlerts,
  listPaused,
  raiseAlert,
  type Tried,
} from './alerts.sql.ts';

type Tell = (key: string, text: string) => Promise<void>;

type Dependencies = {
  db: Pool;
  /** Tells the operator. */
  alert: Tell;
  /** By the name that the operator knows them by. */
  queues: Record<string, Pick<Queue, 'deadLetters'>>;
  clock?: () => Date;
};

const WINDOW = '15 minutes';
const FEWEST_ATTEMPTS = 20;
const WORST_RATE = 0.1;

/** Something the operator should know: it is so, it is not (any more), or nobody can say at the moment. */
type Finding = Alert & { text: string; isSo: boolean };

/** Looks for what the operator should know. He gets one message when something begins and one when it is over. */
export function createAlertCheck({ db, alert, queues, clock = () => new Date() }: Dependencies) {
  return async function checkAlerts(): Promise<Counts> {
    const raised = await listAlerts(db);
    const findings = [...(await pauses()), ...(await errorRates()), ...(await deadLetters())];
    let told = 0;
    const mark = String(clock().getTime());
    for (const { isSo, ...finding } of findings) {
      if (isSo && (await tellOnce({ db, alert }, finding, mark))) told += 1;
    }
    const over = (key: string): boolean => findings.some((one) => one.key === key && !one.isSo);
    const stillPaused = new Set(findings.map(({ key }) => key));
    for (const one of raised) {
      const { key } = one;
      const isOver = key.startsWith(PAUSED) ? !stillPaused.has(key) : over(key);
      if (isOver && (await tellOver({ db, alert }, one, mark))) told += 1;
    }
    return { alerts: told };
  };

  async function pauses(): Promise<Finding[]> {
    const paused = await listPaused(db);
    return paused.map((one) => ({ ...pauseAlert(one), isSo: true }));
  }

  /** With fewer attempts nobody can say that it has got worse, but one good quarter of an hour is a recovery. */
  async function errorRates(): Promise<Finding[]> {
    const tried = await countAttempts(db, WINDOW);
    return tried.flatMap((one) => {
      const isBad = one.errors > one.attempts * WORST_RATE;
      if (one.paused || (isBad && one.attempts < FEWEST_ATTEMPTS)) return [];
      return [{ ...errorAlert(one), isSo: isBad }];
    });
  }

  async function deadLetters(): Promise<Finding[]> {
    const found = Object.entries(queues).map(async ([name, queue]): Promise<Finding[]> => {
      const count = await queue.deadLetters().catch((error: unknown) => {
        log.warn('dead letters cannot be counted', {
          queue: name,
          error: error instanceof Error ? error : undefined,
        });
        return undefined;
      });
      return count === undefined ? [] : [{ ...deadLetterAlert(name, count), isSo: count > 0 }];
    });
    return (await Promise.all(found)).flat();
  }
}

type Telling = { db: Pool; alert: Tell };

/** Tells of what has begun, once. What cannot be told now is found again by the next check. */
export async function tellOnce(
  { db, alert }: Telling,
  { text, ...begun }: Alert & { text: string },
  mark: string,
): Promise<boolean> {
  if (!(await raiseAlert(db, begun))) return false;
  return told(alert(`${begun.key}:${mark}`, text), () => endAlert(db, begun.key));
}

async function tellOver({ db, alert }: Telling, ended: Alert, mark: string): Promise<boolean> {
  if (!(await endAlert(db, ended.key))) return false;
  return told(alert(`${ended.key}:over:${mark}`, ended.recovery), () => raiseAlert(db, ended));
}

async function told(telling: Promise<void>, undo: () => Promise<boolean>): Promise<boolean> {
  try {
    await telling;
    return true;
  } catch (error) {
    log.warn('an alert waits for the next check', {
      error: error instanceof Error ? error : undefined,
    });
    await undo();
    return false;
  }
}

const PAUSED = 'paused:';

type Integration = { enterpriseNumber: string; integrationType: string };

function titleOf({ integrationType }: Integration): string {
  const type = INTEGRATION_TYPES.find((known) => known === integrationType);
  return type ? TITLES[type] : integrationType;
}

/** Told by whoever pauses; the check finds what was not told, and the end of it. */
export function pauseAlert(integration: Integration & { pauseReason: string | null }) {
  const { enterpriseNumber, integrationType, pauseReason } = integration;
  const what = `${enterpriseNumber}: интеграция ${titleOf(integration)}`;
  return {
    key: `${PAUSED}${enterpriseNumber}:${integrationType}`,
    enterpriseNumber,
    text: `⛔ ${what} приостановлена. ${pauseReason ?? ''}`.trim(),
    recovery: `✅ ${what} больше не приостановлена`,
  };
}

function errorAlert(tried: Tried) {
  const { enterpriseNumber, integrationType, attempts, errors } = tried;
  const what = `${enterpriseNumber}: ${titleOf(tried)}`;
  return {
    key: `errors:${enterpriseNumber}:${integrationType}`,
    enterpriseNumber,
    text: `⚠️ ${what}: ошибок ${errors} из ${attempts} попыток за 15 минут`,
    recovery: `✅ ${what}: ошибок снова не больше 10 %`,
  };
}

function deadLetterAlert(queue: string, count: number) {
  return {
    key: `dead-letters:${queue}`,
    enterpriseNumber: null,
    text: `⚠️ Очередь ${queue}: сообщений, которые не удалось обработать: ${count}`,
    recovery: `✅ Очередь ${queue}: необработанных сообщений больше нет`,
  };
}
