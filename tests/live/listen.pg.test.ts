import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import type { Admin } from '../../shared/auth/caller.ts';
import { insertTicket } from '../../shared/auth/socket-tickets.sql.ts';
import { hashToken } from '../../shared/auth/tokens.ts';
import { createListening } from '../../shared/live/listen.ts';
import { insertEnterprise, NUMBER, useDatabase } from '../support/database.ts';
import { createFakeGateway } from './gateway.ts';

const { db } = useDatabase();
let gateway = createFakeGateway();
let listening = createListening({ db, sockets: gateway.sockets });

beforeEach(async () => {
  gateway = createFakeGateway();
  listening = createListening({ db, sockets: gateway.sockets });
  await insertEnterprise(db);
});
afterEach(() => db`truncate enterprises, admins, users, socket_tickets cascade`);

const CONNECTED_AT = new Date('2026-09-14T09:10:00Z');

const connect = (id: string, live = 'calls') =>
  listening.connect({ connectionId: id, query: { live } });
const say = (id: string, frame: object | string, afterMs = 100) =>
  listening.message({
    connectionId: id,
    text: typeof frame === 'string' ? frame : JSON.stringify(frame),
    connectedAt: CONNECTED_AT,
    sentAt: new Date(CONNECTED_AT.getTime() + afterMs),
  });
const rows = () => db`
  select id, kind, admin_id, user_id, enterprise_number, authorised_at is not null as is_authorised
  from socket_connections
  order by id`;

async function insertAdmin(): Promise<Admin> {
  const [row] = await db`
    insert into admins (login, password_hash) values ('root', '-') returning id`;
  return { kind: 'superadmin', id: Number(row?.['id']) };
}
async function insertUser(): Promise<Admin> {
  const [row] = await db`
    insert into users (enterprise_number, login, password_hash)
    values (${NUMBER}, 'june', '-')
    returning id`;
  return { kind: 'enterprise admin', id: Number(row?.['id']), enterpriseNumber: NUMBER };
}
async function ticketFor(admin: Admin): Promise<string> {
  const ticket = `ticket-${Math.random()}`;
  await insertTicket(db, admin, hashToken(ticket));
  return ticket;
}

describe('connecting', () => {
  test.each(['calls', 'deliveries', 'chats'])('for %s is noted', async (live) => {
    await connect('a=', live);
    expect(await rows()).toMatchObject([{ id: 'a=', kind: live, isAuthorised: false }]);
  });

  test.each([{}, { live: 'all' }, { live: 'calls', secret: `secret-${NUMBER}` }])(
    'by %j is refused',
    async (query) => {
      await expect(listening.connect({ connectionId: 'a=', query })).rejects.toMatchObject({
        status: 400,
      });
      expect(await rows()).toEqual([]);
    },
  );

  test('closes those who kept silent, and them only', async () => {
    await db`
      insert into socket_connections (id, kind, connected_at, enterprise_number, authorised_at)
      values
        ('silent=', 'calls', now() - interval '11 seconds', null, null),
        ('new=', 'calls', now() - interval '4 seconds', null, null),
        ('listening=', 'calls', now() - interval '1 hour', ${NUMBER}, now())`;
    await connect('z=');
    expect(gateway.closed).toEqual(['silent=']);
    expect((await rows()).map(({ id }) => String(id))).toEqual(['listening=', 'new=', 'z=']);
  });
});

