import * as z from 'zod';

import type { Contract } from '../contract.ts';
import { EnterpriseParams, enterpriseRefusals } from '../enterprise.schema.ts';
import { ErrorBody } from '../error.schema.ts';

const COMMON = { cors: 'none', params: EnterpriseParams } as const;
const boxFault = { description: 'The box did not do it; the sentence says why', body: ErrorBody };

export const getBoxStatus = {
  ...COMMON,
  method: 'GET',
  path: '/enterprise/{number}/asterisk/status',
  summary: 'How the box is, asked now',
  auth: 'enterprise or secret',
  answers: {
    ...enterpriseRefusals,
    200: {
      description: 'As it is; a box that does not answer is an answer too',
      body: z.object({
        reachable: z.boolean(),
        problem: z.string().nullable(),
        version: z.string().nullable(),
        uptime_seconds: z.number().nullable(),
        active_channels: z.number().nullable(),
        active_calls: z.number().nullable(),
        ssh_fingerprint: z.string().nullable().describe('The host key that is known'),
        offered_fingerprint: z.string().nullable().describe('What the box shows instead of it'),
        latency_ms: z.number().nullable().describe('One command on the open connection'),
        clock_difference_ms: z.number().nullable().describe("The box's clock minus ours"),
        last_seen_at: z.iso.datetime().nullable(),
      }),
    },
  },
} as const satisfies Contract;

export const listBoxChannels = {
  ...COMMON,
  method: 'GET',
  path: '/enterprise/{number}/asterisk/channels',
  summary: 'The channels that live on the box now',
  auth: 'enterprise or secret',
  answers: {
    ...enterpriseRefusals,
    200: {
      description: 'All of them',
      body: z.object({
        items: z.array(
          z.object({
            channel: z.string(),
            extension: z.string().nullable(),
            phone: z.string().nullable(),
            state: z.string(),
            seconds: z.number(),
            context: z.string(),
            unique_id: z.string(),
          }),
        ),
        next_cursor: z.null(),
      }),
    },
    502: boxFault,
  },
} as const satisfies Contract;

export const hangUpChannel = {
  ...COMMON,
  method: 'POST',
  path: '/enterprise/{number}/asterisk/hangup',
  summary: 'Ends a channel',
  auth: 'enterprise or secret',
  body: z.object({ channel: z.string().max(200) }),
  answers: {
    ...enterpriseRefusals,
    200: { description: 'Asked to end', body: z.object({ success: z.literal(true) }) },
    502: boxFault,
  },
} as const satisfies Contract;

export const acceptHostKey = {
  ...COMMON,
  method: 'POST',
  path: '/enterprise/{number}/asterisk/accept-host-key',
  summary: 'Takes the host key that the box shows now for the right one',
  auth: 'enterprise',
  body: z
    .object({
      fingerprint: z
        .string()
        .max(100)
        .optional()
        .describe('Which one was looked at; no other is taken'),
    })
    .default({}),
  answers: {
    ...enterpriseRefusals,
    200: {
      description: 'The key that is known now',
      body: z.object({ success: z.literal(true), ssh_fingerprint: z.string() }),
    },
    409: { description: 'The box shows another key than that one', body: ErrorBody },
    502: boxFault,
  },
} as const satisfies Contract;

export const asteriskContracts: Contract[] = [
  getBoxStatus,
  listBoxChannels,
  hangUpChannel,
  acceptHostKey,
];
