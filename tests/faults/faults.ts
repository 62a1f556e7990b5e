import { setTimeout as sleep } from 'node:timers/promises';

import type { Stack } from '../../infra/local/stack.ts';
import { control } from '../bench/simulated-crm.ts';

export type Fault = {
  name: string;
  says: string;
  /** What happens while the calls come in. */
  happen: (stack: Stack) => Promise<void>;
  /** How the calls come in. */
  wild?: boolean;
};

const CRMS = ['retailcrm', 'bitrix24', 'amocrm'];

/** A misbehaviour of every CRM; what is held up is let go at the end. */
function crm(mode: string, ms = 5_000): Fault['happen'] {
  return async (stack) => {
    for (const peer of CRMS) await control(stack, 'behave', { peer, mode, retry_after: 1 });
    await sleep(ms);
    for (const peer of CRMS) await control(stack, 'behave', { peer, mode: 'ok' });
  };
}

export const FAULTS: Fault[] = [
  { name: 'nothing', says: 'nothing, to compare with', happen: async () => {} },
  {
    name: 'postgres-restarts',
    says: 'PostgreSQL is restarted while events come in',
    async happen(stack) {
      await sleep(1_500);
      await stack.interrupt('postgres', { how: 'stopped', awayMs: 1_000 });
    },
  },
  {
    name: 'postgres-crashes',
    says: 'PostgreSQL is killed (SIGKILL), and comes back by its log',
    async happen(stack) {
      await sleep(1_500);
      await stack.interrupt('postgres', { how: 'killed', awayMs: 500 });
    },
  },
  {
    name: 'sqs-away',
    says: 'SQS does not answer for four seconds',
    async happen(stack) {
      await sleep(1_500);
      await stack.interrupt('fauxqs', { how: 'stopped', awayMs: 4_000 });
    },
  },
  {
    name: 'worker-killed',
    says: 'the process that runs every function is killed (SIGKILL) in the middle of its work',
    async happen(stack) {
      await sleep(2_500);
      await stack.interrupt('functions', { how: 'killed', awayMs: 200 });
    },
  },
  { name: 'crm-500', says: 'all CRMs answer 500', happen: crm('error500') },
  { name: 'crm-429', says: 'all CRMs say "too many requests"', happen: crm('error429') },
  { name: 'crm-hangs', says: 'all CRMs take requests and say nothing', happen: crm('hang', 8_000) },
  {
    name: 'crm-hangs-applied',
    says: 'all CRMs do what they are asked and say nothing',
    happen: crm('applied_then_hang', 8_000),
  },
  { name: 'crm-html', says: 'all CRMs answer 200 with a page of HTML', happen: crm('html') },
  {
    name: 'crm-cuts',
    says: 'all CRMs do what they are asked and cut the connection',
    happen: crm('cut'),
  },
  {
    name: 'crm-cuts-before',
    says: 'all CRMs cut the connection unread',
    happen: crm('cut_before'),
  },
  {
    name: 'telegram-429',
    says: 'Telegram answers 429',
    async happen(stack) {
      await control(stack, 'behave', { peer: 'telegram', mode: 'error429', retry_after: 2 });
      await sleep(6_000);
      await control(stack, 'behave', { peer: 'telegram', mode: 'ok' });
    },
  },
  {
    name: 'duplicates-shuffled',
    says: 'every event comes one to four times, those of a call in any order',
    happen: async () => {},
    wild: true,
  },
];
