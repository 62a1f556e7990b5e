import * as z from 'zod';

import type { Auth, Contract } from './contract.ts';

type Schemas = Record<string, unknown>;

const SESSION = { session: [] };
const SECURITY: Record<Auth, Record<string, never[]>[]> = {
  none: [],
  'box token': [{ boxToken: [] }],
  visitor: [{ chatToken: [] }],
  session: [SESSION],
  enterprise: [SESSION],
  'enterprise or secret': [SESSION, { enterpriseSecret: [] }, { enterpriseSecretInQuery: [] }],
  superadmin: [SESSION],
};

const SECURITY_SCHEMES = {
  boxToken: {
    type: 'apiKey',
    in: 'header',
    name: 'Token',
    description: "The enterprise's token",
  },
  chatToken: {
    type: 'http',
    scheme: 'bearer',
    description: 'The token of the chat session',
  },
  session: {
    type: 'apiKey',
    in: 'cookie',
    name: 'session_token',
    description: "An admin's session; a write also needs the Origin of the admin's pages",
  },
  enterpriseSecret: {
    type: 'http',
    scheme: 'bearer',
    description: "The enterprise's secret",
  },
  enterpriseSecretInQuery: {
    type: 'apiKey',
    in: 'query',
    name: 'clientId',
    description: "The enterprise's secret, for reading",
  },
};

/** An OpenAPI 3.1 document of the contracts. Schemas with an id are written once and referred to. */
export function toOpenapi(contracts: Contract[], version: string) {
  const paths: Record<string, Record<string, object>> = {};
  const schemas: Schemas = {};
  for (const contract of contracts) {
    const operations = (paths[contract.path] ??= {});
    operations[contract.method.toLowerCase()] = toOperation(contract, schemas);
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Trunkline', version },
    paths,
    components: { schemas, securitySchemes: SECURITY_SCHEMES },
  };
}

function toOperation(contract: Contract, schemas: Schemas) {
  const { summary, auth, params, query, body, answers } = contract;
  const parameters = [
    ...toParameters('path', params, schemas),
    ...toParameters('query', query, schemas),
  ];
  return {
    summary,
    security: SECURITY[auth],
    ...(parameters.length > 0 && { parameters }),
    ...(body && {
      requestBody: {
        required: !body.safeParse(undefined).success,
        content: { 'application/json': { schema: toSchema(body, 'input', schemas) } },
      },
    }),
    responses: Object.fromEntries(
      Object.entries(answers).map(([status, answer]) => [
        status,
        {
          description: answer.description,
          content: {
            ...(answer.body && {
              'application/json': { schema: toSchema(answer.body, 'output', schemas) },
            }),
            ...(answer.text && { 'text/plain': { schema: { type: 'string' } } }),
            ...(answer.csv && { 'text/csv': { schema: { type: 'string' } } }),
          },
        },
      ]),
    ),
  };
}

function toParameters(where: 'path' | 'query', object: z.ZodObject | undefined, schemas: Schemas) {
  return Object.entries(object?.shape ?? {}).map(([name, schema]) => ({
    name,
    in: where,
    required: where === 'path' || !z.safeParse(schema, undefined).success,
    schema: toSchema(schema, 'input', schemas),
  }));
}

/** What a request may leave out an answer always has, so that one name may have two forms. */
function toSchema(schema: z.core.$ZodType, io: 'input' | 'output', schemas: Schemas): unknown {
  const {
    $schema: _draft,
    $defs = {},
    ...rest
  } = z.toJSONSchema(schema, {
    io,
    unrepresentable: 'any',
    // The name of a format says it all; zod's patterns for dates are longer than the rest together.
    override: ({ jsonSchema }) => {
      if (jsonSchema.format) delete jsonSchema.pattern;
    },
  });
  const names = new Map<string, string>();
  const referring = (value: unknown): unknown =>
    JSON.parse(JSON.stringify(value), (key, part: unknown) => {
      if (key !== '$ref' || typeof part !== 'string') return part;
      const id = part.replace('#/$defs/', '');
      return `#/components/schemas/${names.get(id) ?? id}`;
    });
  const isOther = (id: string): boolean =>
    id in schemas && JSON.stringify(schemas[id]) !== JSON.stringify(referring($defs[id]));
  for (const id of Object.keys($defs)) {
    const form = io === 'input' ? 'Request' : 'Answer';
    if (isOther(id)) names.set(id, `${id}${form}`);
  }
  for (const [id, definition] of Object.entries($defs)) {
    schemas[names.get(id) ?? id] = referring(definition);
  }
  return referring(rest);
}
