import { createHash } from 'node:crypto';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const MARK = 'mended by trunkline';

/** Replaces pieces of an installed library's file, each of which must be there once; a second time changes nothing. */
export function mend(library, version, name, changes) {
  const folder = path.resolve('node_modules', library);
  const installed = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')).version;
  if (installed !== version)
    throw new Error(
      `${library} ${installed}: see whether what infra/mend-*.mjs does is still needed`,
    );
  const file = path.join(folder, name);
  let text = readFileSync(file, 'utf8');
  const mark = `${MARK} ${createHash('sha256').update(JSON.stringify(changes)).digest('hex')}`;
  if (text.includes(mark)) return;
  if (text.includes(MARK)) throw new Error(`${file} was mended otherwise: npm ci brings it anew`);
  for (const [from, to] of changes) {
    if (text.split(from).length !== 2) throw new Error(`${file} is not as it was in ${version}`);
    text = text.replace(from, () => to);
  }
  // A file of its own: package managers link files between folders.
  writeFileSync(`${file}.mended`, `${text}\n// ${mark}\n`);
  renameSync(`${file}.mended`, file);
}
