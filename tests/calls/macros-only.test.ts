import { expect, test } from 'vitest';

import { foldAll } from './fold-all.ts';
import { SCENARIOS } from './scenarios.ts';

/**
 * What only a listener on the box can know. Everything else must come out right from start, dial and hangup.
 * - a consult that the second one refused, or that only names who asked, looks like an internal call of its own;
 * - a mobile that was asked and handed back hangs up as if it had talked with the client;
 * - a blind transfer that the box does not announce with a dial.
 */
const KNOWN_ONLY_BY_BRIDGES: Record<string, { calls?: 2; lastTalkedBy?: string }> = {
  'in-blind-accepted.b': { lastTalkedBy: '151' },
  'in-consult-refused': { calls: 2 },
  'in-consult-refused.b': { lastTalkedBy: '152' },
  'out-consult-refused': { calls: 2 },
  'in-followme-consult-desk-refused': { calls: 2 },
  'in-followme-consult-mobile-refused': { calls: 2, lastTalkedBy: '375297770007' },
};

const scenarios = SCENARIOS.map((scenario) => ({
  ...scenario,
  events: scenario.events.filter(({ kind }) => ['start', 'dial', 'hangup'].includes(kind)),
}));

test.each(scenarios)('$name: $title', ({ name, events, timezone, expected }) => {
  const calls = foldAll({ events, timezone });
  const [call] = calls;
  const known = KNOWN_ONLY_BY_BRIDGES[name];
  expect(calls).toHaveLength(known?.calls ?? 1);
  expect(call).toMatchObject({
    direction: expected.direction,
    status: expected.status,
    phone: expected.phone,
    firstAnsweredBy: expected.firstAnsweredBy,
    lastTalkedBy: known?.lastTalkedBy ?? expected.lastTalkedBy,
    clickToCall: expected.clickToCall ?? false,
  });
});

test('without bridges an answered call has talked from its start to its end', () => {
  for (const { events, timezone } of scenarios) {
    const answered = foldAll({ events, timezone }).filter(({ status }) => status === 'answered');
    const durations = answered.map(
      ({ startedAt, endedAt }) => (+(endedAt ?? 0) - +startedAt) / 1000,
    );
    expect(answered.map(({ talkSeconds }) => talkSeconds)).toEqual(durations);
  }
});
