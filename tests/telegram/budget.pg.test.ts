import { expect, test } from 'vitest';

import { takeBudget, type Urgency } from '../../shared/telegram/budget.ts';
import { useDatabase } from '../support/database.ts';

const { db } = useDatabase();
const NINE = Date.UTC(2026, 0, 31, 9);
let bots = 700_000_100;

/** A bot of its own that has used up all but some of what it may send at once. */
async function botWithLeft(left: number) {
  bots += 1;
  const botId = String(bots);
  const take = (chatId: string, urgency: Urgency, atMs = 0) =>
    takeBudget(db, { botId, chatId, at: new Date(NINE + atMs) }, urgency);
  for (let chat = 1; chat <= 10 - left; chat += 1) expect(await take(`-100${chat}`, 'end')).toBe(0);
  return take;
}

test('what waits for the bot does not use up the budget of its chat', async () => {
  const take = await botWithLeft(0);
  for (let turn = 0; turn < 20; turn += 1) expect(await take('-200', 'end')).toBeCloseTo(0.1);
  for (let turn = 0; turn < 5; turn += 1) expect(await take('-200', 'end', 1_000)).toBe(0);
  expect(await take('-200', 'end', 1_000)).toBeGreaterThan(1);
});

test('when the bot’s budget is short, ends of calls go first, then new calls', async () => {
  const take = await botWithLeft(2);
  expect(await take('-300', 'change')).toBeGreaterThan(0);
  expect(await take('-300', 'first')).toBe(0);
  expect(await take('-300', 'first')).toBeGreaterThan(0);
  expect(await take('-300', 'end')).toBe(0);
  expect(await take('-300', 'end')).toBeGreaterThan(0);
});
