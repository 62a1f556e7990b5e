// npm run deploy -- --stage prod
// Everything between a checked-out release and a running stage, in the order that is safe: docs/deploy.md.
import { spawn } from 'node:child_process';
import path from 'node:path';

import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { S3Client } from '@aws-sdk/client-s3';

import { readArguments, runCommand } from './arguments.ts';
import { buildPages } from './local/build-pages.ts';
import { checkout } from './local/folders.ts';
import { PlainError } from './local/plain-error.ts';
import { migrate } from './migrate.ts';
import { uploadSite } from './website.ts';

const HELP = `Usage: npm run deploy -- --stage <stage> [--region <region>] [--only <step>] [--skip-check] [--dry-run]

Brings a stage on AWS up to this checkout, step by step; a step that fails ends it, and it may be run again:

  check     npm run check: types, lint, unit tests
  migrate   the database of DATABASE_URL, under a lock; needs a direct connection, not a transaction pooler.
            The functions that run meanwhile go on: every migration suits the release before it
  functions the CloudFormation stack trunkline-<stage>: functions, queues, schedules, alarms, CDN
  pages     the admin's pages (and the widget's) to the bucket of the stack
  health    the new stage is asked for /health and /api/status

  --stage       any name but dev, which is the local stack
  --region      eu-central-1 by default
  --only        one of the steps
  --skip-check  when CI has just done it
  --dry-run     builds everything and says what would be done, changes nothing

Who deploys is told to the AWS SDK in its usual ways (AWS_PROFILE, AWS_ACCESS_KEY_ID …). docs/deploy.md says what has
to be there first, and which variables choose what is deployed.

Exit code: 0 done, 1 something went wrong, 2 wrong usage.`;

const STEPS = ['check', 'migrate', 'functions', 'pages', 'health'] as const;
type Step = (typeof STEPS)[number];
type Target = { stage: string; region: string; dryRun: boolean };

const SITES = [
  { name: 'admin', prefix: 'ui/' },
  { name: 'widget', prefix: '' }, // one file, /widget.js
] as const;

async function run(): Promise<number> {
  const given = readArguments(HELP, {
    options: {
      stage: { type: 'string' },
      region: { type: 'string', default: 'eu-central-1' },
      only: { type: 'string' },
      'skip-check': { type: 'boolean', default: false },
      'dry-run': { type: 'boolean', default: false },
    },
  });
  if (typeof given === 'number') return given;
  const { values } = given;
  const { stage = '', region, only } = values;
  if (!/^[a-z][a-z0-9-]{0,19}$/.test(stage) || stage === 'dev') {
    console.error('--stage must be a short name in small letters, and not dev. --help says more.');
    return 2;
  }
  const steps = STEPS.filter((step) =>
    only === undefined ? step !== 'check' || !values['skip-check'] : step === only,
  );
  if (steps.length === 0) {
    console.error(`--only must be one of ${STEPS.join(', ')}.`);
    return 2;
  }
  const target = { stage, region, dryRun: values['dry-run'] };
  for (const [index, step] of steps.entries()) {
    console.log(`\n[${index + 1}/${steps.length}] ${step}`);
    await DO[step](target);
  }
  console.log(target.dryRun ? '\nNothing was changed.' : `\n${stage} is up to date.`);
  return 0;
}

const DO: Record<Step, (target: Target) => Promise<void>> = {
  check: () => command('npm', ['run', 'check']),

  async migrate({ dryRun }) {
    const databaseUrl = process.env['DATABASE_URL'];
    const missing =
      'DATABASE_URL is not set: the database of the stage, by a direct connection. For example: postgresql://trunkline:secret@db.example.com:5432/trunkline';
    if (dryRun) return console.log(databaseUrl ? 'It would be brought up to date.' : missing);
    if (!databaseUrl) throw new PlainError(missing);
    const names = await migrate(databaseUrl.replace(/^postgresql\+asyncpg:/, 'postgresql:'));
    console.log(names.length === 0 ? 'Nothing to do.' : `Ran ${names.join(', ')}`);
  },

  functions: ({ stage, region, dryRun }) =>
    command(process.execPath, [
      path.join(checkout, 'node_modules/serverless/bin/serverless.js'),
      dryRun ? 'package' : 'deploy',
      '--stage',
      stage,
      '--region',
      region,
    ]),

  async pages(target) {
    for (const { name } of SITES) await buildPages(name);
    if (target.dryRun) return console.log('The pages are built and would be uploaded.');
    const { WebsiteBucket: bucket } = await readOutputs(target);
    if (!bucket) throw new PlainError('The stack has no output WebsiteBucket.');
    const s3 = new S3Client({ region: target.region, forcePathStyle: true });
    for (const { name, prefix } of SITES) {
      const folder = path.join(checkout, 'web', name, 'dist');
      const count = await uploadSite(s3, { bucket, prefix, folder });
      console.log(`${count} files of web/${name} to s3://${bucket}/${prefix}`);
    }
  },

  async health(target) {
    if (target.dryRun) return console.log('/health and /api/status would be asked.');
    const { HttpApiUrl, WebsiteAddress } = await readOutputs(target);
    if (!HttpApiUrl) throw new PlainError('The stack has no output HttpApiUrl.');
    for (const route of ['/health', '/api/status']) {
      const answer = await fetch(HttpApiUrl + route, { signal: AbortSignal.timeout(15_000) });
      console.log(`${route}: ${answer.status} ${await answer.text()}`);
      if (!answer.ok)
        throw new PlainError('The stage is there, but not well: see the answer above.');
    }
    console.log(`Pages: https://${WebsiteAddress ?? ''}/ui/   API: ${HttpApiUrl}`);
  },
};

/** What a stack says of itself, by the names of its outputs. */
async function readOutputs({
  stage,
  region,
}: Pick<Target, 'stage' | 'region'>): Promise<Record<string, string>> {
  const client = new CloudFormationClient({ region });
  const { Stacks = [] } = await client.send(
    new DescribeStacksCommand({ StackName: `trunkline-${stage}` }),
  );
  const outputs = Stacks[0]?.Outputs ?? [];
  return Object.fromEntries(
    outputs.map(({ OutputKey = '', OutputValue = '' }) => [OutputKey, OutputValue]),
  );
}

/** @throws PlainError it ended with another code than 0; what it said stands above */
async function command(file: string, args: string[]): Promise<void> {
  const child = spawn(file, args, { cwd: checkout, stdio: 'inherit' });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', resolve);
  });
  if (code !== 0) throw new PlainError(`${path.basename(args[0] ?? file)} ended with ${code}.`);
}

await runCommand(run);
