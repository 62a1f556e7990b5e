/** The fixtures of events/asterisk as the tests use them: each event parsed as the edge parses it. */
import { readdirSync, readFileSync } from 'node:fs';

import * as z from 'zod';

import { type CallEvent, EVENT_KINDS, parseEventBody } from '../../shared/calls/call-event.ts';
import { END_STATUSES } from '../../shared/calls/call.ts';

const FOLDER = new URL('../../events/asterisk/', import.meta.url);

const Expected = z.strictObject({
  direction: z.enum(['in', 'out', 'internal']),
  status: z.enum(END_STATUSES),
  phone: z.string().nullable(),
  line: z.string().nullable(),
  talkers: z.array(z.strictObject({ extension: z.string(), seconds: z.int().optional() })),
  firstAnsweredBy: z.string().nullable(),
  lastTalkedBy: z.string().nullable(),
  talkSeconds: z.int().optional(),
  waitSeconds: z.int().optional(),
  transfer: z.strictObject({ from: z.string(), to: z.string() }).nullish(),
  clickToCall: z.boolean().optional(),
  caller: z.string().optional(),
  rang: z.array(z.string()).optional(),
  /** Calls the events add up to; 1 unless said otherwise. */
  calls: z.int().optional(),
});

const Fixture = z.strictObject({
  title: z.string(),
  timezone: z.string(),
  events: z.array(
    z.strictObject({ at: z.iso.datetime(), kind: z.enum(EVENT_KINDS), body: z.looseObject({}) }),
  ),
  expect: Expected,
});

export type Scenario = {
  name: string;
  title: string;
  timezone: string;
  events: CallEvent[];
  expected: z.output<typeof Expected>;
};

export const SCENARIOS: Scenario[] = readdirSync(FOLDER)
  .filter((file) => file.endsWith('.json'))
  .toSorted()
  .map(readScenario);

function readScenario(file: string): Scenario {
  const text = readFileSync(new URL(file, FOLDER), 'utf8');
  const { title, timezone, events, expect } = Fixture.parse(JSON.parse(text));
  const name = file.replace(/\.json$/, '');
  return {
    name,
    title,
    timezone,
    expected: expect,
    events: events.map(({ at, kind, body }, index) =>
      receive(kind, body, { at, id: `${name}-${String(index).padStart(3, '0')}` }),
    ),
  };
}

export function findScenario(name: string): Scenario {
  const scenario = SCENARIOS.find((candidate) => candidate.name === name);
  if (!scenario) throw new Error(`No scenario ${name}`);
  return scenario;
}

/** An event as the tracker gets it; a body the parser refuses is a fault of the test. */
export function receive(
  kind: CallEvent['kind'],
  body: unknown,
  { at, id }: { at: string | Date; id: string },
): CallEvent {
  const parsed = parseEventBody(kind, body);
  if (!parsed.success) throw new Error(`${id}: ${JSON.stringify(parsed.issues)}`);
  return { ...parsed.data, kind, id, receivedAt: new Date(at) };
}
