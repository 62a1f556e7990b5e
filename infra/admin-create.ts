// npm run admin:create -- --login x [--enterprise 0367]
// Makes a superadmin, or an admin of one enterprise, in the database of DATABASE_URL or of the local stack.
import { randomBytes } from 'node:crypto';
import { text } from 'node:stream/consumers';
import { parseArgs } from 'node:util';

import { Login, NewPassword } from '../shared/auth/auth.schema.ts';
import { hashPassword } from '../shared/auth/passwords.ts';
import { insertPerson } from '../shared/auth/people.sql.ts';
import { connect } from '../shared/db.ts';
import { enterpriseExists } from '../shared/directory/directory.sql.ts';
import { readEnv } from '../shared/env.ts';
import { joinLocalStack } from './local/join-stack.ts';
import { reason } from './local/plain-error.ts';

const HELP = `Usage: npm run admin:create -- --login <login> [--enterprise <number>]

Makes a superadmin, or with --enterprise an admin of that enterprise, in the database of DATABASE_URL;
without it in that of the local stack of this folder.
The password (10 to 200 characters) is read from stdin:   pass show trunkline | npm run admin:create -- --login anna
Without one it is made up and shown once.`;

try {
  process.exitCode = await run();
} catch (error) {
  console.error(reason(error));
  process.exitCode = 1;
}

async function run(): Promise<number> {
  const options = readOptions();
  if (!options) return 2;
  if (options.help) {
    console.log(HELP);
    return 0;
  }
  const login = Login.safeParse(options.login);
  if (!login.success) return refuse('--login: one to 100 characters', 2);
  const given = process.stdin.isTTY ? '' : (await text(process.stdin)).replace(/\r?\n$/, '');
  const password = given || randomBytes(15).toString('base64url');
  if (!NewPassword.safeParse(password).success) {
    return refuse('The password must have 10 to 200 characters', 2);
  }

  joinLocalStack();
  const db = connect(readEnv(['DATABASE_URL']).DATABASE_URL);
  try {
    const { enterprise: enterpriseNumber } = options;
    if (enterpriseNumber !== undefined && !(await enterpriseExists(db, enterpriseNumber))) {
      return refuse(`There is no enterprise ${enterpriseNumber}`, 1);
    }
    const passwordHash = await hashPassword(password);
    const person = { login: login.data, passwordHash, enterpriseNumber };
    const isNew = await db.begin((tx) => insertPerson(tx, person));
    if (!isNew) return refuse(`The login ${login.data} is taken`, 1);
  } finally {
    await db.end();
  }
  const whose = options.enterprise === undefined ? 'superadmin' : `admin of ${options.enterprise}`;
  console.log(`Made ${login.data}, ${whose}.`);
  if (!given) console.log(`Password, shown this once: ${password}`);
  return 0;
}

function readOptions() {
  try {
    const { values } = parseArgs({
      options: {
        login: { type: 'string' },
        enterprise: { type: 'string' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    return values;
  } catch (error) {
    console.error(`${reason(error)}\n\n${HELP}`);
    return undefined;
  }
}

function refuse(why: string, code: number): number {
  console.error(`${why}. --help says more.`);
  return code;
}
