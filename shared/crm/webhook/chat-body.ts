import type { ChatStep } from '../crm.schema.ts';
import type { ChatLine, ChatSnapshot } from '../crm.ts';

/** `data` of a chat's event: always what the chat is, and what the event is about. Times are ISO 8601 UTC. */
export function chatBody(step: ChatStep, chat: ChatSnapshot) {
  const { kind, state, page, question } = chat;
  const common = {
    chat_id: chat.id,
    number: chat.number,
    session_id: chat.sessionId,
    enterprise_number: chat.enterpriseNumber,
    kind,
    client_name: chat.clientName,
    phone: chat.phone,
    page,
    requested_at: chat.requestedAt.toISOString(),
  };
  const manager_name = chat.managerName;
  const accepted_at = chat.acceptedAt?.toISOString() ?? null;
  switch (step) {
    case 'chat':
      return { ...common, question };
    case 'chat_accepted':
      return { ...common, manager_name, accepted_at };
    case 'chat_message':
      return { ...common, message: chat.message && toMessage(chat.message) };
    case 'chat_closed':
      return {
        ...common,
        state,
        manager_name,
        accepted_at,
        closed_at: chat.closedAt?.toISOString() ?? null,
        closed_by: chat.closedBy,
        transcript: chat.transcript.map(toMessage),
      };
  }
}

function toMessage({ id, sender, text, managerName, at, attachment }: ChatLine) {
  return {
    id,
    sender,
    text,
    ...(managerName !== null && { manager_name: managerName }),
    ...(attachment && {
      attachment: {
        name: attachment.name,
        content_type: attachment.contentType,
        size: attachment.size,
        ...(attachment.url !== null && { url: attachment.url }),
      },
    }),
    created_at: at.toISOString(),
  };
}
