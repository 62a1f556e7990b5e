import { gzipSync } from 'node:zlib';

import type { Plugin, Rolldown } from 'vite';

const MOST_KB = 250;
/** What the heaviest first page loads besides the entry. */
const FIRST_PAGE = [/overview-page\.tsx$/, /login-page\.tsx$/, /texts\/ru\.ts$/];

/** Ends the build when the first page has grown over its budget, or when one of its parts cannot be found. */
export function firstPageBudget(): Plugin {
  return {
    name: 'first-page-budget',
    apply: 'build',
    generateBundle(_options, bundle) {
      const kilobytes = sizeOfFirstPage(bundle) / 1000;
      const sentence = `the first page is ${kilobytes.toFixed(0)} KB gzipped of ${MOST_KB} KB`;
      if (kilobytes > MOST_KB) this.error(sentence);
      this.info(sentence);
    },
  };
}

export function sizeOfFirstPage(bundle: Rolldown.OutputBundle): number {
  const chunks = Object.values(bundle).filter((output) => output.type === 'chunk');
  const roots = [
    ...chunks.filter(({ isEntry }) => isEntry),
    ...FIRST_PAGE.map((pattern) => {
      const found = chunks.find(({ facadeModuleId }) => pattern.test(facadeModuleId ?? ''));
      if (!found) throw new Error(`No chunk of the first page fits ${pattern}`);
      return found;
    }),
  ];
  const files = new Set<string>();
  const add = (file: string): void => {
    const output = bundle[file];
    if (files.has(file) || !output) return;
    files.add(file);
    if (output.type !== 'chunk') return;
    for (const next of [...output.imports, ...(output.viteMetadata?.importedCss ?? [])]) add(next);
  };
  for (const { fileName } of roots) add(fileName);
  return [...files].reduce((total, file) => total + gzippedSizeOf(bundle[file]), 0);
}

function gzippedSizeOf(output: Rolldown.OutputBundle[string] | undefined): number {
  if (!output) return 0;
  return gzipSync(output.type === 'chunk' ? output.code : output.source).length;
}
