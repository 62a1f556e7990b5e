import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

import * as z from 'zod';

import { unzip } from './zip.ts';

const Resource = z.object({
  Type: z.string(),
  Properties: z.record(z.string(), z.unknown()).default({}),
});
const Template = z.object({
  Resources: z.record(z.string(), Resource),
  Conditions: z.record(z.string(), z.unknown()),
});

export type Packaged = {
  resources: z.output<typeof Template>['Resources'];
  conditions: z.output<typeof Template>['Conditions'];
  /** The archive of a function, by the name of its folder. */
  archive(name: string): Map<string, Buffer>;
  archiveBytes(name: string): Buffer;
  /** What a deploy hands to CloudFormation: first the bucket of the artefacts, then everything. */
  template(which: 'create' | 'update'): unknown;
  remove(): void;
};

/** Packages for production as a deploy with these variables would, without an account and without touching `.serverless`. */
export async function packageForProduction(
  options: Record<string, string> = {},
): Promise<Packaged> {
  const folder = mkdtempSync(path.join(tmpdir(), 'trunkline-package-'));
  const own = Object.entries(process.env).filter(([name]) => !name.startsWith('AWS_'));
  await promisify(execFile)(
    process.execPath,
    [
      'node_modules/serverless/bin/serverless.js',
      'package',
      '--stage',
      'prod',
      '--package',
      path.join(folder, 'out'),
    ],
    {
      env: {
        ...Object.fromEntries(own),
        TRUNKLINE_BUILD_FOLDER: path.relative(process.cwd(), path.join(folder, 'build')),
        SLS_SCHEMA_CACHE_BASE_DIR: folder,
        // Those that may be missing are given, so that what they need is checked as well.
        OPERATOR_CHAT_ID: '-1001234567890',
        SENTRY_DSN: 'https://key@sentry.example.com/1',
        SENTRY_RELEASE: '0123456',
        ...options,
      },
    },
  );
  const file = path.join(folder, 'out/cloudformation-template-update-stack.json');
  const { Resources, Conditions } = Template.parse(JSON.parse(readFileSync(file, 'utf8')));
  return {
    resources: Resources,
    conditions: Conditions,
    archive: (name) => unzip(path.join(folder, 'out', `${name}.zip`)),
    archiveBytes: (name) => readFileSync(path.join(folder, 'out', `${name}.zip`)),
    template: (which) =>
      JSON.parse(
        readFileSync(path.join(folder, `out/cloudformation-template-${which}-stack.json`), 'utf8'),
      ),
    remove: () => rmSync(folder, { recursive: true }),
  };
}
