import { CHAT_VARIABLES, createChat } from '../../shared/chat/chat.ts';
import { chatOrigins, websocketUrlOf } from '../../shared/chat/origins.ts';
import { visitorRoutes } from '../../shared/chat/visitor.routes.ts';
import { connect } from '../../shared/db.ts';
import { readEnv } from '../../shared/env.ts';
import { http } from '../../shared/lambda/http.ts';

const env = readEnv([
  ...(['DATABASE_URL', 'PUBLIC_URL', 'CHAT_ORIGINS', 'TRUSTED_PROXIES'] as const),
  ...(['AI_BASE_URL', 'AI_MODEL'] as const),
  ...CHAT_VARIABLES,
]);

export const routes = visitorRoutes({
  ...createChat(connect(env.DATABASE_URL, { max: 3 }), env),
  websocketUrl: websocketUrlOf(env.WEBSOCKET_ENDPOINT),
  isAiConfigured: env.AI_BASE_URL !== undefined && env.AI_MODEL !== undefined,
  trustedProxies: env.TRUSTED_PROXIES,
});
export const handler = http(routes, undefined, { sites: chatOrigins(env) });
