// npm run storage:check
// Tries everything that recordings need of the object storage.
import { readEnv } from '../shared/env.ts';
import { KEY_PREFIX } from '../shared/recordings/names.ts';
import { STORE_ENV, storeSettings } from '../shared/recordings/sign.ts';
import { checkStorage, printReport } from '../shared/recordings/storage-check.ts';
import { createStore } from '../shared/recordings/store.ts';
import { readArguments, runCommand } from './arguments.ts';
import { joinLocalStack } from './local/join-stack.ts';

const HELP = `Usage: npm run storage:check -- [--lifecycle <days>] [--dry-run]

Writes, reads, signs, lists and removes small objects in the storage that S3_ENDPOINT, S3_REGION, S3_BUCKET, S3_ACCESS_KEY
and S3_SECRET_KEY name (.env.example; without S3_BUCKET: in that of the local stack of this folder), step by step, and
says what to mend. A bucket that is not there is made.

  --lifecycle  also sets the coarse net behind the precise job: the storage itself deletes recordings that are older,
               those on hold too
  --dry-run    says where it would go, changes nothing

Exit code: 0 all is well, 1 something is not, 2 wrong usage.`;

await runCommand(run);

async function run(): Promise<number> {
  const given = readArguments(HELP, {
    options: { lifecycle: { type: 'string' }, 'dry-run': { type: 'boolean', default: false } },
  });
  if (typeof given === 'number') return given;
  const { lifecycle, 'dry-run': dryRun } = given.values;
  const days = lifecycle === undefined ? undefined : Number(lifecycle);
  if (days !== undefined && !(Number.isInteger(days) && days > 0)) {
    console.error('--lifecycle must be a number of days.');
    return 2;
  }
  if (!process.env['S3_BUCKET']) joinLocalStack();
  const settings = storeSettings(readEnv(STORE_ENV));
  if (dryRun) {
    const { endpoint, region, bucket } = settings;
    console.log(`Would try the bucket ${bucket} at ${endpoint} (${region}).`);
    if (days !== undefined) console.log(`Would have it delete ${KEY_PREFIX} after ${days} days.`);
    return 0;
  }
  const report = await checkStorage(settings);
  if (report.ok && days !== undefined) {
    await createStore(settings).expireAfter(KEY_PREFIX, days);
    console.log(`✅ Правило хранилища: ${KEY_PREFIX} старше ${days} дней удаляется им самим`);
  }
  console.log(printReport(report));
  return report.ok ? 0 : 1;
}
