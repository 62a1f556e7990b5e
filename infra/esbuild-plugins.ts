import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { build, type Plugin } from 'esbuild';

const SENTRY = '@sentry/serverless';
/** Begins like the entry file: serverless-esbuild then packs it with this function and leaves it out of the others. */
const FILE = 'handler.sentry.cjs';

let bundled: Promise<Uint8Array> | undefined;

/**
 * Builds Sentry to a file of its own next to the entry, so that a cold start does not read it: it is loaded with
 * `import()` when there is something to report. (esbuild splits only ESM by itself, and CJS starts faster.)
 */
const sentryApart: Plugin = {
  name: 'sentry-apart',
  setup(builder) {
    const { outdir = '.' } = builder.initialOptions;
    let isUsed = false;
    builder.onResolve({ filter: new RegExp(`^${SENTRY}$`) }, ({ kind, importer }) => {
      if (kind !== 'dynamic-import') {
        return {
          errors: [
            {
              text: `${importer} must load ${SENTRY} with import(), or every cold start pays for it`,
            },
          ],
        };
      }
      isUsed = true;
      return { path: `./${FILE}`, external: true };
    });
    builder.onEnd(async () => {
      if (!isUsed) return;
      bundled ??= bundleSentry();
      await mkdir(outdir, { recursive: true });
      await writeFile(path.join(outdir, FILE), await bundled);
    });
  },
};

/** Ways to find credentials that do not exist in Lambda, where they stand in the environment: a fifth of every entry. */
const ELSEWHERE = /^@aws-sdk\/credential-provider-(ini|process|sso|web-identity)$/;

const credentialsFromEnvironment: Plugin = {
  name: 'credentials-from-environment',
  setup(builder) {
    builder.onResolve({ filter: ELSEWHERE }, () => ({
      path: 'refusing',
      namespace: 'credentials',
    }));
    builder.onLoad({ filter: /.*/, namespace: 'credentials' }, () => ({
      contents: `
        const refuse = () => () => { throw new Error('No AWS credentials in the environment'); };
        export { refuse as fromIni, refuse as fromProcess, refuse as fromSSO, refuse as fromTokenFile };`,
    }));
  },
};

/** ssh2 asks for a native module and does without it; an archive for all machines has none. */
const NATIVE = /^cpu-features$/;

const withoutNatives: Plugin = {
  name: 'without-natives',
  setup(builder) {
    builder.onResolve({ filter: NATIVE }, () => ({ path: 'missing', namespace: 'natives' }));
    builder.onLoad({ filter: /.*/, namespace: 'natives' }, () => ({
      contents: `throw new Error('not built');`,
    }));
  },
};

async function bundleSentry(): Promise<Uint8Array> {
  const { outputFiles } = await build({
    stdin: { contents: `export * from '${SENTRY}'`, resolveDir: import.meta.dirname },
    bundle: true,
    minify: true,
    platform: 'node',
    target: 'node24',
    format: 'cjs',
    mainFields: ['module', 'main'],
    write: false,
  });
  const [file] = outputFiles;
  if (!file) throw new Error(`esbuild made nothing of ${SENTRY}`);
  return file.contents;
}

export default [credentialsFromEnvironment, sentryApart, withoutNatives];
