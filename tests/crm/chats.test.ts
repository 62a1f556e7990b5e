import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { createAmocrm } from '../../shared/crm/amocrm/crm.ts';
import { bitrix24 } from '../../shared/crm/bitrix24/crm.ts';
import type { ChatDeliveryStep, ChatSnapshot, DeliveryResult } from '../../shared/crm/crm.ts';
import { VendorFailure } from '../../shared/crm/failure.ts';
import { retailcrm } from '../../shared/crm/retailcrm/crm.ts';
import { type OutboundRequest, sendOutbound } from '../../shared/outbound.ts';
import { type Peers, startPeers } from '../peers/server.ts';
import { createTestTools } from '../support/crm-tools.ts';
import { CONFIG as AMOCRM } from './amocrm-world.ts';

const KNOWN = '375291110001';
const UNKNOWN = '375291119999';
const CHAT: ChatSnapshot = {
  id: '0199a000-0000-7000-8000-0000000000c1',
  number: '12',
  sessionId: '0199a000-0000-7000-8000-0000000000c2',
  enterpriseNumber: '0367',
  kind: 'live',
  state: 'closed',
  clientName: 'Анна',
  phone: UNKNOWN,
  question: null,
  page: 'https://shop.example/delivery',
  managerName: 'Мария',
  requestedAt: new Date('2026-01-31T09:05:00Z'),
  acceptedAt: new Date('2026-01-31T09:05:30Z'),
  closedAt: new Date('2026-01-31T09:15:00Z'),
  closedBy: 'manager',
  timezone: 'Europe/Minsk',
  message: null,
  transcript: [
    line('ai', 'Здравствуйте!', '09:04:00'),
    line('user', 'Где мой заказ?', '09:04:30'),
    line('manager', 'Уже едет', '09:06:00', 'Мария'),
  ],
};
const TITLE = 'Чат на сайте №12';

function line(sender: 'ai' | 'user' | 'manager', text: string, time: string, by?: string) {
  const at = new Date(`2026-01-31T${time}Z`);
  return { id: time, sender, text, managerName: by ?? null, at, attachment: null };
}

let peers: Peers;
beforeAll(async () => {
  // Time flies, so that no limit of a simulated CRM is met.
  let now = Date.UTC(2026, 0, 31, 12);
  peers = await startPeers({ port: 0, now: () => (now += 2_000) });
});
afterAll(() => peers.close());

type Crm = {
  peer: string;
  account: string;
  deliver: (step: ChatDeliveryStep, chat: ChatSnapshot) => Promise<DeliveryResult>;
  /** Leads (or customers) and notes that there are now. */
  count: () => { leads: number; notes: string[] };
};
const patient = (request: OutboundRequest) =>
  sendOutbound(request, { allowPrivate: true, totalMs: 400 });

const CRMS: Record<string, () => Crm> = {
  retailcrm() {
    const config = {
      api_url: `${peers.url}/retailcrm/demo`,
      api_key: 'demo-key-0367',
      client_id: 'client-0367',
    };
    const context = { ...createTestTools({ send: patient }), config };
    const account = peers.retailcrm.account('demo');
    return {
      peer: 'retailcrm',
      account: 'demo',
      deliver: (step, chat) => retailcrm.deliverChat(step, chat, context),
      count: () => ({
        leads: account.customers.length - 3,
        notes: account.notes.map(({ text }) => text),
      }),
    };
  },
  bitrix24() {
    const webhook_url = `${peers.url}/bitrix24/demo/rest/1/demo-webhook-0367/`;
    const context = {
      ...createTestTools({ send: patient }),
      config: { webhook_url, user_id: '1' },
    };
    const portal = peers.bitrix24.portal('demo');
    return {
      peer: 'bitrix24',
      account: 'demo',
      deliver: (step, chat) => bitrix24.deliverChat(step, chat, context),
      count: () => ({
        leads: portal.entities.filter(({ phone }) => phone.endsWith(UNKNOWN)).length,
        notes: portal.comments.map(({ text }) => text),
      }),
    };
  },
  amocrm() {
    const config = { ...AMOCRM, subdomain: `${peers.url}/amocrm/demo` };
    const context = { ...createTestTools({ send: patient }), config };
    const amocrm = createAmocrm({ pauseMs: 0 });
    const account = peers.amocrm.account('demo');
    return {
      peer: 'amocrm',
      account: 'demo',
      deliver: (step, chat) => amocrm.deliverChat(step, chat, context),
      count: () => ({
        leads: account.leads.length,
        notes: account.notes.map(({ text }) => text),
      }),
    };
  },
};

async function control(path: string, body: object): Promise<void> {
  const answer = await fetch(`${peers.url}/control/${path}`, {
    method: 'POST',
    body: JSON.stringify(body),
  });
  expect(answer.status).toBe(200);
}

const stepOf = (step: ChatDeliveryStep['step'], maybeApplied = false): ChatDeliveryStep => ({
  id: '7',
  step,
  maybeApplied,
  dueAt: new Date('2026-01-31T09:05:00Z'),
});

