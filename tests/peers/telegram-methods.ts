import { escapeHtml } from './html.ts';
import type { Clock } from './peer.ts';
import { badRequest, forbidden, migrated } from './telegram-answers.ts';
import { ParseError, type Parsed, parseHtml } from './telegram-html.ts';
import { parseReplyMarkup } from './telegram-markup.ts';
import type { Bot, Chat, Message, TelegramState } from './telegram-state.ts';

type MethodCall = {
  bot: Bot;
  params: Map<string, string>;
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
const LONGEST_TEXT = 4_096;

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
      params: [
        ...TEXT_PARAMS,
        'business_connection_id',
        'chat_id',
        'message_thread_id',
        'direct_messages_topic_id',
        'text',
        'disable_notification',
        'protect_content',
        'allow_paid_broadcast',
        'message_effect_id',
        'suggested_post_parameters',
        'reply_parameters',
        'reply_to_message_id',
        'allow_sending_without_reply',
        'reply_markup',
      ],
      run({ bot, params, warnings, sequence }) {
        const content = readText(params, warnings);
        const reply_markup = parseReplyMarkup(params.get('reply_markup'), badRequest);
        const chat = openChat(params);
        spend(bot, chat);
        const thread = params.get('message_thread_id');
        const message: Message = {
          message_id: chat.nextMessageId++,
          bot: bot.id,
          ...content,
          reply_markup,
          message_thread_id: thread === undefined ? null : Number(thread),
          sent_at: at(),
          edited_at: null,
          edits: 0,
          deleted: false,
          history: [{ text: content.text, reply_markup, at: at(), sequence }],
        };
        chat.messages.push(message);
        return toMessage(message, { bot, chat });
      },
    },

    editMessageText: {
      params: [...TEXT_PARAMS, ...EDIT_PARAMS, 'text'],
      run({ bot, params, warnings, sequence }) {
        const content = readText(params, warnings);
        return edit({ bot, params, sequence }, () => content);
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

  function edit(
    { bot, params, sequence }: Omit<MethodCall, 'warnings'>,
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

type Content = Pick<Message, 'text' | 'html' | 'source' | 'parse_mode' | 'entities'>;

function readText(params: Map<string, string>, warnings: string[]): Content {
  const source = params.get('text') ?? '';
  if (source === '') return badRequest('message text is empty');
  const parse_mode = params.get('parse_mode') || null;
  const parsed = parseText(source, parse_mode);
  warnings.push(...parsed.warnings);
  const text = parsed.text.trimEnd();
  if (text.trim() === '') return badRequest('text must be non-empty');
  if (text.length > LONGEST_TEXT) return badRequest('message is too long');
  return { text, html: parsed.html, source, parse_mode, entities: parsed.entities };
}

function parseText(source: string, mode: string | null): Parsed {
  const plain = { text: source, html: escapeHtml(source), entities: [], warnings: [] };
  switch (mode?.toLowerCase()) {
    case undefined:
      return plain;
    case 'html':
      try {
        return parseHtml(source);
      } catch (error) {
        if (!(error instanceof ParseError)) throw error;
        return badRequest(`can't parse entities: ${error.message}`);
      }
    case 'markdown':
    case 'markdownv2':
      return { ...plain, warnings: [`the simulator does not parse ${mode}`] };
    default:
      return badRequest('unsupported parse_mode');
  }
}

function findMessage(chat: Chat, params: Map<string, string>): Message | undefined {
  const id = Number(params.get('message_id') ?? '');
  if (!Number.isSafeInteger(id) || id <= 0)
    return badRequest('message identifier is not specified');
  return chat.messages.find((message) => message.message_id === id && !message.deleted);
}

/** HTTP is for loopback only: that is what a Bot API server of one's own allows. */
function checkWebhook(url: string, secret: string): void {
  if (secret !== '' && !/^[\w-]{1,256}$/.test(secret)) {
    badRequest('secret token contains unallowed characters');
  }
  if (url === '') return;
  const { protocol, hostname, port } =
    URL.parse(url) ?? badRequest('bad webhook: invalid URL specified');
  if (['127.0.0.1', 'localhost'].includes(hostname)) return;
  if (protocol !== 'https:') badRequest('bad webhook: An HTTPS URL must be provided for webhook');
  if (!['', '443', '80', '88', '8443'].includes(port)) {
    badRequest('bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443');
  }
}

function readNames(source: string): string[] {
  try {
    const names: unknown = JSON.parse(source);
    if (Array.isArray(names)) return names.filter((name) => typeof name === 'string');
  } catch {
    // falls through to the refusal
  }
  return badRequest("can't parse allowed updates JSON object");
}

export function toMessage(message: Message, { bot, chat }: { bot: Bot; chat: Chat }) {
  return {
    message_id: message.message_id,
    from: { id: bot.id, is_bot: true, first_name: bot.first_name, username: bot.username },
    chat: toChat(chat),
    date: seconds(message.sent_at),
    ...(message.edited_at && { edit_date: seconds(message.edited_at) }),
    text: message.text,
    ...(message.entities.length > 0 && { entities: message.entities }),
    ...(message.reply_markup && { reply_markup: message.reply_markup }),
  };
}

export function toChat({ id, type, title, username }: Chat) {
  const named = type === 'private' ? { first_name: title } : { title };
  return { id, type, ...named, ...(username && { username }) };
}

function seconds(time: string): number {
  return Math.floor(Date.parse(time) / 1_000);
}
