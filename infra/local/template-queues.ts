import { CreateQueueCommand, SetQueueAttributesCommand, type SQSClient } from '@aws-sdk/client-sqs';
import * as z from 'zod';

const QUEUE = 'AWS::SQS::Queue';
const ACCOUNT = '000000000000';

const Resources = z.record(
  z.string(),
  z.looseObject({ Type: z.string(), Properties: z.record(z.string(), z.unknown()).optional() }),
);
type Resources = z.output<typeof Resources>;

const GetAtt = z.object({
  'Fn::GetAtt': z.union([z.string().transform((text) => text.split('.')), z.array(z.string())]),
});

export type TemplateQueues = {
  create(client: SQSClient, endpoint: string): Promise<void>;
  /** The queue that `!GetAtt <resource>.Arn` means. */
  nameOf(reference: unknown): string;
};

/** The queues of serverless.yml as the emulator can make them. */
export function queuesOf(template: unknown, region: string): TemplateQueues {
  const resources = Resources.parse(template);
  const queues = Object.values(resources).filter(({ Type }) => Type === QUEUE);
  // A queue may only name a dead-letter queue that exists.
  const inOrder = queues.toSorted((a, b) => Number(hasDeadLetters(a)) - Number(hasDeadLetters(b)));

  return {
    async create(client, endpoint) {
      for (const { Properties = {} } of inOrder) {
        const { QueueName, ...rest } = Properties;
        const name = String(QueueName);
        const attributes = attributesOf(rest, (value) => resolve(value, resources, region));
        await createOrUpdate(client, name, attributes, queueUrl(endpoint, name));
      }
    },
    nameOf: (reference) => queueName(reference, resources),
  };
}

export function queueUrl(endpoint: string, name: string): string {
  return `${endpoint}/${ACCOUNT}/${name}`;
}

export function queueArn(region: string, name: string): string {
  return `arn:aws:sqs:${region}:${ACCOUNT}:${name}`;
}

async function createOrUpdate(
  client: SQSClient,
  name: string,
  attributes: Record<string, string>,
  url: string,
): Promise<void> {
  try {
    await client.send(new CreateQueueCommand({ QueueName: name, Attributes: attributes }));
  } catch (error) {
    if (!(error instanceof Error) || !error.name.includes('QueueNameExists')) throw error;
    // Kept from an earlier run, made from another state of the template.
    const { FifoQueue: _fifo, ...settable } = attributes;
    await client.send(new SetQueueAttributesCommand({ QueueUrl: url, Attributes: settable }));
  }
}

/** Without tags, and without the two switches of the high-throughput mode: the emulator knows none of them. */
function attributesOf(
  {
    Tags: _tags,
    DeduplicationScope: _scope,
    FifoThroughputLimit: _limit,
    ...known
  }: Record<string, unknown>,
  resolved: (value: unknown) => unknown,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(known).map(([key, value]) => [key, asText(resolved(value))]),
  );
}

function hasDeadLetters({ Properties }: Resources[string]): boolean {
  return Properties?.['RedrivePolicy'] !== undefined;
}

function resolve(value: unknown, resources: Resources, region: string): unknown {
  if (Array.isArray(value)) return value.map((item) => resolve(item, resources, region));
  if (typeof value !== 'object' || value === null) return value;
  if (GetAtt.safeParse(value).success) return queueArn(region, queueName(value, resources));
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, resolve(item, resources, region)]),
  );
}

function queueName(reference: unknown, resources: Resources): string {
  const [id = '', attribute] = GetAtt.parse(reference)['Fn::GetAtt'];
  const resource = resources[id];
  const name =
    resource?.Type === QUEUE && attribute === 'Arn'
      ? resource.Properties?.['QueueName']
      : undefined;
  if (typeof name !== 'string')
    throw new Error(`serverless.yml: !GetAtt ${id}.${attribute} is not the ARN of a queue`);
  return name;
}

function asText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
