import { v7 as newUuid } from 'uuid';
import { beforeAll, beforeEach, expect, test } from 'vitest';

import { insertAttachment } from '../../shared/chat/attachments.sql.ts';
import { insertMessage } from '../../shared/chat/messages.sql.ts';
import { insertSession } from '../../shared/chat/sessions.sql.ts';
import { createClearUploads } from '../../shared/chat/unsent-uploads.ts';
import { createStore } from '../../shared/recordings/store.ts';
import { useDatabase } from '../support/database.ts';
import { storageSettings } from '../support/storage.ts';

const { db } = useDatabase();
const PDF = { contentType: 'application/pdf' };
let store: ReturnType<typeof createStore>;
let sessionId = '';

beforeAll(async () => {
  store = createStore(storageSettings());
  await store.ensureBucket();
});
beforeEach(async () => {
  await db`truncate chat_sessions cascade`;
  sessionId = newUuid();
  await insertSession(db, {
    id: sessionId,
    tokenHash: Buffer.from(sessionId),
    page: 'https://shop.example',
    referrer: null,
    locale: 'ru',
    userAgent: null,
    ip: '192.0.2.1',
  });
});

/** A file that was offered so long ago. */
async function upload(age: string, { uploaded = true, said = false } = {}): Promise<string> {
  const id = newUuid();
  const objectKey = `chat/${sessionId}/${id}`;
  const file = { fileName: 'a.pdf', contentType: PDF.contentType, size: 3 };
  await insertAttachment(db, { id, sessionId, objectKey, ...file });
  await db`update chat_attachments set created_at = now() - ${age}::interval where id = ${id}`;
  if (uploaded) await store.put(objectKey, Buffer.from('abc'), PDF);
  if (said) await insertMessage(db, { sessionId, sender: 'user', text: '', attachmentId: id });
  return objectKey;
}
async function keys(): Promise<string[]> {
  const found: string[] = [];
  for await (const page of store.list(`chat/${sessionId}/`))
    found.push(...page.map(({ key }) => key));
  return found.toSorted();
}
const rows = async () =>
  (await db`select object_key from chat_attachments order by 1`).map(({ objectKey }) => objectKey);

test('what was never said goes after a day, the object and the row; the rest stays', async () => {
  await upload('25 hours');
  await upload('25 hours', { uploaded: false });
  const said = await upload('25 hours', { said: true });
  const fresh = await upload('23 hours');
  expect(await createClearUploads({ db, store })()).toEqual({ unsentUploads: 2 });
  expect(await keys()).toEqual([said, fresh].toSorted());
  expect(await rows()).toEqual([said, fresh].toSorted());
});

test('what the storage does not give up keeps its row, and goes the next time', async () => {
  const stays = await upload('2 days');
  await upload('2 days');
  const half = {
    deleteMany: async () => [{ key: stays, problem: 'AccessDenied' }],
  };
  expect(await createClearUploads({ db, store: half })()).toEqual({ unsentUploads: 1 });
  expect(await rows()).toEqual([stays]);
  expect(await createClearUploads({ db, store })()).toEqual({ unsentUploads: 1 });
});
