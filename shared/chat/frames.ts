import type { StoredMessage } from './messages.sql.ts';
import type { ChatMessage, VisitorServerFrame } from './visitor.schema.ts';

/** Makes an address for a stored file that is good for an hour. */
export type SignFile = (file: { key: string; name: string }) => Promise<string>;

/** A message as visitors and programs see it. */
export async function toChatMessage(
  message: StoredMessage,
  signFile: SignFile,
): Promise<ChatMessage> {
  const { id, sender, text, managerName, clientId, createdAt, editedAt } = message;
  const { objectKey, fileName, contentType, size } = message;
  return {
    id,
    sender,
    text,
    ...(objectKey !== null &&
      fileName !== null &&
      contentType !== null &&
      size !== null && {
        attachment: {
          name: fileName,
          content_type: contentType,
          size,
          url: await signFile({ key: objectKey, name: fileName }),
        },
      }),
    ...(managerName !== null && { manager_name: managerName }),
    ...(clientId !== null && { client_id: clientId }),
    created_at: createdAt.toISOString(),
    ...(editedAt && { edited_at: editedAt.toISOString() }),
  };
}

/** A message as it goes over the visitor's socket. */
export function toFrame({ sender, ...message }: ChatMessage, draftId?: string): VisitorServerFrame {
  return {
    ...message,
    type: `${sender}_message`,
    ...(draftId !== undefined && { draft_id: draftId }),
  };
}
