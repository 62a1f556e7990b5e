import { describe, expect, test } from 'vitest';

import type { CallEvent } from '../../shared/calls/call-event.ts';
import type { Call } from '../../shared/calls/call.ts';
import { foldCall } from '../../shared/calls/fold-call.ts';
import { foldAll } from './fold-all.ts';
import { seedRandom, shuffle } from './random.ts';
import { SCENARIOS } from './scenarios.ts';

/** Arrival within this time of the true one must not change what the box itself wrote. */
const JITTER_MS = 60_000;

function delay(event: CallEvent, ms: number): CallEvent {
  return { ...event, receivedAt: new Date(+event.receivedAt + ms) };
}

/** What stays when arrival is shuffled: who talked how long is told by arrival alone. */
function keepWhatBoxWrote({ status, direction, phone, talkers, firstAnsweredBy, ...call }: Call) {
  const participants = [...new Set(talkers.map(({ extension }) => extension))].toSorted();
  const { startedAt, endedAt, mainUniqueId, rang } = call;
  return {
    mainUniqueId,
    status,
    direction,
    phone,
    participants,
    firstAnsweredBy,
    rang: rang.toSorted(),
    startedAt,
    endedAt,
  };
}

describe.each(SCENARIOS)('$name', (scenario) => {
  const { events, timezone, name } = scenario;
  const calls = foldAll(scenario);

  test('the order of processing does not matter', () => {
    const random = seedRandom(1);
    for (let round = 0; round < 200; round++) {
      expect(foldAll({ timezone, events: shuffle(events, random) })).toEqual(calls);
      expect(foldCall(shuffle(events, random), { timezone })).toEqual(calls[0]);
    }
  });

  test('repeated events change nothing', () => {
    const random = seedRandom(2);
    const sameIds = [...events, ...events, ...events];
    const sameContent = events.flatMap((event) => [event, { ...event, id: `${event.id}-again` }]);
    // A box that got no answer in time sends the same body again.
    const retried = events.map((event) => delay({ ...event, id: `${event.id}-retry` }, 900));
    expect(foldAll({ timezone, events: shuffle(sameIds, random) })).toEqual(calls);
    expect(foldAll({ timezone, events: shuffle(sameContent, random) })).toEqual(calls);
    const [call, ...others] = foldAll({ timezone, events: [...events, ...retried] });
    expect(others).toEqual([]);
    expect(call && keepWhatBoxWrote(call)).toEqual(calls[0] && keepWhatBoxWrote(calls[0]));
  });

  test('arrival shuffled within 60 s leaves what the box wrote', () => {
    const random = seedRandom(3);
    for (let round = 0; round < 100; round++) {
      const shuffled = events.map((event) => delay(event, Math.floor(random() * JITTER_MS)));
      const folded = foldAll({ timezone, events: shuffled });
      expect(folded, `${name}, round ${round}`).toHaveLength(1);
      expect(folded.map(keepWhatBoxWrote), `${name}, round ${round}`).toEqual(
        calls.map(keepWhatBoxWrote),
      );
    }
  });
});
