import {
  CloudFormationClient,
  CreateStackCommand,
  DeleteStackCommand,
  DescribeStackResourcesCommand,
  DescribeStacksCommand,
  UpdateStackCommand,
} from '@aws-sdk/client-cloudformation';
import { GetFunctionConfigurationCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { packageForProduction } from '../infra/packaged.ts';
import { forEmulator, type Template } from './emulated-template.ts';
import { startEmulator } from './emulator.ts';

const emulator = await startEmulator();
if (typeof emulator === 'string') {
  process.stderr.write(`\nSKIPPED: the template is not deployed here, because ${emulator}\n\n`);
}

const STACK = 'trunkline-prod';
const TEMPLATES = 'templates';
/** What they hold is gone when CloudFormation makes them anew. */
const STATEFUL = ['AWS::SQS::Queue', 'AWS::S3::Bucket', 'AWS::Logs::LogGroup', 'AWS::SNS::Topic'];

describe.skipIf(typeof emulator === 'string')('the stack', () => {
  const url = typeof emulator === 'string' ? '' : emulator.url;
  const settings = {
    endpoint: url,
    region: 'eu-central-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  };
  const cloudFormation = new CloudFormationClient(settings);
  const s3 = new S3Client({ ...settings, forcePathStyle: true });
  const lambda = new LambdaClient(settings);
  let packaged: Awaited<ReturnType<typeof packageForProduction>>;
  let template: Template;

  /** A template is too large to be sent in the request: it goes by way of a bucket, as it does on AWS. */
  async function upload(name: string, body: unknown): Promise<string> {
    const Body = JSON.stringify(body);
    await s3.send(new PutObjectCommand({ Bucket: TEMPLATES, Key: name, Body }));
    return `https://s3.eu-central-1.amazonaws.com/${TEMPLATES}/${name}`;
  }

  /** The physical id of every resource of some kinds. */
  async function idsOf(types: string[]): Promise<Record<string, string>> {
    const { StackResources = [] } = await cloudFormation.send(
      new DescribeStackResourcesCommand({ StackName: STACK }),
    );
    return Object.fromEntries(
      StackResources.filter(({ ResourceType = '' }) => types.includes(ResourceType)).map(
        ({ LogicalResourceId = '', PhysicalResourceId = '' }) => [
          LogicalResourceId,
          PhysicalResourceId,
        ],
      ),
    );
  }

  async function status(): Promise<string | undefined> {
    const { Stacks = [] } = await cloudFormation.send(
      new DescribeStacksCommand({ StackName: STACK }),
    );
    return Stacks[0]?.StackStatus;
  }

  const update = async (name: string, body: unknown) =>
    cloudFormation.send(
      new UpdateStackCommand({
        StackName: STACK,
        TemplateURL: await upload(name, body),
        Capabilities: ['CAPABILITY_IAM', 'CAPABILITY_NAMED_IAM'],
      }),
    );

  beforeAll(async () => {
    packaged = await packageForProduction();
    const made = forEmulator(packaged.template('update'));
    template = made.template;
    process.stderr.write(`Not known to the emulator: ${made.leftOut.length} resources\n`);
    await s3.send(
      new CreateBucketCommand({
        Bucket: TEMPLATES,
        CreateBucketConfiguration: { LocationConstraint: 'eu-central-1' },
      }),
    );
  }, 240_000);
  afterAll(() => {
    packaged?.remove();
    if (typeof emulator !== 'string') emulator.stop();
  });

  test('is created: first the bucket of the artefacts, then everything', async () => {
    await cloudFormation.send(
      new CreateStackCommand({
        StackName: STACK,
        TemplateURL: await upload('create.json', packaged.template('create')),
      }),
    );
    expect(await status()).toBe('CREATE_COMPLETE');

    const { ServerlessDeploymentBucket: bucket } = await idsOf(['AWS::S3::Bucket']);
    for (const { Type, Properties } of Object.values(packaged.resources)) {
      if (Type !== 'AWS::Lambda::Function') continue;
      const { S3Key } = Properties['Code'] as { S3Key: string };
      const name = S3Key.split('/').at(-1) ?? '';
      const Body = packaged.archiveBytes(name.replace(/\.zip$/, ''));
      await s3.send(new PutObjectCommand({ Bucket: bucket, Key: S3Key, Body }));
    }
    await update('update.json', template);
    expect(await status()).toBe('UPDATE_COMPLETE');
  }, 240_000);

  test('every function is there, with its role, its time and its queues as addresses', async () => {
    const config = await lambda.send(
      new GetFunctionConfigurationCommand({ FunctionName: 'trunkline-prod-call-tracker' }),
    );
    expect(config).toMatchObject({ Runtime: 'nodejs24.x', Timeout: 20 });
    expect(config.Role).toMatch(/^arn:aws:iam::\d+:role\//);
    expect(config.Environment?.Variables?.['CRM_QUEUE_URL']).toMatch(/\/trunkline-prod-crm\.fifo$/);
    const functions = Object.keys(await idsOf(['AWS::Lambda::Function']));
    const wanted = Object.entries(template.Resources).filter(
      ([, { Type }]) => Type === 'AWS::Lambda::Function',
    );
    expect(functions).toHaveLength(wanted.length);
  });

  test('what a queue gives up reaches its dead letters, encrypted', async () => {
    const { CallsQueue: QueueUrl } = await idsOf(['AWS::SQS::Queue']);
    const { Attributes } = await new SQSClient(settings).send(
      new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }),
    );
    expect(Attributes).toMatchObject({ FifoQueue: 'true', VisibilityTimeout: '120' });
    expect(JSON.parse(Attributes?.['RedrivePolicy'] ?? '{}')).toEqual({
      deadLetterTargetArn: expect.stringMatching(/:trunkline-prod-calls-dead-letters\.fifo$/),
      maxReceiveCount: 50,
    });
  });

  test('is updated, and nothing that holds something is made anew', async () => {
    const before = await idsOf(STATEFUL);
    expect(Object.keys(before).length).toBeGreaterThan(40);

    const next = structuredClone(template);
    const tracker = next.Resources['CallDashtrackerLambdaFunction'] as unknown as {
      Properties: { Timeout: number; MemorySize: number };
    };
    tracker.Properties.MemorySize = 1024;
    const queue = next.Resources['CallsQueue'] as unknown as {
      Properties: { VisibilityTimeout: number };
    };
    queue.Properties.VisibilityTimeout = 180;
    await update('next.json', next);

    expect(await status()).toBe('UPDATE_COMPLETE');
    expect(await idsOf(STATEFUL)).toEqual(before);
    const config = await lambda.send(
      new GetFunctionConfigurationCommand({ FunctionName: 'trunkline-prod-call-tracker' }),
    );
    expect(config.MemorySize).toBe(1024);
  }, 120_000);

  test('is deleted', async () => {
    await cloudFormation.send(new DeleteStackCommand({ StackName: STACK }));
    await expect(status()).rejects.toThrow(/does not exist/);
    await expect(
      lambda.send(
        new GetFunctionConfigurationCommand({ FunctionName: 'trunkline-prod-call-tracker' }),
      ),
    ).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  }, 120_000);
});
