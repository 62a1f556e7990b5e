// npm run enterprise:import -- --dry-run
// Copies the predecessor's data into the database of DATABASE_URL.
import { connect } from '../shared/db.ts';
import { readEnv } from '../shared/env.ts';
import { type Counts, importPredecessor } from '../shared/predecessor/import.ts';
import { createSecretBox } from '../shared/secrets.ts';
import { knownZone } from '../shared/zoned-time.ts';
import { readArguments, runCommand } from './arguments.ts';
import { joinLocalStack } from './local/join-stack.ts';

const HELP = `Usage: npm run enterprise:import -- [--enterprise <number>] [--schema <name>] [--timezone <zone>] [--dry-run]

Copies enterprises, their lines, extensions, admins, calls and integration logs, and the hosting, from the predecessor's
database (IMPORT_DATABASE_URL, only read) into that of DATABASE_URL (without it: the local stack). docs/import.md says
which tables and columns are read, and how views bridge those that have other names. What is there already stays as it
is: it may be broken off and run again. Integrations arrive switched off; secrets are sealed with ENCRYPTION_KEY.

  --enterprise  one enterprise and what is its own, without the hosting
  --schema      where the tables or views are: public by default
  --timezone    of times without an offset: Europe/Minsk by default
  --dry-run     goes through everything in one transaction and takes it back

Progress goes to the output; what was refused, or not taken over as it was, to the error output, a line each.

Exit code: 0 done, 1 rows were refused or something went wrong, 2 wrong usage.`;

await runCommand(run);

async function run(): Promise<number> {
  const given = readArguments(HELP, {
    options: {
      enterprise: { type: 'string' },
      schema: { type: 'string', default: 'public' },
      timezone: { type: 'string', default: 'Europe/Minsk' },
      'dry-run': { type: 'boolean', default: false },
    },
  });
  if (typeof given === 'number') return given;
  const { values } = given;
  const { enterprise: enterpriseNumber, schema, timezone } = values;
  const dryRun = values['dry-run'];
  if (knownZone(timezone) !== timezone) {
    console.error('--timezone must be a time zone such as Europe/Minsk.');
    return 2;
  }
  const sourceUrl = process.env['IMPORT_DATABASE_URL'];
  if (!sourceUrl) {
    console.error(
      'IMPORT_DATABASE_URL is not set: the predecessor’s database, for example postgresql://reader:secret@old.example.com:5432/postgres',
    );
    return 2;
  }
  joinLocalStack();
  const env = readEnv(['DATABASE_URL', 'ENCRYPTION_KEY']);
  const db = connect(env.DATABASE_URL);
  const source = connect(sourceUrl.replace(/^postgresql\+asyncpg:/, 'postgresql:'));
  try {
    const all = await importPredecessor(db, source, {
      schema,
      timezone,
      secrets: createSecretBox(env.ENCRYPTION_KEY),
      enterpriseNumber,
      dryRun,
      onProgress: (counts) => console.log(describe(counts)),
      onNote: (note) => console.error(note),
    });
    const [enterprises] = all;
    if (enterprises?.total === undefined) {
      console.error(`There is no table or view ${schema}.enterprises. --help says more.`);
      return 1;
    }
    if (enterpriseNumber !== undefined && enterprises.total === 0) {
      console.error(`The predecessor has no enterprise ${enterpriseNumber}.`);
      return 1;
    }
    console.log(dryRun ? '\nWould be imported (nothing was changed):' : '\nImported:');
    for (const counts of all) console.log(describe(counts));
    return all.some(({ refused }) => refused > 0) ? 1 : 0;
  } finally {
    await source.end();
    await db.end();
  }
}

function describe({ table, total, read, imported, existing, leftOut, refused }: Counts): string {
  if (total === undefined) return `${table}: no such table`;
  const parts = [`${imported} new`, `${existing} there already`];
  if (leftOut > 0) parts.push(`${leftOut} left out`);
  if (refused > 0) parts.push(`${refused} refused`);
  return `${table}: ${read} of ${total} read, ${parts.join(', ')}`;
}
