import { BOX_VARIABLES, reachBoxes } from '../../shared/asterisk/reach.ts';
import { createChat } from '../../shared/chat/chat.ts';
import { connect } from '../../shared/db.ts';
import { readEnv } from '../../shared/env.ts';
import { queue } from '../../shared/lambda/queue.ts';
import { connectManagers, MANAGERS_VARIABLES } from '../../shared/managers/managers.ts';
import { UpdateMessage } from '../../shared/managers/messages.ts';
import { createUpdateWorker } from '../../shared/managers/work-updates.ts';
import { createOriginate } from '../../shared/originates/originate.ts';
import { createQueue } from '../../shared/queue.ts';

const env = readEnv([
  ...(['DATABASE_URL', 'TELEGRAM_UPDATES_QUEUE_URL'] as const),
  ...BOX_VARIABLES,
  ...MANAGERS_VARIABLES,
]);
const db = connect(env.DATABASE_URL, { max: 3 });
const originate = createOriginate({ db, ...reachBoxes(db, env) });
const managers = connectManagers(env, { ...createChat(db, env), originate });
const updates = createQueue(env.TELEGRAM_UPDATES_QUEUE_URL, { endpoint: env.SQS_ENDPOINT });
const handle = createUpdateWorker({ db, work: managers?.work ?? (async () => {}) });

export const handler = queue({ queue: updates, schema: UpdateMessage, handle });
