import { createAi } from '../../shared/chat/ai.ts';
import { createAnswer } from '../../shared/chat/answer.ts';
import { CHAT_VARIABLES, createChat } from '../../shared/chat/chat.ts';
import { ChatAiMessage } from '../../shared/chat/queue-messages.ts';
import { connect } from '../../shared/db.ts';
import { readEnv } from '../../shared/env.ts';
import { queue } from '../../shared/lambda/queue.ts';
import { createQueue } from '../../shared/queue.ts';

const env = readEnv([
  ...(['DATABASE_URL', 'AI_BASE_URL', 'AI_API_KEY', 'AI_MODEL'] as const),
  ...CHAT_VARIABLES,
]);
const chat = createChat(connect(env.DATABASE_URL, { max: 3 }), env);

export const handler = queue({
  queue: createQueue(env.CHAT_AI_QUEUE_URL, { endpoint: env.SQS_ENDPOINT }),
  schema: ChatAiMessage,
  handle: createAnswer({ ...chat, ai: createAi(env) }),
});
