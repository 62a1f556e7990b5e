import type { UploadedFile } from './body.ts';
import type { Clock } from './peer.ts';
import { badRequest, forbidden, migrated } from './telegram-answers.ts';
import { parseReplyMarkup } from './telegram-markup.ts';
import { toChat, toMessage } from './telegram-objects.ts';
import {
  checkWebhook,
  type Content,
  findMessage,
  isPicture,
  readCaption,
  readCommands,
  readNames,
  readObject,
  readText,
} from './telegram-params.ts';
import type { Bot, Chat, Media, Message, TelegramState } from './telegram-state.ts';

type MethodCall = {
  bot: Bot;
  params: Map<string, string>;
  files: Map<string, UploadedFile>;
  /** Filled while the call is played. */
  warnings: string[];
  sequence: number;
};
type Method = { params: readonly string[]; run: (call: MethodCall) => unknown };

const TEXT_PARAMS = ['parse_mode', 'entities', 'link_preview_options', 'disable_web_page_preview'];
const EDIT_PARAMS = [
  'business_connection_id',
  'chat_id',
  'message_id',
  'inline_message_id',
  'reply_markup',
];
const CALLBACK_LIFE_MS = 150_000;
const LARGEST_PHOTO = 10 * 1024 * 1024;
const LARGEST_UPLOAD = 50 * 1024 * 1024;
const LARGEST_DOWNLOAD = 20 * 1024 * 1024;
const SEND_PARAMS = [
  'business_connection_id',
  'chat_id',
  'message_thread_id',
  'direct_messages_topic_id',
  'disable_notification',
  'protect_content',
  'allow_paid_broadcast',
  'message_effect_id',
  'suggested_post_parameters',
  'reply_parameters',
  'reply_to_message_id',
  'allow_sending_without_reply',
  'reply_markup',
];
const CAPTION_PARAMS = ['caption', 'parse_mode', 'caption_entities', 'show_caption_above_media'];

const CHAT_ACTIONS = new Set([
  'typing',
  'upload_photo',
  'record_video',
  'upload_video',
  'record_voice',
  'upload_voice',
  'upload_document',
  'choose_sticker',
  'find_location',
  'record_video_note',
  'upload_video_note',
]);

