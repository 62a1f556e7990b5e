import type { Db } from '../db.ts';

type ManagersFile = {
  id: string;
  sessionId: string;
  objectKey: string;
  fileName: string;
  contentType: string;
  size: number;
};

/** A file that a manager has sent, stored already. */
export async function insertManagersFile(db: Db, file: ManagersFile): Promise<void> {
  const { id, sessionId, objectKey, fileName, contentType, size } = file;
  await db`
    insert into chat_attachments (id, session_id, object_key, file_name, content_type, size, stored_at)
    values (${id}, ${sessionId}, ${objectKey}, ${fileName}, ${contentType}, ${size}, now())
    on conflict (id) do nothing`;
}
