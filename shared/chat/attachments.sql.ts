import * as z from 'zod';

import type { Db } from '../db.ts';

export type NewAttachment = {
  id: string;
  sessionId: string;
  objectKey: string;
  fileName: string;
  contentType: string;
  size: number;
};

const Attachment = z.object({
  objectKey: z.string(),
  size: z.coerce.number(),
  isStored: z.boolean(),
});

export async function insertAttachment(
  db: Db,
  { id, sessionId, objectKey, fileName, contentType, size }: NewAttachment,
): Promise<void> {
  await db`
    insert into chat_attachments (id, session_id, object_key, file_name, content_type, size)
    values (${id}, ${sessionId}, ${objectKey}, ${fileName}, ${contentType}, ${size})`;
}

/** Only of this session: another one's is as good as none. */
export async function findAttachment(db: Db, id: string, sessionId: string) {
  const [row] = await db`
    select object_key, size, stored_at is not null as is_stored
    from chat_attachments
    where id = ${id} and session_id = ${sessionId}`;
  return row && Attachment.parse(row);
}

export async function markAttachmentStored(db: Db, id: string): Promise<void> {
  await db`
    update chat_attachments
    set stored_at = now()
    where id = ${id}`;
}

const Unsent = z.object({ id: z.uuid(), objectKey: z.string() });

/** Uploads of so long ago that no message has. */
export async function listUnsent(db: Db, age: string, limit: number) {
  const rows = await db`
    select id, object_key
    from chat_attachments
    where created_at < now() - ${age}::interval
      and not exists (select from chat_messages where attachment_id = chat_attachments.id)
    order by created_at
    limit ${limit}`;
  return Unsent.array().parse([...rows]);
}

/** Those of them that have not been said meanwhile. Returns how many. */
export async function deleteUnsent(db: Db, ids: string[]): Promise<number> {
  const { count } = await db`
    delete from chat_attachments
    where id = any(${ids}::uuid[])
      and not exists (select from chat_messages where attachment_id = chat_attachments.id)`;
  return count;
}
