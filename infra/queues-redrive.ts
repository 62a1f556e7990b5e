// npm run queues:redrive -- calls
// Puts a queue's dead letters back on it.
import { readEnv } from '../shared/env.ts';
import { QUEUE_VARIABLES, watchQueues } from '../shared/watched-queue.ts';
import { readArguments, runCommand } from './arguments.ts';
import { joinLocalStack } from './local/join-stack.ts';

const HELP = `Usage: npm run queues:redrive -- [<queue>] [--limit <n>] [--dry-run]

Puts the dead letters of a queue back on it, each group in its order, after whatever crashed on them was mended. What
was done meanwhile is recognised by its row and skipped. Without a queue it says how many dead letters each has.
Needs <NAME>_QUEUE_URL of the queues it is to know, for example CALLS_QUEUE_URL; without any it is the local stack of
this folder.

  --limit    not more than so many
  --dry-run  says how many, changes nothing

Exit code: 0 done, 1 something went wrong, 2 wrong usage.`;

const CHUNK = 100;
const givenQueues = () => QUEUE_VARIABLES.filter((variable) => process.env[variable]);

await runCommand(run);

async function run(): Promise<number> {
  const given = readArguments(HELP, {
    options: {
      limit: { type: 'string' },
      'dry-run': { type: 'boolean', default: false },
    },
    most: 1,
  });
  if (typeof given === 'number') return given;
  const { values, positionals } = given;
  const limit = values.limit === undefined ? Infinity : Number(values.limit);
  if (!(limit >= 1)) {
    console.error('--limit must be a number above 0.');
    return 2;
  }
  if (givenQueues().length === 0) joinLocalStack();
  const known = givenQueues();
  const queues = watchQueues(readEnv(known));
  if (Object.keys(queues).length === 0) {
    console.error(`None of ${QUEUE_VARIABLES.join(', ')} is set.`);
    return 2;
  }
  const [name] = positionals;
  if (name === undefined) {
    for (const [queue, watched] of Object.entries(queues)) {
      console.log(`${queue}: ${(await watched.figures()).deadLetters}`);
    }
    return 0;
  }
  const queue = queues[name];
  if (!queue) {
    console.error(`${name} is none of ${Object.keys(queues).join(', ')}.`);
    return 2;
  }
  const total = Math.min((await queue.figures()).deadLetters, limit);
  if (values['dry-run'] || total === 0) {
    console.log(`${total} dead letters of ${name} would be put back.`);
    return 0;
  }
  let moved = 0;
  while (moved < limit) {
    const wanted = Math.min(CHUNK, limit - moved);
    const count = await queue.redrive(wanted);
    moved += count;
    console.log(`${moved} of ${total}`);
    if (count < wanted) break;
  }
  console.log(`${moved} dead letters are on ${name} again.`);
  return 0;
}
