import { beforeAll, describe, expect } from 'vitest';
import * as z from 'zod';

import { db, eventually, freshStart, ports } from '../stack.ts';
import { expectAccessible, logIn, test } from './person.ts';

const API = `http://127.0.0.1:${ports.http}`;

const Session = z.object({ session_id: z.string(), token: z.string() });

/** A visitor of the site who has asked for a human. */
async function visitorAsks(name: string, words: string) {
  const ask = async (path: string, body: object, token = '') => {
    const response = await fetch(`${API}/api/chat/${path}`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(token && { authorization: `Bearer ${token}` }),
      },
      body: JSON.stringify(body),
    });
    expect(response.status, await response.clone().text()).toBe(200);
    return response.json();
  };
  const page = 'https://shop.example/prices';
  const { session_id, token } = Session.parse(await ask('sessions', { page, locale: 'ru' }));
  const say = (text: string) => ask('send-message', { session_id, message_text: text }, token);
  await say(words);
  await ask('transfer-to-manager', { session_id, client_name: name }, token);
  const heard = async () => {
    const response = await fetch(`${API}/api/chat/messages`, {
      headers: { authorization: `Bearer ${token}` },
    });
    return JSON.stringify(await response.json());
  };
  return { say, heard };
}

describe('the pages of chats', () => {
  beforeAll(async () => {
    await freshStart();
    await db`update managers set status = 'online' where name in ('Мария', 'Иван')`;
  });

  test('show a chat as it comes, and the operator writes, gives it away and closes it', async ({
    page,
  }) => {
    await logIn(page, 'admin', '/chats');
    await page.getByText('Обновляется само').waitFor();
    const name = `Павел ${Date.now() % 10_000}`;
    const visitor = await visitorAsks(name, 'Сколько стоит доставка?');
    await page
      .getByRole('link', { name })
      .or(page.getByRole('row').filter({ hasText: name }))
      .first()
      .click();
    const talk = page.getByRole('log', { name: 'Переписка' });
    await talk.getByText('Сколько стоит доставка?').waitFor();
    await visitor.say('И сегодня ли?');
    await talk.getByText('И сегодня ли?').waitFor();
    await page.getByLabel('Сообщение посетителю').fill('Сегодня, бесплатно');
    await page.keyboard.press('Enter');
    await talk.getByText('Сегодня, бесплатно').waitFor();
    expect(
      await eventually(visitor.heard, (text) => text.includes('Сегодня, бесплатно')),
    ).toContain('Сегодня, бесплатно');
    await expectAccessible(page, 'a chat');
    await page.getByRole('combobox', { name: 'Передать менеджеру…' }).selectOption({ index: 1 });
    await page.getByRole('dialog').getByRole('button', { name: 'Передать' }).click();
    await page.getByText('ведёт', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Завершить чат' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Завершить чат' }).click();
    await page.getByText('Чат завершён: написать в него нельзя.').waitFor();
  });
});