describe('who says who it is', () => {
  test('a program, by the secret, hears its enterprise', async () => {
    await connect('a=');
    await say('a=', { type: 'auth', secret: `secret-${NUMBER}` });
    expect(gateway.sent).toEqual([['a=', { type: 'ready', live: 'calls', enterprise: NUMBER }]]);
    expect(await rows()).toMatchObject([
      { adminId: null, userId: null, enterpriseNumber: NUMBER, isAuthorised: true },
    ]);
  });

  test('an admin of an enterprise, by a ticket, hears that enterprise', async () => {
    const user = await insertUser();
    await connect('a=');
    await say('a=', { type: 'auth', ticket: await ticketFor(user) });
    expect(gateway.sent).toEqual([['a=', { type: 'ready', live: 'calls', enterprise: NUMBER }]]);
    expect(await rows()).toMatchObject([{ userId: user.id, enterpriseNumber: NUMBER }]);
  });

  test('a superadmin, by a ticket, hears all of them', async () => {
    const admin = await insertAdmin();
    await connect('a=', 'chats');
    await say('a=', { type: 'auth', ticket: await ticketFor(admin) });
    expect(gateway.sent).toEqual([['a=', { type: 'ready', live: 'chats', enterprise: null }]]);
    expect(await rows()).toMatchObject([{ adminId: admin.id, enterpriseNumber: null }]);
  });

  test('is answered a ping, and stays when it says something odd', async () => {
    await connect('a=');
    await say('a=', { type: 'auth', secret: `secret-${NUMBER}` });
    await say('a=', { type: 'ping' }, 3_600_000);
    await say('a=', { type: 'auth', secret: `secret-${NUMBER}` });
    expect(gateway.sent.map(([, { type }]) => type)).toEqual(['ready', 'pong', 'error']);
    expect(gateway.closed).toEqual([]);
  });

  test('is forgotten when it goes', async () => {
    await connect('a=');
    await connect('b=');
    await listening.disconnect({ connectionId: 'a=' });
    expect(await rows()).toMatchObject([{ id: 'b=' }]);
  });
});

describe('turned away and closed', () => {
  /** What is left after a connection "a=" was told why and closed. */
  const turnedAway = (detail: unknown) => ({
    sent: [['a=', { type: 'error', detail }]],
    closed: ['a='],
    rows: [],
  });
  const seen = async () => ({
    sent: gateway.sent,
    closed: gateway.closed,
    rows: [...(await rows())],
  });

  test.each([
    ['a wrong secret', { type: 'auth', secret: 'secret-9999' }],
    ['a ticket nobody was given', { type: 'auth', ticket: 'made up' }],
  ])('is %s', async (_what, frame) => {
    await connect('a=');
    await say('a=', frame);
    expect(await seen()).toEqual(turnedAway('Доступ запрещен'));
  });

  test.each([
    ['a ping', { type: 'ping' }],
    ['what is not JSON', 'auth secret-0367'],
    ['two credentials at once', { type: 'auth', secret: `secret-${NUMBER}`, ticket: 'one' }],
    ['none', { type: 'auth' }],
  ])('is %s in the first frame', async (_what, frame) => {
    await connect('a=');
    await say('a=', frame);
    expect(await seen()).toEqual(turnedAway(expect.stringMatching(/^The first frame must be/)));
  });

  test('is who comes too late, and the ticket was not used', async () => {
    const ticket = await ticketFor(await insertUser());
    await connect('a=');
    await say('a=', { type: 'auth', ticket }, 5_001);
    expect(await seen()).toEqual(turnedAway('The first frame must come within 5 seconds'));
    expect(await db`select from socket_tickets`).toHaveLength(1);
  });

  test('is a ticket that was used: of two at the same time one gets in', async () => {
    const ticket = await ticketFor(await insertUser());
    await connect('a=');
    await connect('b=');
    await Promise.all([say('a=', { type: 'auth', ticket }), say('b=', { type: 'auth', ticket })]);
    expect(gateway.sent.map(([, { type }]) => type).toSorted()).toEqual(['error', 'ready']);
    expect(await rows()).toHaveLength(1);
  });

  test('is the secret of an enterprise that is not served', async () => {
    await db`update enterprises set active = false`;
    await connect('a=');
    await say('a=', { type: 'auth', secret: `secret-${NUMBER}` });
    expect(await seen()).toEqual(turnedAway('Доступ запрещен'));
  });

  test('is an admin of an enterprise who wants the chats', async () => {
    const ticket = await ticketFor(await insertUser());
    await connect('a=', 'chats');
    await say('a=', { type: 'auth', ticket });
    expect(await seen()).toEqual(turnedAway('Доступ запрещен'));
  });

  test('is a connection whose row is gone', async () => {
    await say('a=', { type: 'ping' });
    expect(await seen()).toEqual(turnedAway('Соединение устарело, подключитесь снова'));
  });
});
