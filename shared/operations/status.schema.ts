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

export const getOpenapi: Contract = {
  method: 'GET',
  path: '/api/openapi.json',
  summary: 'This document',
  auth: 'none',
  cors: 'none',
  answers: { 200: { description: 'OpenAPI 3.1', body: z.looseObject({ openapi: z.string() }) } },
};
