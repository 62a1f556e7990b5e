import type { Body } from './body.ts';
import { check } from './control.ts';
import { maskSecret } from './journal.ts';
import { createLimiter, type Limit } from './limits.ts';
import {
  type Answer,
  type Clock,
  ControlError,
  type Peer,
  type PeerRequest,
  Refusal,
} from './peer.ts';
import { refuse, tooMany } from './telegram-answers.ts';
import { createMethods } from './telegram-methods.ts';
import { renderTelegram } from './telegram-panel.ts';
import { describePhone } from './telegram-phone.ts';
import {
  type Bot,
  BotPatch,
  type Chat,
  ChatPatch,
  createTelegramState,
  type TelegramState,
} from './telegram-state.ts';
import { createUpdates } from './telegram-updates.ts';

const OVERALL: Limit = { kind: 'window', count: 30, perMs: 1_000 };
const GROUP: Limit = { kind: 'window', count: 20, perMs: 60_000 };
const PRIVATE: Limit = { kind: 'bucket', burst: 3, everyMs: 1_000 };

export type TelegramPeer = Peer & {
  readonly state: TelegramState;
  chat: (id: number) => Chat;
};

export function createTelegram({ now }: { now: Clock }): TelegramPeer {
  const limiter = createLimiter(now);
  const state = createTelegramState();
  const updates = createUpdates({ state, now });
  const methods = createMethods({ state, now, spend });

  /** Every message and every edit costs; the same request is refused again until it is time. */
  function spend(bot: Bot, chat: Chat): void {
    const wait = limiter.take([
      [`bot ${bot.id}`, OVERALL],
      [`chat ${bot.id} ${chat.id}`, chat.type === 'private' ? PRIVATE : GROUP],
    ]);
    if (wait > 0) throw new Refusal(tooMany(Math.ceil(wait / 1_000)));
  }

  function answer(request: PeerRequest): Answer {
    const bot = state.bots.get(readToken(request.fullPath));
    if (!bot) return refuse(401, 'Unauthorized');
    if (request.fullPath.startsWith('/file/')) return download(request.path);
    // Telegram does not care about the case of a method's name.
    const method = methods.get(request.path.slice(1).toLowerCase());
    if (!method) return refuse(404, 'Not Found');
    if (request.body.kind === 'other') return refuse(400, "Bad Request: can't parse JSON object");
    const params = readParams(request);
    const unknown = [...params.keys()].filter((name) => !method.params.includes(name));
    const warnings = unknown.map((name) => `Telegram ignores the unknown parameter "${name}"`);
    try {
      const files = request.body.kind === 'form' ? request.body.files : new Map();
      const result = method.run({ bot, params, files, warnings, sequence: request.sequence });
      return { status: 200, body: { ok: true, result }, warnings };
    } catch (error) {
      if (error instanceof Refusal) return { ...error.answer, warnings };
      throw error;
    }
  }

  function download(path: string): Answer {
    const file = [...state.files.values()].find(({ file_path }) => `/${file_path}` === path);
    return file ? { status: 200, body: file.bytes } : refuse(404, 'Not Found');
  }

  function findChat(id: number): Chat {
    const chat = state.chats.get(id);
    if (!chat) throw new ControlError(404, `no Telegram chat ${id}`);
    return chat;
  }

  return {
    name: 'telegram',
    title: 'Telegram',
    state,
    chat: findChat,
    locate(path, { body, query }) {
      const token = readToken(path);
      const chat = readParams({ body, query }).get('chat_id');
      const account = token.split(':')[0] ?? '';
      return { account, path: path.replace(/^(?:\/file)?\/bot[^/]*/, ''), chat };
    },
    answer,
    overloaded: tooMany,
    broken: () => refuse(500, 'Internal Server Error'),
    secrets: () =>
      [...state.bots.values()]
        .flatMap(({ token, webhook }) => [token, webhook.secret_token])
        .filter(Boolean),
    reset() {
      limiter.reset();
      state.reset();
    },
    control({ method, segments: [what, id], query, body }) {
      switch (`${method} ${what ?? ''}`) {
        case 'GET chats':
          return id === undefined
            ? [...state.chats.values()].map(describeChat)
            : describeChat(findChat(Number(id)));
        case 'POST chats':
          return describeChat(state.patchChat(check(ChatPatch, body)));
        case 'GET bots':
          return [...state.bots.values()].map(describeBot);
        case 'POST bots':
          return describeBot(state.addBot(check(BotPatch, body)));
        case 'GET callbacks':
          return [...state.callbacks].map(([callbackId, query]) => ({ id: callbackId, ...query }));
        case 'POST press':
          return updates.press(body);
        case 'POST say':
          return updates.say(body);
        case 'POST edit':
          return updates.edit(body);
        case 'GET phone':
          return describePhone(findChat(Number(id)), Number(query.get('bot')), state);
        default:
          return undefined;
      }
    },
    panel: () => renderTelegram([...state.chats.values()]),
  };
}

function describeChat({ nextMessageId, ...chat }: Chat) {
  const standing = chat.messages.filter(({ deleted }) => !deleted).length;
  return { ...chat, next_message_id: nextMessageId, count: standing };
}

function describeBot({ token, webhook, ...bot }: Bot) {
  return {
    ...bot,
    token: maskSecret(token),
    webhook: { ...webhook, secret_token: webhook.secret_token && maskSecret(webhook.secret_token) },
  };
}

function readToken(path: string): string {
  return /^(?:\/file)?\/bot([^/]*)/.exec(path)?.[1] ?? '';
}

/** Query and body together; what came as JSON objects becomes JSON text, as in the real server. */
function readParams({ body, query }: { body: Body; query: URLSearchParams }): Map<string, string> {
  const params = new Map(query);
  if (body.kind === 'form') for (const [name, value] of body.fields) params.set(name, value);
  if (body.kind === 'json' && typeof body.value === 'object' && body.value !== null) {
    for (const [name, value] of Object.entries(body.value)) {
      if (value !== null)
        params.set(name, typeof value === 'string' ? value : JSON.stringify(value));
    }
  }
  return params;
}
