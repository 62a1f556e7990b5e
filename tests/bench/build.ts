import { readFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

import { build as esbuild, type Plugin } from 'esbuild';
import { parse } from 'yaml';
import * as z from 'zod';

import { checkout } from '../../infra/local/folders.ts';

const Service = z.object({
  custom: z.object({
    esbuild: z.looseObject({
      outputFileExtension: z.string(),
      plugins: z.string().optional(),
    }),
  }),
  params: z.object({
    default: z.object({ nodeOptions: z.string(), copyNodeOptions: z.string() }),
  }),
});
/** What `serverless-esbuild` keeps to itself; everything else goes to esbuild, which refuses what it does not know. */
const OF_THE_PLUGIN = [
  'outputFileExtension',
  'outputWorkFolder',
  'plugins',
  'exclude',
  'external',
  'watch',
];

/**
 * Builds an entry as `serverless package` does, with the options of serverless.yml; `root` is a checkout, this one by
 * default. Returns the path of the result.
 */
export async function build(entry: string, folder: string, root = checkout): Promise<string> {
  const { custom } = readService(root);
  const { outputFileExtension, plugins } = custom.esbuild;
  const options = Object.entries(custom.esbuild).filter(([name]) => !OF_THE_PLUGIN.includes(name));
  const outdir = path.join(folder, path.dirname(entry));
  await esbuild({
    platform: 'node',
    ...Object.fromEntries(options),
    absWorkingDir: root,
    plugins: plugins ? await loadPlugins(path.join(root, plugins)) : [],
    outExtension: { '.js': outputFileExtension },
    entryPoints: [entry],
    outdir,
  });
  return path.join(outdir, path.basename(entry, path.extname(entry)) + outputFileExtension);
}

/** NODE_OPTIONS of every stage but the local one: of most functions, or of the one that copies recordings. */
export function nodeOptions(param: 'nodeOptions' | 'copyNodeOptions' = 'nodeOptions'): string {
  return readService().params.default[param];
}

function readService(root = checkout) {
  const text = readFileSync(path.join(root, 'serverless.yml'), 'utf8');
  // The tags of CloudFormation stay plain text here.
  return Service.parse(parse(text, { merge: true, logLevel: 'silent' }));
}

async function loadPlugins(file: string): Promise<Plugin[]> {
  const loaded: { default: Plugin[] } = await import(pathToFileURL(file).href);
  return loaded.default;
}
