// npm run events:replay -- --since 2026-01-31T12:00:00Z
// Has stored events worked in again.
import { connect } from '../shared/db.ts';
import { readEnv } from '../shared/env.ts';
import { countChosen, type EventChoice } from '../shared/operations/replay-events.sql.ts';
import { replayEvents } from '../shared/operations/replay-events.ts';
import { createQueue } from '../shared/queue.ts';
import { readArguments, runCommand } from './arguments.ts';
import { joinLocalStack } from './local/join-stack.ts';

const HELP = `Usage: npm run events:replay -- --since <time> [--until <time>] [--enterprise <number>] [--processed] [--dry-run]

Puts events of boxes that are in the database on the calls queue again, oldest first: those the tracker gave up and
those nobody has worked in. Doing this twice does no harm. Needs DATABASE_URL and CALLS_QUEUE_URL; without
DATABASE_URL it is the local stack of this folder.

  --since, --until  when they were received, ISO 8601 (without an offset it is UTC); until now by default
  --enterprise      of one enterprise only
  --processed       those already worked in too, after the rules of calls were mended (events older than two days no
                    longer find the channels they belong to: leave those alone)
  --dry-run         says how many, changes nothing

Exit code: 0 done, 1 something went wrong, 2 wrong usage.`;

await runCommand(run);

async function run(): Promise<number> {
  const given = readArguments(HELP, {
    options: {
      since: { type: 'string' },
      until: { type: 'string' },
      enterprise: { type: 'string' },
      processed: { type: 'boolean', default: false },
      'dry-run': { type: 'boolean', default: false },
    },
  });
  if (typeof given === 'number') return given;
  const { values } = given;
  const since = readTime(values.since);
  const until = values.until === undefined ? new Date() : readTime(values.until);
  if (!since || !until) {
    console.error(`--since must be a time, for example 2026-01-31T12:00:00Z. --help says more.`);
    return 2;
  }
  const choice: EventChoice = {
    since,
    until,
    enterpriseNumber: values.enterprise,
    states: values.processed ? ['failed', 'waiting', 'processed'] : ['failed', 'waiting'],
  };

  joinLocalStack();
  const env = readEnv(['DATABASE_URL', 'CALLS_QUEUE_URL', 'SQS_ENDPOINT']);
  const db = connect(env.DATABASE_URL);
  try {
    const total = await countChosen(db, choice);
    if (values['dry-run'] || total === 0) {
      console.log(`${total} events would be worked in again.`);
      return 0;
    }
    const calls = createQueue(env.CALLS_QUEUE_URL, { endpoint: env.SQS_ENDPOINT });
    const { reopened, refused } = await replayEvents({ db, calls }, choice, (counts) =>
      console.log(`${counts.reopened} of ${total}`),
    );
    console.log(`${reopened} events are on their way.`);
    if (refused > 0)
      console.log(`${refused} of them the queue did not take: the sweeper brings them.`);
    return 0;
  } finally {
    await db.end();
  }
}

function readTime(text = ''): Date | undefined {
  const hasOffset = /(Z|[+-]\d\d:?\d\d)$/i.test(text);
  const isDateOnly = /^\d{4}-\d\d-\d\d$/.test(text);
  const time = new Date(hasOffset || isDateOnly ? text : `${text}Z`);
  return Number.isNaN(time.getTime()) ? undefined : time;
}