describe.each(Object.keys(CRMS))('%s', (name) => {
  let crm: Crm;
  beforeEach(async () => {
    await control('reset', {});
    await control('retailcrm/demo', {
      customers: peers.retailcrm.account('demo').customers.slice(0, 3),
    });
    const portal = peers.bitrix24.portal('demo');
    const entities = portal.entities.filter(({ phone }) => !phone.endsWith(UNKNOWN));
    await control('bitrix24/demo', { entities, mayAddLeads: true });
    const account = peers.amocrm.account('demo');
    const contacts = account.contacts.filter(({ phones }) => !phones.join().includes(UNKNOWN));
    await control('amocrm/demo', { contacts });
    crm = CRMS[name]?.() as Crm;
  });

  /** The work is done, and its answer is lost. */
  const loseAnswer = (path: string) =>
    control('behave', { peer: crm.peer, mode: 'cut', path, method: 'POST', times: 1 });

  test('a known client is found: nothing is made', async () => {
    const result = await crm.deliver(stepOf('chat'), { ...CHAT, phone: KNOWN });
    expect(result).toMatchObject({ outcome: 'delivered', note: expect.stringMatching(/найден/) });
    expect(crm.count()).toEqual({ leads: 0, notes: [] });
  });

  test('an unknown one is made once; the transcript is put there once, at the end', async () => {
    expect(await crm.deliver(stepOf('chat'), CHAT)).toMatchObject({
      outcome: 'delivered',
      note: expect.stringMatching(/^Создан/),
    });
    expect(crm.count()).toEqual({ leads: 1, notes: [] });
    expect(await crm.deliver(stepOf('chat_closed'), CHAT)).toEqual({ outcome: 'delivered' });
    expect(crm.count()).toEqual({
      leads: 1,
      notes: [
        [
          TITLE,
          `Анна, +${UNKNOWN}`,
          'Страница: https://shop.example/delivery',
          'Менеджер: Мария',
          '',
          '[2026-01-31 12:04:00] Помощник: Здравствуйте!',
          '[2026-01-31 12:04:30] Клиент: Где мой заказ?',
          '[2026-01-31 12:06:00] Мария: Уже едет',
        ].join('\n'),
      ],
    });
    expect(await crm.deliver(stepOf('chat_closed'), CHAT)).toMatchObject({ outcome: 'skipped' });
    expect(crm.count().notes).toHaveLength(1);
  });

  test('a lost answer makes nobody twice', async () => {
    await loseAnswer('create$|complex$|lead\\.add');
    const lost = await crm.deliver(stepOf('chat'), CHAT).catch((error: unknown) => error);
    expect(lost).toMatchObject({ failureClass: 'retry', maybeApplied: true });
    expect(await crm.deliver(stepOf('chat', true), CHAT)).toMatchObject({ outcome: 'delivered' });
    expect(crm.count().leads).toBe(1);
  });

  test('a lost answer puts no second transcript there; one that never came is put there', async () => {
    await crm.deliver(stepOf('chat'), CHAT);
    await loseAnswer('notes|comment\\.add');
    const lost = await crm.deliver(stepOf('chat_closed'), CHAT).catch((error: unknown) => error);
    expect(lost).toMatchObject({ maybeApplied: true });
    expect(await crm.deliver(stepOf('chat_closed', true), CHAT)).toMatchObject({
      note: expect.stringMatching(/прошлая попытка дошла/),
    });
    expect(crm.count().notes).toHaveLength(1);
    await control('reset', { peer: crm.peer });
    const other = CRMS[name]?.() as Crm;
    await other.deliver(stepOf('chat_closed', true), { ...CHAT, phone: KNOWN });
    expect(other.count().notes).toHaveLength(1);
  });

  test('without a phone there is nobody to find', async () => {
    for (const step of ['chat', 'chat_closed'] as const) {
      expect(await crm.deliver(stepOf(step), { ...CHAT, phone: null })).toEqual({
        outcome: 'skipped',
        reason: 'Посетитель не оставил телефон',
      });
    }
  });
});

describe('rights that only chats need', () => {
  test.each([
    ['retailcrm', 'retailcrm/demo', 'У ключа API нет прав на клиентов'],
    ['bitrix24', 'bitrix24/demo', 'У владельца вебхука Bitrix24 нет прав на лиды'],
  ])('%s: without them the chat fails, and calls go on', async (name, path, message) => {
    await control('reset', {});
    const key = 'calls-only-key';
    await control(
      path,
      {
        retailcrm: {
          key,
          limitedKey: { key, scopes: ['telephony_read', 'telephony_write'] },
        },
        bitrix24: { mayAddLeads: false },
      }[name] as object,
    );
    const crm = CRMS[name]?.() as Crm;
    const chat = { ...CHAT, phone: '375291118888' };
    const failure =
      name === 'retailcrm'
        ? retailcrm.deliverChat(stepOf('chat'), chat, {
            ...createTestTools(),
            config: {
              api_url: `${peers.url}/retailcrm/demo`,
              api_key: key,
              client_id: 'client-0367',
            },
          })
        : crm.deliver(stepOf('chat'), chat);
    const error = await failure.catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(VendorFailure);
    expect(error).toMatchObject({ failureClass: 'permanent', message });
  });
});