/** The methods of the Bot API that are played, by name in lower case. */
export function createMethods({
  state,
  now,
  spend,
}: {
  state: TelegramState;
  now: Clock;
  spend: (bot: Bot, chat: Chat) => void;
}): Map<string, Method> {
  const at = () => new Date(now()).toISOString();

  const methods: Record<string, Method> = {
    getMe: {
      params: [],
      run: ({ bot: { id, first_name, username } }) => ({
        id,
        is_bot: true,
        first_name,
        username,
        can_join_groups: true,
        can_read_all_group_messages: false,
        supports_inline_queries: false,
      }),
    },

    sendMessage: {
      params: [...TEXT_PARAMS, ...SEND_PARAMS, 'text'],
      run: (call) => post(call, readText(call.params, call.warnings), null),
    },

    sendPhoto: {
      params: [...CAPTION_PARAMS, ...SEND_PARAMS, 'photo', 'has_spoiler'],
      run: (call) => postFile(call, 'photo'),
    },

    sendDocument: {
      params: [
        ...CAPTION_PARAMS,
        ...SEND_PARAMS,
        'document',
        'thumbnail',
        'disable_content_type_detection',
      ],
      run: (call) => postFile(call, 'document'),
    },

    sendVoice: {
      params: [...CAPTION_PARAMS, ...SEND_PARAMS, 'voice', 'duration'],
      run: (call) => postFile(call, 'voice'),
    },

    getFile: {
      params: ['file_id'],
      run({ params }) {
        const file = state.files.get(params.get('file_id') ?? '');
        if (!file) return badRequest('invalid file_id');
        if (file.bytes.length > LARGEST_DOWNLOAD) return badRequest('file is too big');
        const { file_id, file_unique_id, file_path, bytes } = file;
        return { file_id, file_unique_id, file_size: bytes.length, file_path };
      },
    },

    setMyCommands: {
      params: ['commands', 'scope', 'language_code'],
      run({ bot, params }) {
        bot.commands = readCommands(params.get('commands'));
        return true;
      },
    },

    getMyCommands: {
      params: ['scope', 'language_code'],
      run: ({ bot }) => bot.commands,
    },

    editMessageCaption: {
      params: [...CAPTION_PARAMS, ...EDIT_PARAMS],
      run({ bot, params, warnings, sequence }) {
        const content = readCaption(params, warnings);
        return edit({ bot, params, sequence }, (message) =>
          message.media ? content : badRequest('there is no caption in the message to edit'),
        );
      },
    },

    editMessageText: {
      params: [...TEXT_PARAMS, ...EDIT_PARAMS, 'text'],
      run({ bot, params, warnings, sequence }) {
        const content = readText(params, warnings);
        return edit({ bot, params, sequence }, (message) =>
          message.media ? badRequest('there is no text in the message to edit') : content,
        );
      },
    },

    editMessageReplyMarkup: {
      params: EDIT_PARAMS,
      run: ({ bot, params, sequence }) => edit({ bot, params, sequence }, (message) => message),
    },

    deleteMessage: {
      params: ['chat_id', 'message_id'],
      run({ params }) {
        const chat = openChat(params);
        const message = findMessage(chat, params);
        if (!message) return badRequest('message to delete not found');
        message.deleted = true;
        return true;
      },
    },

    sendChatAction: {
      params: ['business_connection_id', 'chat_id', 'message_thread_id', 'action'],
      run({ params }) {
        openChat(params);
        if (!CHAT_ACTIONS.has(params.get('action') ?? '')) {
          return badRequest('wrong parameter action in request');
        }
        return true;
      },
    },

    answerCallbackQuery: {
      params: ['callback_query_id', 'text', 'show_alert', 'url', 'cache_time'],
      run({ bot, params }) {
        const query = state.callbacks.get(params.get('callback_query_id') ?? '');
        if (!query || query.bot !== bot.id || now() - query.at > CALLBACK_LIFE_MS) {
          return badRequest('query is too old and response timeout expired or query ID is invalid');
        }
        if ((params.get('text') ?? '').length > 200) return badRequest('MESSAGE_TOO_LONG');
        query.answered = params.get('text') ?? '';
        return true;
      },
    },

    setWebhook: {
      params: [
        'url',
        'certificate',
        'ip_address',
        'max_connections',
        'allowed_updates',
        'drop_pending_updates',
        'secret_token',
      ],
      run({ bot, params }) {
        const url = params.get('url') ?? '';
        const secret_token = params.get('secret_token') ?? '';
        checkWebhook(url, secret_token);
        const allowed = params.get('allowed_updates');
        bot.webhook = {
          url,
          secret_token,
          max_connections: Number(params.get('max_connections') ?? 40),
          allowed_updates: allowed === undefined ? bot.webhook.allowed_updates : readNames(allowed),
        };
        return true;
      },
    },

    deleteWebhook: {
      params: ['drop_pending_updates'],
      run({ bot }) {
        bot.webhook = { ...bot.webhook, url: '', secret_token: '' };
        return true;
      },
    },

    getWebhookInfo: {
      params: [],
      run: ({ bot: { webhook } }) => ({
        url: webhook.url,
        has_custom_certificate: false,
        pending_update_count: 0,
        ...(webhook.url && { max_connections: webhook.max_connections, ip_address: '127.0.0.1' }),
        ...(webhook.allowed_updates && { allowed_updates: webhook.allowed_updates }),
      }),
    },

    getChat: {
      params: ['chat_id'],
      run: ({ params }) => toChat(openChat(params)),
    },
  };
  return new Map(Object.entries(methods).map(([name, method]) => [name.toLowerCase(), method]));

  /** The chat, if the bot may still do something there. */
  function openChat(params: Map<string, string>): Chat {
    const id = params.get('chat_id') ?? '';
    if (id === '') return badRequest('chat_id is empty');
    const chat = state.findChat(id);
    if (!chat) return badRequest('chat not found');
    if (chat.migrate_to_chat_id !== null) return migrated(chat.migrate_to_chat_id);
    switch (chat.state) {
      case 'member':
        return chat;
      case 'kicked':
        return forbidden(`bot was kicked from the ${chat.type} chat`);
      case 'blocked':
        return forbidden('bot was blocked by the user');
      case 'not_started':
        return forbidden("bot can't initiate conversation with a user");
    }
  }

  function post(
    { bot, params, sequence }: MethodCall,
    content: Content,
    media: Media | null,
  ): unknown {
    const reply_markup = parseReplyMarkup(params.get('reply_markup'), badRequest);
    const chat = openChat(params);
    const reply_to = readReply(chat, params);
    spend(bot, chat);
    const thread = params.get('message_thread_id');
    const message: Message = {
      message_id: chat.nextMessageId++,
      bot: bot.id,
      ...content,
      reply_markup,
      message_thread_id: thread === undefined ? null : Number(thread),
      media,
      reply_to,
      silent: params.get('disable_notification') === 'true',
      sent_at: at(),
      edited_at: null,
      edits: 0,
      deleted: false,
      history: [{ text: content.text, reply_markup, at: at(), sequence }],
    };
    chat.messages.push(message);
    return toMessage(message, { bot, chat });
  }

  function postFile(call: MethodCall, kind: Media['kind']): unknown {
    const content = readCaption(call.params, call.warnings);
    const upload = call.files.get(kind);
    const known = state.files.get(call.params.get(kind) ?? '');
    if (!upload && !known) return badRequest(`there is no ${kind} in the request`);
    if (upload && upload.bytes.length === 0) return badRequest('file must be non-empty');
    const largest = kind === 'photo' ? LARGEST_PHOTO : LARGEST_UPLOAD;
    if (upload && upload.bytes.length > largest)
      return badRequest(kind === 'photo' ? 'too big file for a photo' : 'file is too big');
    if (upload && kind === 'photo' && !isPicture(upload.bytes))
      return badRequest('IMAGE_PROCESS_FAILED');
    const file = known ?? (upload && state.addFile(kind, upload));
    return post(call, content, file ? { kind, file } : null);
  }

  /** What it answers; gone is only forgiven when the bot says so. */
  function readReply(chat: Chat, params: Map<string, string>): number | null {
    const source = params.get('reply_parameters');
    if (source === undefined) return null;
    const { message_id: id, allow_sending_without_reply: forgiven } = readObject(source);
    const isThere =
      chat.messages.some((each) => each.message_id === id && !each.deleted) ||
      chat.said.some((each) => each.message_id === id);
    if (isThere) return Number(id);
    return forgiven === true ? null : badRequest('message to be replied not found');
  }

  function edit(
    { bot, params, sequence }: Omit<MethodCall, 'warnings' | 'files'>,
    change: (message: Message) => Content,
  ): unknown {
    const reply_markup = parseReplyMarkup(params.get('reply_markup'), badRequest);
    const chat = openChat(params);
    const message = findMessage(chat, params);
    spend(bot, chat);
    if (!message) return badRequest('message to edit not found');
    if (message.bot !== bot.id) return badRequest("message can't be edited");
    const { text, html, source, parse_mode, entities } = change(message);
    const before = [message.text, message.entities, message.reply_markup];
    if (JSON.stringify(before) === JSON.stringify([text, entities, reply_markup])) {
      return badRequest(NOT_MODIFIED);
    }
    Object.assign(message, { text, html, source, parse_mode, entities, reply_markup });
    message.edits += 1;
    message.edited_at = at();
    message.history.push({ text, reply_markup, at: at(), sequence });
    return toMessage(message, { bot, chat });
  }
}

const NOT_MODIFIED =
  'message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message';
