import { execFileSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';

import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import * as z from 'zod';

const NAMESPACE = 'trunkline-prod';

/** Of AWS's own metrics those that are used, and by which dimension they are told apart. */
const OF_AWS: Record<string, string[]> = {
  'AWS/SQS QueueName': ['ApproximateAgeOfOldestMessage', 'ApproximateNumberOfMessagesVisible'],
  'AWS/Lambda FunctionName': ['Duration', 'Errors', 'Invocations', 'Throttles'],
  'AWS/ApiGateway ApiId': ['4xx', '5xx', 'Count'],
};

type Metric = { namespace: string; name: string; dimensions: string[] };
const idOf = ({ namespace, name, dimensions }: Metric): string =>
  `${namespace} ${name} by ${dimensions.toSorted().join(',')}`;

const CALL = /\b(count|observeSeconds)\(\s*'(trunkline_\w+)'(?:,\s*\{([^}]*)\})?/g;

/** Every call in the code that emits a metric, with some value for each of its dimensions. */
function callsInCode() {
  const files = globSync('{functions,shared}/**/*.ts').filter(
    (file) => !file.endsWith('metrics.ts'),
  );
  return files.flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(CALL)].map(([, how = '', name = '', given = '']) => {
      const fields = given.split(',').map((field) => field.split(':')[0]?.trim() ?? '');
      const dimensions = Object.fromEntries(fields.filter(Boolean).map((field) => [field, 'x']));
      return { how, name, dimensions };
    }),
  );
}

const Line = z.object({
  _aws: z.object({
    Timestamp: z.number(),
    CloudWatchMetrics: z.tuple([
      z.object({
        Namespace: z.string(),
        Dimensions: z.tuple([z.array(z.string())]),
        Metrics: z.tuple([z.object({ Name: z.string(), Unit: z.enum(['Count', 'Seconds']) })]),
      }),
    ]),
  }),
});

/** What a function prints, in a process of its own with the environment of the template. */
function emit(calls: ReturnType<typeof callsInCode>): unknown[] {
  const script = `
    const { count, observeSeconds } = await import('./shared/lambda/metrics.ts');
    for (const { how, name, dimensions } of ${JSON.stringify(calls)}) {
      if (how === 'count') count(name, dimensions); else observeSeconds(name, 1.5);
    }`;
  const env = {
    PATH: process.env['PATH'],
    POWERTOOLS_METRICS_NAMESPACE: NAMESPACE,
    POWERTOOLS_SERVICE_NAME: 'trunkline',
  };
  const printed = execFileSync(process.execPath, ['--input-type=module', '-e', script], { env });
  return printed
    .toString()
    .trim()
    .split('\n')
    .map((line): unknown => JSON.parse(line));
}

const calls = callsInCode();
const lines = emit(calls);
const emitted = new Set(
  lines.map((line) => {
    const [{ Namespace, Dimensions, Metrics }] = Line.parse(line)._aws.CloudWatchMetrics;
    return idOf({ namespace: Namespace, name: Metrics[0].Name, dimensions: Dimensions[0] });
  }),
);
for (const [of, names] of Object.entries(OF_AWS)) {
  const [namespace = '', dimension = ''] = of.split(' ');
  for (const name of names) emitted.add(idOf({ namespace, name, dimensions: [dimension] }));
}

test('every line is of the embedded metric format, with a value for what it names', () => {
  expect(lines).toHaveLength(calls.length);
  expect(calls.length).toBeGreaterThan(8);
  for (const line of lines) {
    const [{ Dimensions, Metrics }] = Line.parse(line)._aws.CloudWatchMetrics;
    const values = z.record(z.string(), z.unknown()).parse(line);
    expect(values[Metrics[0].Name]).toEqual(expect.any(Number));
    for (const dimension of Dimensions[0]) expect(values[dimension]).toEqual(expect.any(String));
  }
});

test('no dimension can hold an enterprise, a person or an id: each value is a metric to be paid for', () => {
  const dimensions = new Set(calls.flatMap((call) => Object.keys(call.dimensions)));
  expect([...dimensions].toSorted()).toEqual([
    'action',
    'crm',
    'kind',
    'reason',
    'result',
    'state',
  ]);
});

const stage = (text: string): string => text.replaceAll('${sls:stage}', 'prod');
const readResources = (file: string) =>
  z
    .object({ Resources: z.record(z.string(), z.looseObject({ Properties: z.looseObject({}) })) })
    .parse(parse(stage(readFileSync(file, 'utf8')), { merge: true, logLevel: 'silent' })).Resources;

describe('the dashboard shows what there is', () => {
  const body = z
    .string()
    .parse(readResources('infra/dashboard.yml')['Dashboard']?.Properties['DashboardBody']);
  const Widgets = z.object({
    widgets: z.array(
      z.object({
        properties: z.looseObject({ metrics: z.array(z.array(z.unknown())).default([]) }),
      }),
    ),
  });
  const shown = Widgets.parse(JSON.parse(body)).widgets.flatMap(({ properties }) =>
    properties.metrics.map(metricOf),
  );

  test.each(shown.map(idOf))('%s', (id) => expect(emitted).toContain(id));
});

/** A row of a widget: a metric by its parts, or a search for it. */
function metricOf(row: unknown[]): Metric {
  const search = z.object({ expression: z.string() }).safeParse(row[0]).data?.expression;
  if (search !== undefined) {
    const [, scope = '', rest = ''] = /^SEARCH\('\{([^}]+)\}([^']*)'/.exec(search) ?? [];
    const [namespace = '', ...dimensions] = scope.split(',');
    const [, name = ''] = /MetricName="(\w+)"/.exec(rest) ?? [];
    return { namespace, name, dimensions };
  }
  const texts = row.filter((part) => typeof part === 'string');
  const [namespace = '', name = '', ...pairs] = texts;
  return { namespace, name, dimensions: pairs.filter((_part, index) => index % 2 === 0) };
}

describe('every alarm watches what there is', () => {
  const Watched = z.object({
    Namespace: z.string(),
    MetricName: z.string(),
    Dimensions: z.array(z.object({ Name: z.string() })),
  });
  const Alarm = z.looseObject({
    Metrics: z
      .array(z.looseObject({ MetricStat: z.object({ Metric: Watched }).optional() }))
      .optional(),
  });
  const alarms = Object.entries(readResources('infra/alarms.yml')).filter(
    ([, resource]) => resource['Type'] === 'AWS::CloudWatch::Alarm',
  );

  test.each(alarms)('%s', (_name, { Properties }) => {
    const several = Alarm.parse(Properties).Metrics;
    const watched = several
      ? several.flatMap(({ MetricStat }) => (MetricStat ? [MetricStat.Metric] : []))
      : [Watched.parse(Properties)];
    expect(watched).not.toEqual([]);
    for (const { Namespace, MetricName, Dimensions } of watched) {
      const dimensions = Dimensions.map(({ Name }) => Name);
      expect(emitted).toContain(idOf({ namespace: Namespace, name: MetricName, dimensions }));
    }
  });
});
