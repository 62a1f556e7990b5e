import * as z from 'zod';

import type { Contract } from '../contract.ts';

export const getHealth: Contract = {
  method: 'GET',
  path: '/health',
  summary: 'The function answers; no dependency is touched',
  auth: 'none',
  cors: 'none',
  answers: {
    200: {
      description: 'Alive',
      body: z.object({
        status: z.literal('healthy'),
        service: z.literal('asterisk-call-management'),
        version: z.string(),
      }),
    },
  },
};

const state = z.enum(['connected', 'disconnected']);
const status = z.object({
  service: z.literal('asterisk-call-management'),
  version: z.string(),
  database: state,
  queues: state,
  storage: z.enum([...state.options, 'not configured']),
  asterisk_config: z
    .object({ method: z.literal('SSH CLI'), ssh_port: z.number(), ssh_user: z.string() })
    .optional()
    .describe('For whoever is logged in or shows a secret'),
});

export const getStatus: Contract = {
  method: 'GET',
  path: '/api/status',
  summary: 'Whether the parts answer',
  auth: 'none',
  cors: 'none',
  query: z.object({ clientId: z.string().optional() }),
  answers: {
    200: { description: 'All of them', body: status },
    503: { description: 'The one named does not', body: status },
  },
};

export const getOpenapi: Contract = {
  method: 'GET',
  path: '/api/openapi.json',
  summary: 'This document',
  auth: 'none',
  cors: 'none',
  answers: { 200: { description: 'OpenAPI 3.1', body: z.looseObject({ openapi: z.string() }) } },
};
