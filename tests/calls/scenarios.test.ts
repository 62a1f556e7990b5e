import { describe, expect, test } from 'vitest';

import type { Call } from '../../shared/calls/call.ts';
import { foldAll } from './fold-all.ts';
import { type Scenario, SCENARIOS } from './scenarios.ts';

function summarise(call: Call, expected: Scenario['expected']) {
  const talkers = call.talkers.map(({ extension, from, to }, index) => ({
    extension,
    ...(expected.talkers[index]?.seconds === undefined
      ? {}
      : { seconds: to && Math.round((+to - +from) / 1000) }),
  }));
  return { ...call, talkers };
}

describe('scenarios of the specification', () => {
  test('all 45 are there', () => {
    const names = SCENARIOS.map(({ name }) => name).filter((name) => !/\.[bc]$/.test(name));
    expect(names).toHaveLength(45);
  });

  describe.each(SCENARIOS)('$name: $title', (scenario) => {
    test('comes out as expected', () => {
      const { calls = 1, ...expected } = scenario.expected;
      const folded = foldAll(scenario);
      expect(folded).toHaveLength(calls);
      const [call] = folded;
      expect(call && summarise(call, scenario.expected)).toMatchObject({
        ringing: [],
        ...expected,
      });
    });
  });
});
