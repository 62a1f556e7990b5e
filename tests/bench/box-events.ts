import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';

import * as z from 'zod';

import { EVENT_KINDS } from '../../shared/calls/call-event.ts';

const FOLDER = new URL('../../events/asterisk/', import.meta.url);
const Fixture = z.object({
  events: z.array(
    z.object({
      at: z.iso.datetime(),
      kind: z.enum(EVENT_KINDS),
      body: z.record(z.string(), z.unknown()),
    }),
  ),
});

export type BoxEvent = {
  kind: (typeof EVENT_KINDS)[number];
  body: Record<string, unknown>;
  /** Milliseconds after the first event of the call. */
  after: number;
};

let made = 0;

/** The events of a recorded call as those of a new one: channels, bridges and the outside number are its own. */
export function newCall(scenario: string, token: string, phone = newPhone()): BoxEvent[] {
  made += 1;
  const text = readFileSync(new URL(`${scenario}.json`, FOLDER), 'utf8');
  const events = Fixture.parse(JSON.parse(text)).events;
  const began = Date.parse(events[0]?.at ?? '');
  const names = new Map<string, string>();
  const renamed = (old: string, name: () => string): string => {
    const known = names.get(old) ?? name();
    names.set(old, known);
    return known;
  };
  return events.map(({ at, kind, body }) => {
    const fresh = JSON.stringify({ ...body, Token: token })
      .replaceAll(/"\d{10}\.\d+"/g, (id) => renamed(id, () => `"${newUniqueId(names.size)}"`))
      .replaceAll(/"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"/g, (id) =>
        renamed(id, () => `"${randomUUID()}"`),
      )
      .replaceAll(/(?<=[/@-])[0-9a-f]{8}(?=[;"])/g, (id) =>
        renamed(id, () => (made * 32 + names.size).toString(16).padStart(8, '0')),
      )
      .replaceAll(/37529111\d{4}/g, phone);
    const parsed = z.record(z.string(), z.unknown()).parse(JSON.parse(fresh));
    return { kind, body: parsed, after: Date.parse(at) - began };
  });
}

/** Of a range that no other part of the demo data uses. */
export function newPhone(): string {
  return `37533${String(1_000_000 + made)}`;
}

function newUniqueId(index: number): string {
  return `${Math.floor(Date.now() / 1000)}.${made * 32 + index}`;
}
