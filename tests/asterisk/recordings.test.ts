import { createHash } from 'node:crypto';
import {
  chmodSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { deadlineIn } from '../../shared/asterisk/pool.ts';
import { createTracker } from '../../shared/calls/tracker.ts';
import { copyFile } from '../../shared/recordings/copy-file.ts';
import { createLateCalls } from '../../shared/recordings/late-calls.ts';
import { createLook } from '../../shared/recordings/look-at-box.ts';
import { createPartBuffers } from '../../shared/recordings/part-buffers.ts';
import { createRemoteFiles } from '../../shared/recordings/remote-files.ts';
import { createStore, type Store } from '../../shared/recordings/store.ts';
import { createTying } from '../../shared/recordings/tie.ts';
import { tone, wavHeader } from '../peers/sftp-files.ts';
import { insertEnterprise, NUMBER, useDatabase } from '../support/database.ts';
import { createFakeQueue } from '../support/queues.ts';
import { storageSettings } from '../support/storage.ts';
import { cli } from './real-box.ts';
import { boxOf, hangUpAll, newPool, realBox, theBox, until } from './world.ts';

const MB = 1024 * 1024;
const FOLDER = '/var/spool/asterisk/monitor';
const onHost = (name: string) => path.join(theBox().folder, 'root', FOLDER, name);
const hashOf = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

describe.skipIf(!realBox)('recordings of a real box, over OpenSSH', () => {
  const { db } = useDatabase();
  const pool = newPool();
  const queue = createFakeQueue();
  const store = createStore(storageSettings({ bucket: `real-box-${process.pid}` }));
  const look = ({ into = store, later = 0 } = {}) => {
    const tracker = createTracker({ db, crm: queue, telegram: queue, live: queue });
    return createLook({
      db,
      store: into,
      buffers: createPartBuffers(),
      asterisk: pool,
      boxOf: async () => boxOf(),
      lateCalls: createLateCalls({ db, tracker }),
      tie: createTying({ db, crm: queue }),
      clock: () => new Date(Date.now() + later),
    })({ enterpriseNumber: NUMBER });
  };
  const recordings = () => db`
    select unique_id, state, key, size::int, sha256, duration_seconds, call_id is not null as tied
    from recordings order by box_path`;

  beforeAll(() => store.ensureBucket());
  beforeEach(async () => {
    clearFolder();
    rmSync(path.join(theBox().folder, 'root/var/log/asterisk/cdr-csv/Master.csv'), { force: true });
    await insertEnterprise(db);
  });
  afterEach(async () => {
    clearFolder();
    await db`truncate enterprises, recordings, call_events, call_links, call_legs, calls cascade`;
  });
  afterAll(() => pool.close());

  test('what Asterisk records is left alone while it lasts, then copied whole, and makes its lost call', async () => {
    await cli(
      theBox(),
      'channel originate LOCAL/151@inoffice application Dial LOCAL/375291110001@inoffice',
    );
    const recorded = await until(
      async () => readdirSync(onHost('.')).find((name) => statSync(onHost(name)).size > 16_000),
      { what: 'a second of recording' },
    );
    expect(await look()).toMatchObject({ open: 1 });
    expect(await recordings()).toEqual([]);

    await hangUpAll();
    await until(async () => (await look())['stored'] === 1, { what: 'the copy' });
    const bytes = readFileSync(onHost(recorded));
    const [row] = await recordings();
    expect(row).toMatchObject({
      uniqueId: recorded.replace('.wav', ''),
      state: 'stored',
      size: bytes.length,
      sha256: hashOf(bytes),
    });
    expect(hashOf(await read(store, String(row?.['key'])))).toBe(hashOf(bytes));

    // No event of this call ever came: after a while the box's own list tells of it.
    expect(await look({ later: 11 * 60_000 })).toMatchObject({ callsOfCdr: 1, tied: 1 });
    expect(await recordings()).toMatchObject([{ tied: true }]);
    expect(
      await db`select source, direction, status, phone, line, last_talked_by from calls`,
    ).toEqual([
      {
        source: 'downloaded',
        direction: 'out',
        status: 'answered',
        phone: '375291110001',
        line: '0001367',
        lastTalkedBy: '151',
      },
    ]);
  });

  test('a connection that is cut in the middle costs nothing: the next look copies the rest once', async () => {
    const bytes = Buffer.concat([tone(0), Buffer.alloc(64 * MB, 7)]);
    wavHeader(bytes.length - 44).copy(bytes);
    put('1757840723.6.wav', bytes);
    const cutting: Store = {
      ...store,
      async beginUpload(...parameters) {
        const upload = await store.beginUpload(...parameters);
        const putPart = async (...part: Parameters<typeof upload.putPart>) => {
          pool.close();
          await upload.putPart(...part);
        };
        return { ...upload, putPart };
      },
    };
    await look({ into: cutting });
    expect(await recordings()).toEqual([]);
    expect(await look()).toMatchObject({ stored: 1 });
    expect(await look()).toMatchObject({ found: 0 });
    expect(await recordings()).toMatchObject([{ state: 'stored', sha256: hashOf(bytes) }]);
    expect(readFileSync(onHost('1757840723.6.wav')).length).toBe(bytes.length);
  });

  test('2 GB come over in flat memory', { timeout: 180_000 }, async () => {
    put('1757840723.7.wav', wavHeader(2048 * MB - 44));
    truncateSync(onHost('1757840723.7.wav'), 2048 * MB);
    const buffers = createPartBuffers();
    const before = process.memoryUsage();
    const largest = { ...before };
    const watching = setInterval(() => {
      const { rss, arrayBuffers } = process.memoryUsage();
      largest.rss = Math.max(largest.rss, rss);
      largest.arrayBuffers = Math.max(largest.arrayBuffers, arrayBuffers);
    }, 20);
    const copied = await pool.sftp(
      boxOf(),
      async (sftp) => {
        const files = createRemoteFiles(sftp);
        const file = await files.stat(`${FOLDER}/1757840723.7.wav`);
        if (!file) throw new Error('the file is not there');
        return copyFile(
          { files, store: swallowing(file.size), buffers },
          { file, key: 'large', object: { contentType: 'audio/wav' } },
        );
      },
      { deadline: deadlineIn(170_000) },
    );
    clearInterval(watching);
    expect(copied.size).toBe(2048 * MB);
    expect((largest.rss - before.rss) / MB).toBeLessThan(96);
    const parts = buffers.count() * buffers.bytes;
    expect((largest.arrayBuffers - before.arrayBuffers - parts) / MB).toBeLessThan(4);
  });

  function put(name: string, bytes: Buffer): void {
    writeFileSync(onHost(name), bytes);
    chmodSync(onHost(name), 0o644);
  }

  function clearFolder(): void {
    for (const name of readdirSync(onHost('.'))) rmSync(onHost(name), { recursive: true });
  }
});

async function read(store: Store, key: string): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of await store.get(key)) parts.push(part);
  return Buffer.concat(parts);
}

/** The store of this machine would keep 2 GB in memory itself; its own tests are elsewhere. */
function swallowing(size: number): Store {
  const upload = { putPart: async () => {}, complete: async () => {}, abort: async () => {} };
  return { beginUpload: async () => upload, head: async () => ({ size }) } as unknown as Store;
}
