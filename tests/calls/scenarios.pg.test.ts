import { readFileSync } from 'node:fs';

import { v7 as newUuid } from 'uuid';
import { afterEach, beforeEach, expect, test } from 'vitest';
import * as z from 'zod';

import { createTracker } from '../../shared/calls/tracker.ts';
import { insertEnterprise, NUMBER, useDatabase } from '../support/database.ts';
import { createFakeQueue } from '../support/queues.ts';
import { SCENARIOS } from './scenarios.ts';

const { db } = useDatabase();
beforeEach(() => insertEnterprise(db));
afterEach(() => db`truncate enterprises, call_events, call_links, call_legs cascade`);

const Fixture = z.object({
  events: z.array(z.object({ at: z.coerce.date(), kind: z.string(), body: z.looseObject({}) })),
});

/** The machine is proven on its own; this shows that the database brings it the right events, in and out of order. */
test.each(SCENARIOS.map(({ name, title, expected }) => ({ name, title, expected })))(
  '$name, through the database: $title',
  async ({ name, expected }) => {
    const { events } = Fixture.parse(
      JSON.parse(readFileSync(`events/asterisk/${name}.json`, 'utf8')),
    );
    const ids: string[] = [];
    for (const { at, kind, body } of events) {
      const id = newUuid({ msecs: at.getTime() });
      await db`
        insert into call_events (id, enterprise_number, event_type, payload, raw, received_at)
        values (${id}, ${NUMBER}, ${kind}, ${db.json(JSON.parse(JSON.stringify(body)))}, '', ${at})`;
      ids.push(id);
    }
    const tracker = createTracker({
      db,
      crm: createFakeQueue(),
      telegram: createFakeQueue(),
      live: createFakeQueue(),
    });
    // Every second event first: a sweeper that brings back what a crash left.
    const late = ids.filter((_, index) => index % 2 === 1);
    const prompt = ids.filter((_, index) => index % 2 === 0);
    for (const eventId of [...prompt, ...late]) await tracker.track({ eventId });

    const calls = await db`
      select direction, status, phone, line, first_answered_by, last_talked_by
      from calls
      where merged_into is null
      order by (status = ${expected.status}) desc, started_at`;
    const { direction, status, phone, line, firstAnsweredBy, lastTalkedBy } = expected;
    expect(calls[0]).toEqual({ direction, status, phone, line, firstAnsweredBy, lastTalkedBy });
    expect(calls).toHaveLength(expected.calls ?? 1);
  },
);
