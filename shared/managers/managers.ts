import { CHAT_VARIABLES, type createChat } from '../chat/chat.ts';
import type { createOriginate } from '../originates/originate.ts';
import type { Queue } from '../queue.ts';
import { createSigner, storeSettings } from '../recordings/sign.ts';
import { createBot, type TelegramBot } from '../telegram/bot.ts';
import { createAdminDesk } from './admin-desk.ts';
import { createManagersBot } from './bot.ts';
import { createChatDesk } from './chat-desk.ts';
import { createDelivery } from './deliver.ts';
import { createFiles } from './files.ts';
import { createOffers } from './offers.ts';
import { createRelay } from './relay.ts';
import { createShiftDesk } from './shift-desk.ts';
import { createTellClosed } from './tell-closed.ts';
import { createTurns } from './turns.ts';

type Options = Pick<
  ReturnType<typeof createChat>,
  'db' | 'push' | 'say' | 'handOver' | 'tellCrms' | 'enterpriseNumber'
> & {
  telegram: Pick<Queue, 'sendAll'>;
  bot: TelegramBot;
  /** The part of the bot's token that is no secret. */
  botId: string;
  store: Parameters<typeof storeSettings>[0];
  managerIds: ReadonlySet<string>;
  adminIds: ReadonlySet<string>;
  /** Rings the managers by the enterprise's box; without it they dial themselves. */
  originate?: ReturnType<typeof createOriginate>;
};

/** The day of the operator's managers begins at his midnight. */
export const MANAGERS_TIMEZONE = 'Europe/Minsk';

/** The managers' side of the chat, put together. */
export function createManagers({ store, botId, managerIds, adminIds, ...chat }: Options) {
  const { db, bot, telegram, originate, enterpriseNumber } = chat;
  const call =
    originate && enterpriseNumber !== undefined ? { enterpriseNumber, originate } : undefined;
  const turns = createTurns(chat);
  const shift = createShiftDesk({ db, turns, timezone: MANAGERS_TIMEZONE });
  const { readFile, storeFile } = createFiles(createSigner(storeSettings(store)));
  const desks = {
    shift,
    chat: createChatDesk({ db, turns, call }),
    admin: createAdminDesk({ db, turns, shift, timezone: MANAGERS_TIMEZONE }),
  };
  const relay = createRelay({ ...chat, storeFile, turns });
  return {
    turns,
    shift,
    work: createManagersBot({ db, bot, turns, relay, desks, managerIds, adminIds }),
    offer: createOffers({ db, telegram }),
    tellClosed: createTellClosed({ db, turns }),
    delivery: createDelivery({ db, bot, botId, readFile, unreachable: (id) => shift.lose(id) }),
  };
}

/** The variables of every function that speaks as the managers' bot. */
export const MANAGERS_VARIABLES = [
  'TELEGRAM_BOT_TOKEN',
  'TELEGRAM_API_URL',
  'MANAGER_IDS',
  'ADMIN_IDS',
  ...CHAT_VARIABLES,
] as const;

type ManagersEnv = Options['store'] & {
  TELEGRAM_BOT_TOKEN: string | undefined;
  TELEGRAM_API_URL: string;
  MANAGER_IDS: ReadonlySet<string>;
  ADMIN_IDS: ReadonlySet<string>;
};

/** The same as the environment wants it; undefined without a token: there is no bot that anybody could write to. */
export function connectManagers(
  env: ManagersEnv,
  chat: Omit<Options, 'bot' | 'botId' | 'store' | 'managerIds' | 'adminIds'>,
): ReturnType<typeof createManagers> | undefined {
  const { TELEGRAM_BOT_TOKEN: token, ...store } = env;
  if (!token) return undefined;
  return createManagers({
    ...chat,
    store,
    bot: createBot(token, env.TELEGRAM_API_URL),
    botId: botIdOf(token),
    managerIds: env.MANAGER_IDS,
    adminIds: env.ADMIN_IDS,
  });
}

export const botIdOf = (token: string): string => token.split(':')[0] ?? '';
