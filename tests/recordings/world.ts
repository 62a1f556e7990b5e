import type { SFTPWrapper } from 'ssh2';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import * as z from 'zod';

import { loadBox, pinHostKey } from '../../shared/asterisk/boxes.sql.ts';
import { createPool } from '../../shared/asterisk/pool.ts';
import { createTracker } from '../../shared/calls/tracker.ts';
import type { Pool } from '../../shared/db.ts';
import { createLateCalls } from '../../shared/recordings/late-calls.ts';
import { createLook } from '../../shared/recordings/look-at-box.ts';
import { createPartBuffers } from '../../shared/recordings/part-buffers.ts';
import { createStore, type Store } from '../../shared/recordings/store.ts';
import { createTying } from '../../shared/recordings/tie.ts';
import { serveSftp } from '../peers/asterisk-sftp.ts';
import { createAsterisk } from '../peers/asterisk.ts';
import { createBoxFiles } from '../peers/sftp-files.ts';
import { insertEnterprise, NUMBER, secrets } from '../support/database.ts';
import { createFakeQueue } from '../support/queues.ts';
import { storageSettings } from '../support/storage.ts';

export const FOLDER = '/var/spool/asterisk/monitor';
export const CDR = '/var/log/asterisk/cdr-csv/Master.csv';
export const DEFAULTS = {
  ASTERISK_SSH_PORT: 5059,
  ASTERISK_SSH_USER: 'root',
  ASTERISK_SSH_PASSWORD: undefined,
  ASTERISK_SSH_KEY: undefined,
};

const Row = z.looseObject({
  state: z.string(),
  key: z.string(),
  size: z.coerce.number(),
  sha256: z.string().nullable(),
  truncated: z.boolean(),
  durationSeconds: z.number().nullable(),
  boxPath: z.string().nullable(),
  boxDeletedAt: z.date().nullable(),
  callId: z.string().nullable(),
});

/** A box behind a real SSH server, a real S3 API, and the enterprise between them; everything anew for each test. */
export function useBox(db: Pool) {
  const files = createBoxFiles();
  const crm = createFakeQueue();
  const other = createFakeQueue();
  const pool = createPool({ pin: (number, fingerprint) => pinHostKey(db, number, fingerprint) });
  const box = createAsterisk({
    now: Date.now,
    sftp: (accept) => serveSftp(accept() as SFTPWrapper, files, () => box.ssh.cutAll()),
  });
  const buffers = createPartBuffers();
  const tracker = createTracker({ db, crm, telegram: other, live: other });
  const tie = createTying({ db, crm });
  let port = 0;
  let prefix = 0;
  let store: Store;

  beforeAll(async () => {
    port = await box.listen({ arrive: () => ({}), judge() {}, close() {}, touch() {} } as never, 0);
  });
  afterAll(async () => {
    pool.close();
    await box.close();
  });
  beforeEach(async () => {
    prefix += 1;
    store = createStore(storageSettings({ bucket: `box-${process.pid}-${prefix}-${port}` }));
    await insertEnterprise(db);
    await setUp({});
  });
  afterEach(async () => {
    files.reset();
    crm.messages.length = 0;
    box.account(NUMBER).mode = 'ok';
    await db`
      truncate enterprises, recordings, recording_deletions, call_events, call_links, call_legs, calls cascade`;
  });

  async function setUp(recordings: Record<string, unknown>): Promise<void> {
    await db`
      update enterprises
      set ip = '127.0.0.1', ssh_port = ${port}, ssh_credentials = ${secrets.seal('demo-asterisk-0367')},
          recordings = ${db.json(JSON.parse(JSON.stringify(recordings)))}
      where number = ${NUMBER}`;
  }

  return {
    files,
    box,
    crm,
    tracker,
    tie,
    setUp,
    store: () => store,
    look(changed: { store?: Store; uniqueId?: string; limitMs?: number; clock?: () => Date } = {}) {
      const { uniqueId, ...rest } = changed;
      const look = createLook({
        db,
        store,
        buffers,
        asterisk: pool,
        boxOf: (number) => loadBox(db, number, { secrets, defaults: DEFAULTS }),
        lateCalls: createLateCalls({ db, tracker }),
        tie,
        ...rest,
      });
      return look({ enterpriseNumber: NUMBER, ...(uniqueId && { uniqueId }) });
    },
    async rows() {
      const rows = await db`
        select state, key, size, sha256, truncated, duration_seconds, box_path, box_deleted_at, call_id
        from recordings order by box_path, key`;
      return Row.array().parse([...rows]);
    },
    async objects() {
      await store.ensureBucket();
      const found: { key: string; size: number }[] = [];
      for await (const page of store.list('')) found.push(...page);
      return found;
    },
    async object(key: string): Promise<Buffer> {
      const parts: Uint8Array[] = [];
      for await (const part of await store.get(key)) parts.push(part);
      return Buffer.concat(parts);
    },
    async problem(): Promise<string | null> {
      const [row] =
        await db`select problem from recording_syncs where enterprise_number = ${NUMBER}`;
      return z.object({ problem: z.string().nullable() }).parse(row).problem;
    },
  };
}
