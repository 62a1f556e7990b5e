import { type BoxDefaults, loadBox, pinHostKey } from '../asterisk/boxes.sql.ts';
import { createPool } from '../asterisk/pool.ts';
import { createTracker } from '../calls/tracker.ts';
import type { Pool } from '../db.ts';
import { log } from '../lambda/log.ts';
import type { Queue } from '../queue.ts';
import { createSecretBox } from '../secrets.ts';
import { createConverter } from './convert.ts';
import { createLateCalls } from './late-calls.ts';
import { createLook } from './look-at-box.ts';
import type { RecordingsMessage } from './messages.ts';
import { createPartBuffers } from './part-buffers.ts';
import { storeSettings } from './sign.ts';
import { createStore } from './store.ts';
import { createTying } from './tie.ts';

type Dependencies = {
  env: Parameters<typeof storeSettings>[0] & BoxDefaults & { ENCRYPTION_KEY: string };
  db: Pool;
  crm: Pick<Queue, 'sendAll'>;
  telegram: Pick<Queue, 'sendAll'>;
  live: Pick<Queue, 'sendAll'>;
};

/** Everything a look at a box needs, put together. */
export function createFetch({ env, db, crm, telegram, live }: Dependencies) {
  const access = { secrets: createSecretBox(env.ENCRYPTION_KEY), defaults: env };
  const store = createStore(storeSettings(env));
  const look = createLook({
    db,
    store,
    buffers: createPartBuffers(),
    asterisk: createPool({ pin: (number, fingerprint) => pinHostKey(db, number, fingerprint) }),
    boxOf: (number) => loadBox(db, number, access),
    lateCalls: createLateCalls({ db, tracker: createTracker({ db, crm, telegram, live }) }),
    tie: createTying({ db, crm }),
    convert: createConverter({ db, store }),
  });

  return async (message: RecordingsMessage): Promise<void> => {
    const counts = await look(message);
    log.info('box looked through', { enterprise: message.enterpriseNumber, counts });
  };
}
