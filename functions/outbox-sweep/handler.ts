import { connect } from '../../shared/db.ts';
import { readEnv } from '../../shared/env.ts';
import { schedule } from '../../shared/lambda/schedule.ts';
import { createSweeper } from '../../shared/operations/sweeper.ts';
import { STORE_ENV } from '../../shared/recordings/sign.ts';
import { QUEUE_VARIABLES } from '../../shared/watched-queue.ts';

const env = readEnv(['DATABASE_URL', 'OPERATOR_CHAT_ID', ...QUEUE_VARIABLES, ...STORE_ENV]);
const db = connect(env.DATABASE_URL);

export const handler = schedule(db, 'outbox-sweep', createSweeper(db, env));
