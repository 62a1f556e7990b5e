import { readFileSync, writeFileSync } from 'node:fs';

import { parse } from 'yaml';
import * as z from 'zod';

// Writes shared/operations/template.json: what the template deploys, for the page that shows how it all is.

const Schedule = z.union([
  z.string().transform((rate) => ({ rate })),
  z.object({ rate: z.string(), timezone: z.string().optional() }),
]);
const Template = z.object({
  functions: z.record(
    z.string(),
    z.object({
      description: z.string(),
      events: z.array(
        z.object({
          httpApi: z.string().optional(),
          sqs: z.object({ arn: z.string() }).optional(),
          schedule: Schedule.optional(),
          websocket: z.string().optional(),
        }),
      ),
    }),
  ),
});
const Queues = z.object({
  Resources: z.record(z.string(), z.object({ Properties: z.object({ QueueName: z.string() }) })),
});

type Template = z.output<typeof Template>;
type Event = Template['functions'][string]['events'][number];

/** What `!Ref` and its like stand for is of no interest here. */
const read = <Schema extends z.ZodType>(file: string, schema: Schema): z.output<Schema> =>
  schema.parse(parse(readFileSync(file, 'utf8'), { merge: true, logLevel: 'silent' }));

export function describeTemplate() {
  const { functions } = read('serverless.yml', Template);
  const { Resources } = read('infra/queues.yml', Queues);
  const nameOf = (arn: string): string => {
    const { QueueName = '' } = Resources[arn.replace(/\.Arn$/, '')]?.Properties ?? {};
    return QueueName.replace(/^trunkline-\$\{sls:stage\}-/, '').replace(/\.fifo$/, '');
  };
  const triggerOf = ({ httpApi, sqs, schedule, websocket }: Event): string => {
    if (sqs) return `queue ${nameOf(sqs.arn)}`;
    if (schedule) return schedule.rate;
    return httpApi ?? `websocket ${websocket ?? ''}`;
  };
  const all = Object.entries(functions).map(([name, lambda]) => ({ name, ...lambda }));
  return {
    functions: all.map(({ name, description, events }) => ({
      name,
      description,
      triggers: events.map(triggerOf),
    })),
    queues: all.flatMap(({ name, events }) =>
      events.flatMap(({ sqs }) => (sqs ? [{ name: nameOf(sqs.arn), function: name }] : [])),
    ),
    schedules: all.flatMap(({ name, description, events }) =>
      events.flatMap(({ schedule }) =>
        schedule ? [{ name, description, rate: schedule.rate }] : [],
      ),
    ),
  };
}

export const TEMPLATE_FILE = 'shared/operations/template.json';

if (import.meta.main) {
  writeFileSync(TEMPLATE_FILE, `${JSON.stringify(describeTemplate(), null, 2)}\n`);
}
