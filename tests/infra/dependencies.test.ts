import { readFileSync } from 'node:fs';

import { expect, test } from 'vitest';
import * as z from 'zod';

/** May be used, changed and passed on in a closed product. MPL: its own files only, and none of them is changed. */
const PERMISSIVE = new Set([
  'MIT',
  'MIT-0',
  'ISC',
  '0BSD',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'Apache-2.0',
  'Unlicense',
  'BlueOak-1.0.0',
  'CC0-1.0',
  'Python-2.0',
  'Zlib',
  'PostgreSQL',
  'PSF-2.0',
]);
/** Not part of what is deployed: data, or a tool of the build. */
const TOOLS_ONLY = new Set(['CC-BY-4.0', 'CC-BY-3.0', 'MPL-2.0']);

const Lock = z.object({
  packages: z.record(
    z.string(),
    z.looseObject({
      license: z.unknown().optional(),
      dev: z.boolean().optional(),
      optional: z.boolean().optional(),
      hasInstallScript: z.boolean().optional(),
      integrity: z.string().optional(),
      resolved: z.string().optional(),
      link: z.boolean().optional(),
    }),
  ),
});
const read = (file: string): unknown => JSON.parse(readFileSync(file, 'utf8'));
const { packages } = Lock.parse(read('package-lock.json'));
const installed = Object.entries(packages).filter(([folder, { link }]) => folder !== '' && !link);
const nameOf = (folder: string): string => folder.split('node_modules/').at(-1) ?? folder;

/** `(MIT OR GPL-3.0)`: one of them is enough. `MIT AND ISC`: all of them count. */
function isPermissive(license: string, allowed: ReadonlySet<string>): boolean {
  return license
    .replaceAll(/[()]/g, '')
    .split(/ or /i)
    .some((choice) => choice.split(/ and /i).every((each) => allowed.has(each.trim())));
}

test('every package may be passed on: licences are permissive', () => {
  const others = installed.flatMap(([folder, { license, dev }]) => {
    const stated = typeof license === 'string' ? license : licenceInFolder(folder);
    const allowed = dev ? new Set([...PERMISSIVE, ...TOOLS_ONLY]) : PERMISSIVE;
    return isPermissive(stated, allowed) ? [] : [`${nameOf(folder)}: ${stated}`];
  });
  expect(others).toEqual([]);
});

/** Where the lock file says nothing: what the package says, or what its licence file begins with. */
function licenceInFolder(folder: string): string {
  try {
    const { license, licenses } = z
      .looseObject({ license: z.unknown().optional(), licenses: z.unknown().optional() })
      .parse(read(`${folder}/package.json`));
    if (typeof license === 'string') return license;
    const [first] = z.array(z.object({ type: z.string() })).parse(licenses ?? [license]);
    return first?.type ?? 'unknown';
  } catch {
    return 'unknown';
  }
}

test('every package comes from the registry and is known by its hash', () => {
  const strangers = installed.flatMap(([folder, { resolved = '', integrity = '', optional }]) =>
    // npm leaves out the hashes of optional packages for machines that it has not seen.
    (optional && integrity === '') ||
    (integrity.startsWith('sha512-') && (resolved === '' || resolved.startsWith('https://')))
      ? []
      : [`${nameOf(folder)} ${resolved}`],
  );
  expect(strangers).toEqual([]);
});

test('no package runs a script at its installation that nobody has decided about', () => {
  const { allowScripts } = z
    .looseObject({ allowScripts: z.record(z.string(), z.boolean()) })
    .parse(read('package.json'));
  const undecided = installed.flatMap(([folder, { hasInstallScript, optional }]) =>
    hasInstallScript && !optional && !(nameOf(folder) in allowScripts) ? [nameOf(folder)] : [],
  );
  expect(undecided).toEqual([]);
});
