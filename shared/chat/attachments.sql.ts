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
