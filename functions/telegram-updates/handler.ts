import { BOX_VARIABLES, reachBoxes } from '../../shared/asterisk/reach.ts';
import { CHAT_VARIABLES, createChat } from '../../shared/chat/chat.ts';
import { connect } from '../../shared/db.ts';
import { readEnv } from '../../shared/env.ts';
import { queue } from '../../shared/lambda/queue.ts';
import { botIdOf, createManagers } from '../../shared/managers/managers.ts';
import { UpdateMessage } from '../../shared/managers/messages.ts';
import { createUpdateWorker } from '../../shared/managers/work-updates.ts';
import { createOriginate } from '../../shared/originates/originate.ts';
import { createQueue } from '../../shared/queue.ts';
import { createBot } from '../../shared/telegram/bot.ts';

const env = readEnv([
  ...(['DATABASE_URL', 'TELEGRAM_UPDATES_QUEUE_URL', 'MANAGER_IDS', 'ADMIN_IDS'] as const),
  ...(['TELEGRAM_API_URL', 'TELEGRAM_BOT_TOKEN'] as const),
  ...BOX_VARIABLES,
  ...CHAT_VARIABLES,
]);
const db = connect(env.DATABASE_URL, { max: 3 });
const token = env.TELEGRAM_BOT_TOKEN;
const originate = createOriginate({ db, ...reachBoxes(db, env) });
const ids = { managerIds: env.MANAGER_IDS, adminIds: env.ADMIN_IDS };
const chat = { ...createChat(db, env), ...ids, store: env, originate };
// Without a token there is no bot that anybody could write to.
const bot = token && { bot: createBot(token, env.TELEGRAM_API_URL), botId: botIdOf(token) };
const managers = bot ? createManagers({ ...chat, ...bot }) : undefined;
const updates = createQueue(env.TELEGRAM_UPDATES_QUEUE_URL, { endpoint: env.SQS_ENDPOINT });
const handle = createUpdateWorker({ db, work: managers?.work ?? (async () => {}) });

export const handler = queue({ queue: updates, schema: UpdateMessage, handle });
