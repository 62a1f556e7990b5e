import { adminOrigins } from '../../shared/auth/admin-origins.ts';
import { createGate } from '../../shared/auth/gate.ts';
import { CHAT_VARIABLES, createChat } from '../../shared/chat/chat.ts';
import { connect } from '../../shared/db.ts';
import { readEnv } from '../../shared/env.ts';
import { http } from '../../shared/lambda/http.ts';
import { managerRoutes } from '../../shared/managers/api.routes.ts';
import { MANAGERS_TIMEZONE } from '../../shared/managers/managers.ts';
import { createShiftDesk } from '../../shared/managers/shift-desk.ts';
import { createTurns } from '../../shared/managers/turns.ts';

const env = readEnv([
  ...(['DATABASE_URL', 'PUBLIC_URL', 'ADMIN_ORIGIN'] as const),
  ...CHAT_VARIABLES,
]);
const chat = createChat(connect(env.DATABASE_URL, { max: 3 }), env);
const { db } = chat;
const turns = createTurns(chat);
const shift = createShiftDesk({ db, turns, timezone: MANAGERS_TIMEZONE });

export const routes = managerRoutes({ ...chat, turns, shift });
export const handler = http(routes, createGate({ db, adminOrigins: adminOrigins(env) }));
