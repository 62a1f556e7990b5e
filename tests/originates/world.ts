import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';

import { asteriskRoutes } from '../../shared/asterisk/asterisk.routes.ts';
import type { BoxAccess } from '../../shared/asterisk/boxes.sql.ts';
import { pinHostKey } from '../../shared/asterisk/boxes.sql.ts';
import { createPool, type Pool as Boxes } from '../../shared/asterisk/pool.ts';
import type { Pool } from '../../shared/db.ts';
import { originateRoutes } from '../../shared/originates/originate.routes.ts';
import { createOriginate } from '../../shared/originates/originate.ts';
import { type Asked, createAsking } from '../auth/asking.ts';
import { type Peers, startPeers } from '../peers/server.ts';
import { insertEnterprise, NUMBER, secrets } from '../support/database.ts';

export const SECRET = `secret-${NUMBER}`;
const PASSWORD = 'demo-asterisk-0367';

/** The demo enterprise with a simulated box behind real SSH; nothing is left of the last test. */
export function useBox(db: Pool) {
  let peers: Peers;
  let port = 0;
  let boxes: Boxes;
  const access: BoxAccess = {
    secrets,
    defaults: {
      ASTERISK_SSH_PORT: 5059,
      ASTERISK_SSH_USER: 'root',
      ASTERISK_SSH_PASSWORD: undefined,
      ASTERISK_SSH_KEY: undefined,
    },
  };

  beforeAll(async () => {
    peers = await startPeers({ port: 0, asterisk: { port: 0 } });
    port = peers.asterisk.port();
  });
  afterAll(async () => {
    await peers.close();
  });
  beforeEach(async () => {
    // As a new instance: one that was refused does not ask again for a minute.
    boxes = createPool({ pin: (number, fingerprint) => pinHostKey(db, number, fingerprint) });
    peers.asterisk.reset();
    await db`truncate enterprises, rate_buckets, operator_alerts, telegram_updates cascade`;
    await insertEnterprise(db);
    await db`
      update enterprises
      set ip = '127.0.0.1', ssh_port = ${port}, ssh_credentials = ${secrets.seal(PASSWORD)}
      where number = ${NUMBER}`;
  });

  afterEach(() => boxes.close());

  return {
    access,
    get boxes() {
      return boxes;
    },
    get originate() {
      return createOriginate({ db, boxes, access });
    },
    get asterisk() {
      return peers.asterisk;
    },
    get account() {
      return peers.asterisk.account(NUMBER);
    },
  };
}

/** People and programs who click, and what became of the last click. */
export function useClicks(db: Pool, world: ReturnType<typeof useBox>) {
  const ask = (asked: Asked) =>
    createAsking(db, [
      ...originateRoutes({ db, originate: world.originate }),
      ...asteriskRoutes({ db, boxes: world.boxes, access: world.access }),
    ])(asked);
  return {
    ask,
    click: (query: Record<string, string> = {}) =>
      ask({
        path: '/api/makecallexternal',
        query: { code: '150', phone: '+375291110001', clientId: SECRET, ...query },
      }),
    row: async () => (await db`select * from originates order by requested_at desc limit 1`)[0],
  };
}
