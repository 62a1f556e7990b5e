import { existsSync, readdirSync, readFileSync } from 'node:fs';

import { afterAll, describe, expect, test } from 'vitest';
import * as z from 'zod';

import { MAX_CONNECTIONS, RESERVED_CONNECTIONS } from '../../infra/connections.ts';
import { budgetOf } from '../../infra/entry-budgets.ts';
import { describeTemplate, TEMPLATE_FILE } from '../../infra/services.ts';
import { BOX_VARIABLES } from '../../shared/asterisk/reach.ts';
import { CHAT_VARIABLES } from '../../shared/chat/chat.ts';
import { VARIABLES } from '../../shared/env.ts';
import { MANAGERS_VARIABLES } from '../../shared/managers/managers.ts';
import { STORE_ENV } from '../../shared/recordings/sign.ts';
import { QUEUE_VARIABLES } from '../../shared/watched-queue.ts';
import { packageForProduction } from './packaged.ts';

const SECRETS = [
  'DATABASE_URL',
  'ENCRYPTION_KEY',
  'TELEGRAM_BOT_TOKEN',
  'TELEGRAM_WEBHOOK_SECRET',
  'TIMEWEB_API_TOKEN',
  'ASTERISK_SSH_PASSWORD',
  'ASTERISK_SSH_KEY',
  'S3_ACCESS_KEY',
  'S3_SECRET_KEY',
  'METRICS_TOKEN',
  'AI_API_KEY',
];
/** Look whether a queue answers, and send nothing. */
const ASK_ONLY = ['status', 'metrics'];
const SENTRY_MARK = 'sentry.javascript';
/** Read by the wrappers, the logger and the runtime. */
const FOR_ALL = [
  'POWERTOOLS_SERVICE_NAME',
  'POWERTOOLS_LOG_LEVEL',
  'POWERTOOLS_METRICS_NAMESPACE',
  'NODE_OPTIONS',
  'SENTRY_DSN',
  'SENTRY_RELEASE',
  'TRUSTED_PROXIES',
];

const GetArn = z
  .object({ 'Fn::GetAtt': z.tuple([z.string(), z.string()]) })
  .transform((value) => value['Fn::GetAtt'][0]);

const Ref = z.object({ Ref: z.string() }).transform((value) => value.Ref);
const LogGroup = z.object({ LogGroupName: z.string(), RetentionInDays: z.number() });

const Queue = z.object({
  FifoQueue: z.literal(true),
  SqsManagedSseEnabled: z.literal(true),
  DeduplicationScope: z.literal('messageGroup'),
  FifoThroughputLimit: z.literal('perMessageGroupId'),
  MessageRetentionPeriod: z.number(),
  VisibilityTimeout: z.number().optional(),
  RedrivePolicy: z
    .object({ deadLetterTargetArn: GetArn, maxReceiveCount: z.literal(50) })
    .optional(),
});

const Mapping = z.object({
  EventSourceArn: GetArn,
  FunctionName: GetArn,
  FunctionResponseTypes: z.tuple([z.literal('ReportBatchItemFailures')]),
  ScalingConfig: z.object({ MaximumConcurrency: z.number() }),
});

const AnyAlarm = z.object({
  MetricName: z.string().optional(), // of an alarm that adds several up there is none
  AlarmDescription: z.string(),
  AlarmActions: z.array(z.unknown()).min(1),
  Dimensions: z.array(z.object({ Name: z.string(), Value: z.unknown() })).optional(),
});
const DeadLettersAlarm = AnyAlarm.extend({
  Namespace: z.literal('AWS/SQS'),
  MetricName: z.literal('ApproximateNumberOfMessagesVisible'),
  ComparisonOperator: z.literal('GreaterThanThreshold'),
  Threshold: z.literal(0),
  Dimensions: z.tuple([z.object({ Name: z.literal('QueueName'), Value: GetArn })]),
});

const Lambda = z.object({
  FunctionName: z.string(),
  Runtime: z.literal('nodejs24.x'),
  Architectures: z.tuple([z.literal('arm64')]),
  Timeout: z.number(),
  Role: GetArn,
  Environment: z.object({ Variables: z.record(z.string(), z.unknown()) }),
});

const Reserved = z.object({
  FunctionName: z.string(),
  ReservedConcurrentExecutions: z.number().optional(),
});

const OneOrMany = <T extends z.ZodType>(schema: T) =>
  z.union([z.array(schema), schema.transform((value) => [value])]);
