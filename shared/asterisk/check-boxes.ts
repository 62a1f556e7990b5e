import type { Pool as Db } from '../db.ts';
import { endAlert, raiseAlert } from '../integrations/alerts.sql.ts';
import type { Counts } from '../lambda/schedule.ts';
import { endSilentOriginates } from '../originates/originates.sql.ts';
import type { Box } from './box.ts';
import { type BoxAccess, listBoxes } from './boxes.sql.ts';
import { inspectBox } from './inspect.ts';
import type { Pool } from './pool.ts';

type Dependencies = {
  db: Db;
  boxes: Pick<Pool, 'run' | 'readClock'>;
  access: BoxAccess;
  /** Tells the operator. */
  alert: (key: string, text: string) => Promise<void>;
  clock?: () => Date;
};

const AT_ONCE = 10;

/** Looks at every box, and ends the clicks that nobody will tell more of. */
export function createBoxCheck(dependencies: Dependencies) {
  const { db, boxes, access, alert, clock = () => new Date() } = dependencies;

  return async function checkBoxes(): Promise<Counts> {
    const waiting = await listBoxes(db, access);
    const counts = { boxes: waiting.length, seen: 0, unseen: 0 };
    const worker = async (): Promise<void> => {
      for (let box = waiting.shift(); box; box = waiting.shift()) {
        const { problem, kind, offeredHostKey } = await inspectBox(db, boxes, box);
        if (problem === null) counts.seen += 1;
        else counts.unseen += 1;
        // A box that was not reached has not shown its key.
        if (kind === 'host_key_changed') await warn(box, offeredHostKey);
        else if (kind === null) await calm(box);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
    return { ...counts, silentOriginates: await endSilentOriginates(db) };
  };

  async function warn({ enterpriseNumber, host }: Box, offered: string | null): Promise<void> {
    const key = `host-key:${enterpriseNumber}`;
    const what = `${enterpriseNumber}: ключ SSH у АТС ${host}`;
    const recovery = `✅ ${what} снова известен`;
    if (!(await raiseAlert(db, { key, enterpriseNumber, recovery }))) return;
    const text = `⛔ ${what} сменился (${offered ?? '?'}). Команды на неё не отправляются, пока новый ключ не принят в админке.`;
    await alert(`${key}:${clock().getTime()}`, text);
  }

  async function calm({ enterpriseNumber, host }: Box): Promise<void> {
    const key = `host-key:${enterpriseNumber}`;
    if (!(await endAlert(db, key))) return;
    const text = `✅ ${enterpriseNumber}: ключ SSH у АТС ${host} снова известен`;
    await alert(`${key}:over:${clock().getTime()}`, text);
  }
}
