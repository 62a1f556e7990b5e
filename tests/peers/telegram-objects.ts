import type { Bot, Chat, Media, Message } from './telegram-state.ts';

export function toMessage(message: Message, { bot, chat }: { bot: Bot; chat: Chat }) {
  return {
    message_id: message.message_id,
    from: { id: bot.id, is_bot: true, first_name: bot.first_name, username: bot.username },
    chat: toChat(chat),
    date: seconds(message.sent_at),
    ...(message.edited_at && { edit_date: seconds(message.edited_at) }),
    ...(message.media
      ? { ...toMedia(message.media), ...(message.text && { caption: message.text }) }
      : { text: message.text }),
    ...(message.entities.length > 0 && {
      [message.media ? 'caption_entities' : 'entities']: message.entities,
    }),
    ...(message.reply_markup && { reply_markup: message.reply_markup }),
  };
}

/** A photo comes in several sizes, the largest last. */
export function toMedia({ kind, file }: Media) {
  const { file_id, file_unique_id, name, type, bytes } = file;
  const ids = { file_id, file_unique_id, file_size: bytes.length };
  switch (kind) {
    case 'photo': {
      const small = {
        ...ids,
        file_id: `${file_id}-s`,
        file_size: Math.min(1_253, bytes.length - 1),
      };
      return {
        photo: [
          { ...small, width: 90, height: 67 },
          { ...ids, width: 1280, height: 960 },
        ],
      };
    }
    case 'document':
      return { document: { ...ids, file_name: name, mime_type: type } };
    case 'voice':
      return { voice: { ...ids, duration: 7, mime_type: 'audio/ogg' } };
  }
}

export function toChat({ id, type, title, username }: Chat) {
  const named = type === 'private' ? { first_name: title } : { title };
  return { id, type, ...named, ...(username && { username }) };
}

function seconds(time: string): number {
  return Math.floor(Date.parse(time) / 1_000);
}
