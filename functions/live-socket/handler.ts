import { CHAT_VARIABLES, createChat } from '../../shared/chat/chat.ts';
import { createVisiting, eitherSocket } from '../../shared/chat/visit.ts';
import { connect } from '../../shared/db.ts';
import { readEnv } from '../../shared/env.ts';
import { socket } from '../../shared/lambda/socket.ts';
import { createListening } from '../../shared/live/listen.ts';

const env = readEnv(['DATABASE_URL', ...CHAT_VARIABLES]);
const chat = createChat(connect(env.DATABASE_URL, { max: 3 }), env);

export const handler = socket(eitherSocket(createVisiting(chat), createListening(chat)));