const Role = z.object({
  Policies: z.array(
    z.object({
      PolicyDocument: z.object({
        Statement: z.array(
          z.object({ Action: OneOrMany(z.string()), Resource: OneOrMany(z.unknown()) }),
        ),
      }),
    }),
  ),
});

const packaged = await packageForProduction();
afterAll(() => packaged.remove());

function all<T extends z.ZodType>(type: string, schema: T): [string, z.output<T>][] {
  return Object.entries(packaged.resources)
    .filter(([, resource]) => resource.Type === type)
    .map(([id, { Properties }]) => [id, schema.parse(Properties)]);
}

function get<T extends z.ZodType>(id: string, schema: T): z.output<T> {
  return schema.parse(packaged.resources[id]?.Properties);
}

const queues = all('AWS::SQS::Queue', Queue);
const working = queues.filter(([, { RedrivePolicy }]) => RedrivePolicy).map(([id]) => id);
const mappings = all('AWS::Lambda::EventSourceMapping', Mapping).map(([, mapping]) => mapping);
const functions = all('AWS::Lambda::Function', Lambda).map(([, lambda]) => ({
  ...lambda,
  name: lambda.FunctionName.replace(/^trunkline-prod-/, ''),
  variables: lambda.Environment.Variables,
}));

/** The connections that one instance of a function may have open. */
function poolSizeOf(functionName: string): number {
  const folder = functionName.replace(/^trunkline-prod-/, '');
  const source = readFileSync(`functions/${folder}/handler.ts`, 'utf8');
  const [, options] = /\bconnect\(env\.DATABASE_URL(.*?)\)/.exec(source) ?? [];
  if (options === undefined) return 0;
  return Number(/max: (\d+)/.exec(options)?.[1] ?? 1);
}

const sorted = (names: Iterable<string>): string[] => [...names].toSorted();
const statementsOf = (role: string) =>
  get(role, Role).Policies.flatMap(({ PolicyDocument }) => PolicyDocument.Statement);

describe('queues', () => {
  test('there are some, each with a dead-letter queue of its own', () => {
    const deadLetters = queues.flatMap(
      ([, queue]) => queue.RedrivePolicy?.deadLetterTargetArn ?? [],
    );
    expect(working).toEqual(expect.arrayContaining(['CallsQueue', 'CrmQueue', 'TelegramQueue']));
    expect(sorted([...working, ...deadLetters])).toEqual(sorted(queues.map(([id]) => id)));
    expect(new Set(deadLetters)).toHaveLength(working.length);
  });

  test.each(working)(
    '%s: what could not be handled is kept for 14 days, and raises an alarm',
    (id) => {
      const deadLetters = get(id, Queue).RedrivePolicy?.deadLetterTargetArn ?? '';
      expect(get(deadLetters, Queue).MessageRetentionPeriod).toBe(14 * 86_400);
      const watched = all('AWS::CloudWatch::Alarm', AnyAlarm)
        .filter(([, { MetricName }]) => MetricName === 'ApproximateNumberOfMessagesVisible')
        .map(([alarm]) => get(alarm, DeadLettersAlarm).Dimensions[0].Value);
      expect(watched).toContain(deadLetters);
    },
  );

  test.each(working)('%s: one function reads it, and has enough time', (id) => {
    const readers = mappings.filter(({ EventSourceArn }) => EventSourceArn === id);
    expect(readers).toHaveLength(1);
    const { Timeout } = get(readers[0]?.FunctionName ?? '', Lambda);
    expect(get(id, Queue).VisibilityTimeout).toBeGreaterThanOrEqual(6 * Timeout);
  });

  test('the triggers leave connections to the database for everybody else', () => {
    const most = mappings.map(
      ({ ScalingConfig, FunctionName }) =>
        ScalingConfig.MaximumConcurrency * poolSizeOf(get(FunctionName, Lambda).FunctionName),
    );
    const sum = most.reduce((total, one) => total + one, 0);
    expect(sum + RESERVED_CONNECTIONS).toBeLessThanOrEqual(MAX_CONNECTIONS);
    expect(readFileSync('docs/deploy.md', 'utf8')).toContain(`at most ${sum} of them for queues`);
  });
});

