import { setTimeout as sleep } from 'node:timers/promises';

import type { Stack } from '../../infra/local/stack.ts';
import { control } from '../bench/simulated-crm.ts';
import { callsWhile } from './calls.ts';
import { clicksWhile } from './clicks.ts';
import type { Fault } from './fault.ts';
import { poisoned } from './poison.ts';
import { recordingsWhile } from './recordings.ts';

const CRMS = ['retailcrm', 'bitrix24', 'amocrm'];

/** A misbehaviour of every CRM; what is held up is let go at the end. */
function crm(mode: string, ms = 5_000): Fault['judge'] {
  return callsWhile(async (stack) => {
    for (const peer of CRMS) await control(stack, 'behave', { peer, mode, retry_after: 1 });
    await sleep(ms);
    for (const peer of CRMS) await control(stack, 'behave', { peer, mode: 'ok' });
  });
}

/** A part of the stack goes away while calls come in. */
function away(
  part: 'postgres' | 'fauxqs' | 'functions',
  afterMs: number,
  rest: { how: 'stopped' | 'killed'; awayMs: number },
): Fault['judge'] {
  return callsWhile(async (stack: Stack) => {
    await sleep(afterMs);
    await stack.interrupt(part, rest);
  });
}

export const FAULTS: Fault[] = [
  { name: 'nothing', says: 'nothing, to compare with', judge: callsWhile(async () => {}) },
  {
    name: 'postgres-restarts',
    says: 'PostgreSQL is restarted while events come in',
    judge: away('postgres', 1_500, { how: 'stopped', awayMs: 1_000 }),
  },
  {
    name: 'postgres-crashes',
    says: 'PostgreSQL is killed (SIGKILL), and comes back by its log',
    judge: away('postgres', 1_500, { how: 'killed', awayMs: 500 }),
  },
  {
    name: 'sqs-away',
    says: 'SQS does not answer for four seconds',
    judge: away('fauxqs', 1_500, { how: 'stopped', awayMs: 4_000 }),
  },
  {
    name: 'worker-killed',
    says: 'the process that runs every function is killed (SIGKILL) in the middle of its work',
    judge: away('functions', 2_500, { how: 'killed', awayMs: 200 }),
  },
  { name: 'crm-500', says: 'all CRMs answer 500', judge: crm('error500') },
  { name: 'crm-429', says: 'all CRMs say "too many requests"', judge: crm('error429') },
  { name: 'crm-hangs', says: 'all CRMs take requests and say nothing', judge: crm('hang', 8_000) },
  {
    name: 'crm-hangs-applied',
    says: 'all CRMs do what they are asked and say nothing',
    judge: crm('applied_then_hang', 8_000),
  },
  { name: 'crm-html', says: 'all CRMs answer 200 with a page of HTML', judge: crm('html') },
  {
    name: 'crm-cuts',
    says: 'all CRMs do what they are asked and cut the connection',
    judge: crm('cut'),
  },
  {
    name: 'crm-cuts-before',
    says: 'all CRMs cut the connection unread',
    judge: crm('cut_before'),
  },
  {
    name: 'telegram-429',
    says: 'Telegram answers 429',
    judge: callsWhile(async (stack) => {
      await control(stack, 'behave', { peer: 'telegram', mode: 'error429', retry_after: 2 });
      await sleep(6_000);
      await control(stack, 'behave', { peer: 'telegram', mode: 'ok' });
    }),
  },
  {
    name: 'duplicates-shuffled',
    says: 'every event comes one to four times, those of a call in any order',
    judge: callsWhile(async () => {}, { wild: true }),
  },
  {
    name: 'poison',
    says: 'an event comes among the calls that cannot be worked in',
    judge: poisoned,
  },
  {
    name: 'ssh-drops-in-command',
    says: 'the connection to the box goes as soon as it was told to place the call',
    judge: clicksWhile('drop'),
  },
  {
    name: 'asterisk-hangs',
    says: 'Asterisk takes the connection and says nothing',
    judge: clicksWhile('hang'),
  },
  {
    name: 'ssh-drops-in-file',
    says: 'the connection to the box goes in the middle of a recording, again and again',
    judge: recordingsWhile(async ({ stack }, isBroken) => {
      const fault = isBroken ? { cutAfterBytes: 30 * 1024 * 1024 } : {};
      await control(stack, 'asterisk/0367/files', { fault });
    }),
  },
  {
    name: 's3-refuses-parts',
    says: 'the store refuses parts of recordings (503 SlowDown)',
    judge: recordingsWhile(async ({ store }, isBroken) => store.refuseParts(isBroken)),
  },
];
