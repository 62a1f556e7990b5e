import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';

import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { parse } from 'yaml';
import * as z from 'zod';

import openapi from '../docs/openapi.json' with { type: 'json' };
import packageJson from '../package.json' with { type: 'json' };
import { contracts } from '../shared/contracts.ts';
import { VARIABLES } from '../shared/env.ts';
import type { Route } from '../shared/lambda/http.ts';
import { toOpenapi } from '../shared/openapi.ts';

const Template = z.object({
  functions: z.record(
    z.string(),
    z.object({
      handler: z.string(),
      events: z.array(z.looseObject({ httpApi: z.string().optional() })),
    }),
  ),
});

/** The functions of the template. What CloudFormation resolves (`!Ref` …) is of no interest here. */
const { functions } = Template.parse(
  parse(read('../serverless.yml'), { merge: true, logLevel: 'silent' }),
);
const FOLDERS = readdirSync(new URL('../functions', import.meta.url)).filter((folder) =>
  existsSync(new URL(`../functions/${folder}/handler.ts`, import.meta.url)),
);

function read(path: string): string {
  return readFileSync(new URL(path, import.meta.url), 'utf8');
}

const nameOf = ({ method, path }: { method: string; path: string }) => `${method} ${path}`;
const triggersOf = (name: string) =>
  (functions[name]?.events ?? []).flatMap(({ httpApi }) => httpApi ?? []);

type Loaded = { handler: unknown; routes?: Route[] };
const loaded = new Map<string, Loaded>();

beforeAll(async () => {
  // Enough to be loaded with; nothing is connected to before the first event.
  const values = parseEnv(read('../.env.example'));
  for (const name of Object.keys(VARIABLES)) vi.stubEnv(name, values[name]);
  for (const folder of FOLDERS) {
    loaded.set(folder, (await import(`../functions/${folder}/handler.ts`)) as Loaded);
  }
});
afterAll(() => void vi.unstubAllEnvs());

test('docs/openapi.json says what the contracts say', () => {
  const expected: unknown = JSON.parse(JSON.stringify(toOpenapi(contracts, packageJson.version)));
  expect(openapi, 'out of date: npm run openapi').toEqual(expected);
});

describe('the template and the folders', () => {
  test('name the same functions', () => {
    expect(Object.keys(functions).toSorted()).toEqual(FOLDERS.toSorted());
  });

  test.each(FOLDERS)('%s: its handler is where the template says', (folder) => {
    expect(functions[folder]?.handler).toBe(`functions/${folder}/handler.handler`);
    expect(loaded.get(folder)?.handler).toBeTypeOf('function');
  });
});

describe('the routes', () => {
  test.each(FOLDERS)('%s answers exactly what the gateway sends to it', (folder) => {
    const answered = (loaded.get(folder)?.routes ?? []).map(({ contract }) => nameOf(contract));
    const asked = triggersOf(folder).filter((name) => !name.startsWith('OPTIONS '));
    expect(answered.toSorted()).toEqual(asked.toSorted());
  });

  test('of the gateway are those of the contracts, each once', () => {
    const triggers = FOLDERS.flatMap(triggersOf);
    // A page of another origin asks first, by OPTIONS.
    const open = contracts.flatMap(({ cors, path }) => (cors === 'none' ? [] : `OPTIONS ${path}`));
    const wanted = [...contracts.map(nameOf), ...new Set(open)];
    expect(triggers.toSorted()).toEqual(wanted.toSorted());
    expect(new Set(triggers).size).toBe(triggers.length);
  });

  test('are answered by the contracts that are published', () => {
    const answering = [...loaded.values()].flatMap(({ routes = [] }) =>
      routes.map(({ contract }) => contract),
    );
    for (const contract of answering) expect(contracts, `${nameOf(contract)}`).toContain(contract);
  });
});

describe('the document', () => {
  const operations = contracts.map((contract) => ({ name: nameOf(contract), contract }));
  const paths: Record<
    string,
    Record<string, { parameters?: { name: string; in: string }[]; security: object[] }>
  > = JSON.parse(JSON.stringify(openapi.paths));

  test.each(operations)(
    '$name: lists the parameters of its path',
    ({ contract: { method, path } }) => {
      const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      const { parameters = [] } = paths[path]?.[method.toLowerCase()] ?? {};
      expect(
        parameters.filter((parameter) => parameter.in === 'path').map(({ name }) => name),
      ).toEqual(inPath);
    },
  );

  test.each(operations)('$name: says who may ask', ({ contract: { method, path, auth } }) => {
    const named = (paths[path]?.[method.toLowerCase()]?.security ?? []).flatMap(Object.keys);
    expect(named.length > 0).toBe(auth !== 'none');
    expect(Object.keys(openapi.components.securitySchemes)).toEqual(expect.arrayContaining(named));
  });

  test.each(operations)('$name: has an answer that is no error', ({ contract: { answers } }) => {
    expect(Object.keys(answers).some((status) => Number(status) < 400)).toBe(true);
  });
});
