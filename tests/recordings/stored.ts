import { v7 as newUuid } from 'uuid';
import { afterEach, beforeAll, beforeEach } from 'vitest';

import type { Pool } from '../../shared/db.ts';
import { recordingLinkRoutes } from '../../shared/recordings/link.routes.ts';
import { recordingRoutes } from '../../shared/recordings/recordings.routes.ts';
import { createSigner } from '../../shared/recordings/sign.ts';
import { createStore } from '../../shared/recordings/store.ts';
import { type Asked, createAsking } from '../auth/asking.ts';
import { insertLogin, startSession } from '../auth/people.ts';
import { tone } from '../peers/sftp-files.ts';
import { insertEnterprise, NUMBER } from '../support/database.ts';
import { createFakeQueue } from '../support/queues.ts';
import { storageSettings } from '../support/storage.ts';

export const PUBLIC_URL = 'https://calls.example.com';
export const FILE = `${'F'.repeat(22)}.wav`;
export const CALL_FILE = `${'C'.repeat(22)}.wav`;
const DAY_MS = 86_400_000;

type Made = {
  callId?: string;
  file?: string;
  bytes?: Buffer;
  daysAgo?: number;
  hold?: boolean;
  uniqueId?: string;
  seconds?: number;
  key?: string;
};

/** A real S3 API with a bucket of its own, one enterprise, and its routes; empty for each test. */
export function useRecordings(db: Pool, bucket: string) {
  const storage = storageSettings({ bucket });
  const store = createStore(storage);
  const signer = createSigner(storage);
  const crm = createFakeQueue();
  const ask = createAsking(db, [
    ...recordingRoutes({ db, storage, crm, publicUrl: PUBLIC_URL }),
    ...recordingLinkRoutes({ db, signer }),
  ]);
  let sessions = { own: '', super: '' };
  let serial = 0;

  beforeAll(() => store.ensureBucket());
  beforeEach(async () => {
    await insertEnterprise(db);
    sessions = {
      own: await startSession(db, await insertLogin(db, `own-${newUuid()}`, NUMBER)),
      super: await startSession(db, await insertLogin(db, `super-${newUuid()}`)),
    };
  });
  afterEach(async () => {
    crm.messages.length = 0;
    await db`
      truncate enterprises, recordings, recording_deletions, calls, call_legs, recording_orphans, recording_orphan_days
      cascade`;
  });

  return {
    storage,
    store,
    signer,
    ask,
    /** As the enterprise's own admin. */
    askAsAdmin: (asked: Asked) => ask({ session: sessions.own, ...asked }),
    askAsSuperadmin: (asked: Asked) => ask({ session: sessions.super, ...asked }),
    insertCall: async ({
      minutesAgo = 60,
      phone = '375291110001',
      uniqueId = '1757840723.6',
    } = {}): Promise<string> => {
      const id = newUuid();
      const startedAt = new Date(Date.now() - minutesAgo * 60_000);
      await db`
        insert into calls (id, enterprise_number, main_unique_id, direction, status, phone, rang, last_talked_by,
          started_at, answered_at, ended_at, last_event_at, recording_file)
        values (${id}, ${NUMBER}, ${uniqueId}, 'in', 'answered', ${phone}, '{150}', '150', ${startedAt}, ${startedAt},
          ${startedAt}, ${startedAt}, ${CALL_FILE})`;
      await db`
        insert into call_legs (enterprise_number, unique_id, call_id)
        values (${NUMBER}, ${uniqueId}, ${id})`;
      return id;
    },
    insertRecording: async (made: Made = {}) => {
      serial += 1;
      const { callId = null, bytes = tone(1), daysAgo = 0, hold = false, seconds = 1 } = made;
      const { uniqueId = `1757840723.${serial}` } = made;
      const { file = `${String(serial).padStart(22, '0')}.wav` } = made;
      const { key = `call-recordings/2025/01/01/${NUMBER}/call_${uniqueId}.wav` } = made;
      const id = newUuid();
      const startedAt = new Date(Date.now() - daysAgo * DAY_MS - 60_000);
      await store.put(key, bytes, { contentType: 'audio/wav' });
      await db`
        insert into recordings (id, enterprise_number, unique_id, call_id, source, state, file, key, content_type, size,
          duration_seconds, started_at, stored_at, hold)
        values (${id}, ${NUMBER}, ${uniqueId}, ${callId}, 'upload', 'stored', ${file}, ${key}, 'audio/wav',
          ${bytes.length}, ${seconds}, ${startedAt}, now(), ${hold})`;
      return { id, key, file };
    },
  };
}
