import { readFileSync } from 'node:fs';

import { expect, test } from 'vitest';
import { parse } from 'yaml';
import * as z from 'zod';

import { contracts } from '../../shared/contracts.ts';

const Template = z.object({
  functions: z.record(
    z.string(),
    z.object({ events: z.array(z.looseObject({ httpApi: z.string().optional() })) }),
  ),
});

test('the gateway passes on what the contracts promise, and nothing else', () => {
  const text = readFileSync('serverless.yml', 'utf8');
  const { functions } = Template.parse(parse(text, { logLevel: 'silent', merge: true }));
  const passedOn = Object.values(functions).flatMap(({ events }) =>
    events.flatMap(({ httpApi }) => httpApi ?? []),
  );
  const promised = contracts.map(({ method, path }) => `${method} ${path}`);
  // A page of another origin asks first.
  const open = contracts.flatMap(({ cors, path }) => (cors === 'none' ? [] : `OPTIONS ${path}`));
  expect(passedOn.toSorted()).toEqual([...promised, ...new Set(open)].toSorted());
});