describe('alarms', () => {
  const runbook = readFileSync('docs/runbook.md', 'utf8');
  const pages = [...runbook.matchAll(/^## ([a-z-]+)/gm)].map(([, heading]) => heading);

  test.each(all('AWS::CloudWatch::Alarm', AnyAlarm))('%s says where to read on', (_id, alarm) => {
    const [, page] = /docs\/runbook\.md#([a-z-]+)$/.exec(alarm.AlarmDescription) ?? [];
    expect(pages).toContain(page);
  });
});

describe('dashboard', () => {
  const { DashboardBody } = get(
    'Dashboard',
    z.object({
      DashboardBody: z.object({ 'Fn::Sub': z.string() }).transform((body) => body['Fn::Sub']),
    }),
  );

  test('is JSON once its names are filled in, and shows every alarm', () => {
    const Body = z.object({
      widgets: z.array(
        z.object({
          type: z.enum(['alarm', 'metric']),
          x: z.number(),
          y: z.number(),
          properties: z.looseObject({ title: z.string(), alarms: z.array(z.string()).optional() }),
        }),
      ),
    });
    const body = Body.parse(JSON.parse(DashboardBody.replaceAll(/\$\{([\w.:]+)\}/g, '$1')));
    const shown = body.widgets.flatMap(({ properties }) => properties.alarms ?? []);
    const alarms = all('AWS::CloudWatch::Alarm', AnyAlarm).map(([id]) => `${id}.Arn`);
    expect(sorted(shown)).toEqual(sorted(alarms));
  });

  test('names only what the template has', () => {
    const named = [...DashboardBody.matchAll(/\$\{([A-Za-z]+)(?:\.\w+)?\}/g)].map(([, id]) => id);
    expect(named.filter((id = '') => !(id in packaged.resources))).toEqual([]);
  });

  test('watches the age of every queue', () => {
    for (const id of working) {
      expect(DashboardBody).toContain(`"ApproximateAgeOfOldestMessage", "QueueName", "\${${id}.`);
    }
  });
});

describe('functions', () => {
  test('every folder is deployed, and nothing else', () => {
    const folders = readdirSync('functions').filter((name) =>
      existsSync(`functions/${name}/handler.ts`),
    );
    expect(sorted(functions.map(({ name }) => name))).toEqual(sorted(folders));
  });

  test('every log is kept for a limited time', () => {
    const groups = all('AWS::Logs::LogGroup', LogGroup).map(([, { LogGroupName }]) => LogGroupName);
    expect(sorted(groups)).toEqual(
      sorted(functions.map(({ FunctionName }) => `/aws/lambda/${FunctionName}`)),
    );
  });

  test.each(functions)('$name is given what its handler reads, and no more', (lambda) => {
    const handler = readFileSync(`functions/${lambda.name}/handler.ts`, 'utf8');
    const [list = ''] = /readEnv\([^;]*\);/.exec(handler) ?? [];
    const named = [...list.matchAll(/'([A-Z0-9_]+)'/g)].map(([, variable = '']) => variable);
    const read: string[] = [
      ...named,
      ...(list.includes('...CHAT_VARIABLES') ? CHAT_VARIABLES : []),
      ...(list.includes('...MANAGERS_VARIABLES') ? MANAGERS_VARIABLES : []),
      ...(list.includes('...QUEUE_VARIABLES') ? QUEUE_VARIABLES : []),
      ...(list.includes('...BOX_VARIABLES') ? BOX_VARIABLES : []),
      ...(list.includes('...STORE_ENV') ? STORE_ENV : []),
    ];
    const given = Object.keys(lambda.variables);
    expect(read.filter((name) => !given.includes(name) && !isOptional(name))).toEqual([]);
    expect(given.filter((name) => !read.includes(name) && !FOR_ALL.includes(name))).toEqual([]);
  });

  test.each(functions)(
    '$name has no secret as a value, and nothing that is for the local stack',
    ({ variables }) => {
      const values = SECRETS.flatMap((name) => variables[name] ?? []);
      for (const value of values) expect(value).toMatch(/^\{\{resolve:secretsmanager:trunkline\//);
      const local = ['OUTBOUND_ALLOW_PRIVATE', 'SQS_ENDPOINT'];
      expect(local.filter((variable) => variable in variables)).toEqual([]);
    },
  );

  test('what is scheduled runs once at a time, so that a run by hand waits its turn', () => {
    const alone = all('AWS::Lambda::Function', Reserved).flatMap(([, lambda]) =>
      lambda.ReservedConcurrentExecutions === undefined ? [] : [lambda],
    );
    const names = alone.map(({ FunctionName }) => FunctionName.replace('trunkline-prod-', ''));
    expect(sorted(names)).toEqual(sorted(describeTemplate().schedules.map(({ name }) => name)));
    expect(new Set(alone.map((one) => one.ReservedConcurrentExecutions))).toEqual(new Set([1]));
  });

  test.each(functions)('$name has a small entry file, and Sentry beside it', ({ name }) => {
    const files = packaged.archive(name);
    const entry = files.get(`functions/${name}/handler.cjs`);
    const sentry = files.get(`functions/${name}/handler.sentry.cjs`);
    expect(entry?.length).toBeLessThanOrEqual(budgetOf(name));
    expect(entry?.includes(SENTRY_MARK)).toBe(false);
    expect(sentry?.includes(SENTRY_MARK)).toBe(entry?.includes('handler.sentry.cjs') || undefined);
    expect([...files.keys()].filter((file) => !file.startsWith(`functions/${name}/`))).toEqual([]);
  });
});

describe('what looks after the rest', () => {
  test('shared/operations/template.json says what the template says', () => {
    const stored: unknown = JSON.parse(readFileSync(TEMPLATE_FILE, 'utf8'));
    expect(stored, 'out of date: npm run services').toEqual(describeTemplate());
  });

  test.each(['admin-services', 'outbox-sweep'])('%s is given every queue', (name) => {
    const lambda = functions.find((one) => one.name === name);
    const given = Object.values(lambda?.variables ?? {}).flatMap(
      (value) => Ref.safeParse(value).data ?? [],
    );
    expect(given).toEqual(expect.arrayContaining(working));
  });

  test.each(['AdminServicesRole', 'OutboxSweepRole'])('%s may put every dead letter back', (id) => {
    const deadLetters = queues.flatMap(([, { RedrivePolicy }]) =>
      RedrivePolicy ? [RedrivePolicy.deadLetterTargetArn] : [],
    );
    const readable = statementsOf(id).flatMap(({ Action, Resource }) =>
      Action.includes('sqs:ReceiveMessage') ? Resource.map((arn) => GetArn.parse(arn)) : [],
    );
    expect(sorted(readable)).toEqual(sorted(deadLetters));
  });

  test('admin-services may run every schedule', () => {
    const invoked = JSON.stringify(
      statementsOf('AdminServicesRole').filter(({ Action }) =>
        Action.includes('lambda:InvokeFunction'),
      ),
    );
    for (const { name } of describeTemplate().schedules) {
      expect(invoked).toContain(`function:trunkline-prod-${name}"`);
    }
  });
});

describe('roles', () => {
  test('every function has its own', () => {
    expect(new Set(functions.map((lambda) => lambda.Role))).toHaveLength(functions.length);
    expect(packaged.resources).not.toHaveProperty('IamRoleLambdaExecution');
  });

  test.each(all('AWS::IAM::Role', Role).map(([id]) => id))(
    '%s reaches only what it names',
    (id) => {
      // A connection's id is known to nobody beforehand: what is named is the API.
      const connections = /\$\{WebsocketsApi\}\/prod\/(POST|DELETE)\/@connections\/\*/g;
      const named = JSON.stringify(statementsOf(id)).replaceAll(connections, '');
      expect(named).not.toContain('*');
    },
  );

  test.each(functions)('$name sends to the queues of its variables, to no others', (lambda) => {
    const allowed = (action: string): unknown[] =>
      statementsOf(lambda.Role).flatMap(({ Action, Resource }) =>
        Action.includes(action) ? Resource : [],
      );
    const named = (ending: string): unknown[] =>
      Object.entries(lambda.variables).flatMap(([name, value]) =>
        name.endsWith(ending) ? [value] : [],
      );

    const sendable = allowed('sqs:SendMessage').map((arn) => GetArn.parse(arn));
    const sending = ASK_ONLY.includes(lambda.name) ? [] : named('_QUEUE_URL');
    expect(sorted(sendable)).toEqual(sorted(sending.map((value) => Ref.parse(value))));
  });

  test.each(mappings)(
    '$FunctionName may work on $EventSourceArn',
    ({ EventSourceArn, FunctionName }) => {
      const { Role: role } = get(FunctionName, Lambda);
      const receiving = statementsOf(role).filter(({ Action }) =>
        Action.includes('sqs:ReceiveMessage'),
      );
      expect(receiving).toEqual([
        {
          Action: [
            'sqs:ReceiveMessage',
            'sqs:DeleteMessage',
            'sqs:GetQueueAttributes',
            'sqs:ChangeMessageVisibility',
          ],
          Resource: [{ 'Fn::GetAtt': [EventSourceArn, 'Arn'] }],
        },
      ]);
    },
  );
});

function isOptional(name: string): boolean {
  const variables: Record<string, { schema: z.ZodType }> = VARIABLES;
  return variables[name]?.schema.safeParse(undefined).success ?? false;
}
