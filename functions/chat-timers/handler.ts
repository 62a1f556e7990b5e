import { CHAT_VARIABLES, createChat } from '../../shared/chat/chat.ts';
import { connect } from '../../shared/db.ts';
import { readEnv } from '../../shared/env.ts';
import { schedule } from '../../shared/lambda/schedule.ts';
import { createTimers } from '../../shared/managers/timers.ts';
import { createTurns } from '../../shared/managers/turns.ts';
import { createQueue } from '../../shared/queue.ts';

const env = readEnv(['DATABASE_URL', 'TELEGRAM_UPDATES_QUEUE_URL', ...CHAT_VARIABLES]);
const db = connect(env.DATABASE_URL, { max: 2 });
const chat = createChat(db, env);
const updates = createQueue(env.TELEGRAM_UPDATES_QUEUE_URL, { endpoint: env.SQS_ENDPOINT });
const turns = createTurns(chat);

export const handler = schedule(db, 'chat-timers', createTimers({ ...chat, turns, updates }));
