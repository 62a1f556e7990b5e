// npm run secrets:rotate
// Seals every secret in the database with the newest key of ENCRYPTION_KEY.
import { connect } from '../shared/db.ts';
import { readEnv } from '../shared/env.ts';
import { reseal } from '../shared/operations/reseal.ts';
import { createSecretBox } from '../shared/secrets.ts';
import { readArguments, runCommand } from './arguments.ts';
import { joinLocalStack } from './local/join-stack.ts';

const HELP = `Usage: npm run secrets:rotate -- [--dry-run]

Seals every secret in the database of DATABASE_URL (without it: of the local stack of this folder) with the newest (first) key of ENCRYPTION_KEY. To rotate:
  1. put a new key before the old one: ENCRYPTION_KEY=v2:<openssl rand -base64 32>,v1:…   and deploy
  2. npm run secrets:rotate      (as often as you like; everything keeps running)
  3. when it says that nothing is left of the old key, take the old key away and deploy again

  --dry-run  counts, changes nothing

Exit code: 0 all is sealed with the newest key, 1 something is left or went wrong, 2 wrong usage.`;

await runCommand(run);

async function run(): Promise<number> {
  const given = readArguments(HELP, {
    options: {
      'dry-run': { type: 'boolean', default: false },
    },
  });
  if (typeof given === 'number') return given;
  const { values } = given;
  joinLocalStack();
  const env = readEnv(['DATABASE_URL', 'ENCRYPTION_KEY']);
  const newest = env.ENCRYPTION_KEY.split(':', 1)[0] ?? '';
  const dryRun = values['dry-run'];
  const db = connect(env.DATABASE_URL);
  try {
    const counts = await reseal(db, {
      secrets: createSecretBox(env.ENCRYPTION_KEY),
      newest,
      dryRun,
      onProgress: (column, { sealed, resealed }) =>
        console.log(`${column}: ${sealed} sealed values seen so far, ${resealed} of older keys`),
    });
    if (dryRun) {
      console.log(`${counts.resealed} of ${counts.sealed} would be sealed anew with ${newest}.`);
      return 0;
    }
    console.log(`${counts.resealed} of ${counts.sealed} sealed anew with ${newest}.`);
    if (counts.changedMeanwhile > 0) {
      console.log(
        `${counts.changedMeanwhile} changed at the same moment and were left: run this again.`,
      );
      return 1;
    }
    console.log(`Nothing is left of older keys: they may be taken out of ENCRYPTION_KEY.`);
    return 0;
  } finally {
    await db.end();
  }
}
