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
  ...(['DATABASE_URL', 'TELEGRAM_UPDATES_QUEUE_URL', 'CHAT_ENTERPRISE'] as const),
  ...(['TELEGRAM_API_URL', 'TELEGRAM_BOT_TOKEN', 'MANAGER_IDS', 'ADMIN_IDS'] as const),
  ...BOX_VARIABLES,
  ...CHAT_VARIABLES,
]);
const db = connect(env.DATABASE_URL, { max: 3 });
const { TELEGRAM_BOT_TOKEN: token = '', CHAT_ENTERPRISE: enterpriseNumber } = env;
const originate = createOriginate({ db, ...reachBoxes(db, env) });
const call = enterpriseNumber === undefined ? undefined : { enterpriseNumber, originate };
const bot = createBot(token, env.TELEGRAM_API_URL);
const ids = { managerIds: env.MANAGER_IDS, adminIds: env.ADMIN_IDS, botId: botIdOf(token) };
const { work } = createManagers({ ...createChat(db, env), ...ids, bot, store: env, call });
const updates = createQueue(env.TELEGRAM_UPDATES_QUEUE_URL, { endpoint: env.SQS_ENDPOINT });
const handle = createUpdateWorker({ db, work });

export const handler = queue({ queue: updates, schema: UpdateMessage, handle });
