import { connect } from '../../shared/db.ts';
import { readEnv } from '../../shared/env.ts';
import { schedule } from '../../shared/lambda/schedule.ts';
import { maintain } from '../../shared/operations/maintain.ts';

const env = readEnv(['DATABASE_URL']);
const db = connect(env.DATABASE_URL);

export const handler = schedule(db, 'maintenance', () => maintain(db));
