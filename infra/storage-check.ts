// Tries everything that recordings need of the object storage: npm run storage:check (S3_… name it, see .env.example).
// --lifecycle 400 also sets the coarse net behind the precise job: the storage itself deletes what
// is older, what is on hold too.
import { parseArgs } from 'node:util';

import { readEnv } from '../shared/env.ts';
import { KEY_PREFIX } from '../shared/recordings/names.ts';
import { STORE_ENV, storeSettings } from '../shared/recordings/sign.ts';
import { checkStorage, printReport } from '../shared/recordings/storage-check.ts';
import { createStore } from '../shared/recordings/store.ts';

const { values } = parseArgs({ options: { lifecycle: { type: 'string' } } });
const days = values.lifecycle === undefined ? undefined : Number(values.lifecycle);
if (days !== undefined && !(Number.isInteger(days) && days > 0)) {
  console.error('usage: npm run storage:check [-- --lifecycle <days>]');
  process.exit(2);
}

const settings = storeSettings(readEnv(STORE_ENV));
const report = await checkStorage(settings);
if (report.ok && days !== undefined) {
  await createStore(settings).expireAfter(KEY_PREFIX, days);
  console.log(`✅ Правило хранилища: ${KEY_PREFIX} старше ${days} дней удаляется им самим`);
}
console.log(printReport(report));
process.exit(report.ok ? 0 : 1);
