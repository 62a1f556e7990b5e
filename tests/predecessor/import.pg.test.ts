import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';

import { afterEach, beforeAll, describe, expect, test } from 'vitest';

import { verifyPassword } from '../../shared/auth/passwords.ts';
import { hashToken } from '../../shared/auth/tokens.ts';
import { storeEvent } from '../../shared/calls/intake.sql.ts';
import { listLogs } from '../../shared/integrations/logs.sql.ts';
import { listCallsBehind } from '../../shared/operations/sweep.sql.ts';
import { importPredecessor } from '../../shared/predecessor/import.ts';
import { secrets, useDatabase } from '../support/database.ts';

const { db, url } = useDatabase();
const old = useDatabase();

beforeAll(async () => {
  await old.db.unsafe(readFileSync('tests/predecessor/predecessor.sql', 'utf8'));
});
afterEach(
  () =>
    db`truncate enterprises, users, calls, integration_logs, hosting_servers, hosting_projects cascade`,
);

async function run(options: { dryRun?: boolean; enterpriseNumber?: string } = {}) {
  const notes: string[] = [];
  const counts = await importPredecessor(db, old.db, {
    schema: 'old',
    timezone: 'Europe/Minsk',
    secrets,
    onNote: (note) => notes.push(note),
    ...options,
  });
  return { counts, notes };
}

/** Everything that an import may write, as text. */
async function everything(): Promise<string> {
  const tables = ['enterprises', 'lines', 'extensions', 'users', 'calls', 'call_legs'] as const;
  const more = ['call_talkers', 'integration_logs', 'hosting_servers', 'hosting_projects'] as const;
  const parts = await Promise.all(
    [...tables, ...more].map(
      (table) => db`select to_jsonb(${db(table)}) as row from ${db(table)} order by 1`,
    ),
  );
  return JSON.stringify(parts.map((rows) => [...rows]));
}

describe('the first run', () => {
  test('counts what it took, what it left and what it refused', async () => {
    const { counts } = await run();
    expect(
      counts.map(({ table, total, imported, existing, leftOut, refused }) => [
        table,
        total,
        { imported, existing, leftOut, refused },
      ]),
    ).toEqual([
      ['enterprises', 4, { imported: 2, existing: 0, leftOut: 0, refused: 2 }],
      ['lines', undefined, { imported: 0, existing: 0, leftOut: 0, refused: 0 }],
      ['extensions', 1, { imported: 1, existing: 0, leftOut: 0, refused: 0 }],
      ['users', 4, { imported: 1, existing: 0, leftOut: 1, refused: 2 }],
      ['calls', 4, { imported: 2, existing: 0, leftOut: 0, refused: 2 }],
      ['integration_logs', 1204, { imported: 1203, existing: 0, leftOut: 0, refused: 1 }],
      ['hosting_servers', 3, { imported: 2, existing: 0, leftOut: 0, refused: 1 }],
    ]);
  });

  test('names every row it refuses, and why, and no secret', async () => {
    const { notes } = await run();
    const refused = notes.filter((note) => note.includes('is refused'));
    expect(refused).toEqual([
      expect.stringMatching(/^enterprises 0369 is refused: ip: must be an IP address/),
      'enterprises 0370 is refused: enterprises_secret_key: is taken by another',
      'users 4 of 9999 is refused: there is no enterprise 9999 here',
      'users 3 of 0368 is refused: login: is taken by another',
      expect.stringMatching(/^calls 1757840900\.1 of 0367 is refused: status: /),
      expect.stringMatching(/^calls \(none\) of 0367 is refused: unique_id: /),
      expect.stringMatching(/^integration_logs 1204 of 0367 is refused: status: /),
      expect.stringMatching(/^hosting_servers pbx-august is refused: payment_period: /),
    ]);
    expect(notes).toContain('enterprises: these columns stay behind: uptime_days');
    expect(notes).toContain('enterprises 0367: retailcrm: these settings stay behind: colour');
    expect(notes.join()).not.toMatch(/old-(key|secret|client|telegram)/);
  });

  test('an enterprise keeps its token, and arrives with its integrations off and its secrets sealed', async () => {
    await run();
    const [june] = await db`select * from enterprises where number = '0367'`;
    expect(june).toMatchObject({
      token: '375290000001',
      secret: 'old-secret-0367',
      host: null,
      chatId: '-1000000000367',
      parameterOption4: true,
      parameterOption5: true,
      clientIdHash: hashToken('old-client-0367'),
      createdAt: new Date('2025-09-14T07:15:00Z'),
    });
    expect(secrets.open(String(june?.['botToken']))).toBe('700000001:old-telegram-token-0367');
    const config = june?.['integrationsConfig'] as Record<string, Record<string, unknown>>;
    expect(Object.keys(config)).toEqual(['retailcrm']);
    expect(config['retailcrm']).toMatchObject({
      enabled: false,
      api_url: 'https://june.retailcrm.ru',
    });
    expect(secrets.open(String(config['retailcrm']?.['api_key']))).toBe('old-key-0367');
    expect(await everything()).not.toMatch(/old-key-0367|old-telegram-token|hush/);

    const stored = await storeEvent(db, {
      id: '0199456e-0000-7000-8000-000000000001',
      token: '375290000001',
      kind: 'start',
      uniqueId: '1757840723.6',
      payload: {},
      payloadHash: Buffer.alloc(32),
      raw: '{}',
    });
    expect(stored).toMatchObject({ number: '0367', active: true });
  });

  test('calls are over: they have their legs and talkers, and nobody is told of them', async () => {
    await run();
    const calls = await db`
      select main_unique_id, status, phone, last_talked_by, started_at, wait_seconds, talk_seconds, settled
      from calls order by started_at`;
    expect([...calls]).toEqual([
      {
        mainUniqueId: '1757840723.6',
        status: 'answered',
        phone: '375291110001',
        lastTalkedBy: '150',
        startedAt: new Date('2025-09-14T09:05:23Z'),
        waitSeconds: 10,
        talkSeconds: 60,
        settled: true,
      },
      expect.objectContaining({
        status: 'missed',
        lastTalkedBy: null,
        waitSeconds: 20,
        talkSeconds: 0,
      }),
    ]);
    expect(await db`select 1 from call_legs`).toHaveLength(2);
    expect(await db`select extension from call_talkers`).toHaveLength(1);
    expect(await listCallsBehind(db)).toEqual([]);
  });

  test('the log keeps its order, below what is ours, without keys in it', async () => {
    await run();
    const page = { enterpriseNumber: '0367', filters: {}, limit: 2 };
    const [newest, before] = await listLogs(db, page);
    expect(newest?.requestData).toMatchObject({ n: 1203, api_key: '••••0367' });
    expect(JSON.stringify(newest)).not.toContain('old-key-0367');
    expect(before?.requestData).toMatchObject({ n: 1202 });
    expect(newest?.createdAt).toEqual(new Date('2025-09-14T09:26:36Z'));
    await db`insert into integration_logs (enterprise_number, integration_type, event_type, status)
      values ('0367', 'retailcrm', 'dial', 'success')`;
    expect((await listLogs(db, page))[1]?.id).toBe(newest?.id);
  });

  test('an admin comes without a password that anybody could know', async () => {
    await run();
    const [anna] = await db`select login, name, password_hash from users`;
    expect(anna).toMatchObject({ login: 'anna@example.com', name: 'Иванова Анна' });
    expect(await verifyPassword('', String(anna?.['passwordHash']))).toBe(false);
  });

  test('a server that the sync knows gets its client and price, and keeps what the sync knows', async () => {
    await db`insert into hosting_servers (server_name, timeweb_id, cost_price) values ('tw-5001', 5001, 480)`;
    await run();
    const [server] = await db`
      select server_name, cost_price, client_name, client_price, service_fee, timeweb_data,
        (select name from hosting_projects where id = project_id) as project
      from hosting_servers where timeweb_id = 5001`;
    expect(server).toEqual({
      serverName: 'tw-5001',
      costPrice: '480.00',
      clientName: 'june',
      clientPrice: '900.00',
      serviceFee: '100.00',
      timewebData: null,
      project: 'АТС',
    });
  });
});

test('a second run changes nothing', async () => {
  await run();
  const before = await everything();
  const { counts, notes } = await run();
  expect(notes.filter((note) => note.includes('0367: '))).toEqual([]);
  expect(counts.map(({ imported }) => imported)).toEqual([0, 0, 0, 0, 0, 0, 0]);
  expect(counts.map(({ existing }) => existing)).toEqual([2, 0, 1, 1, 2, 1203, 2]);
  expect(await everything()).toBe(before);
});

test('what was changed here since stays as it is', async () => {
  await run();
  await db`update enterprises set name = 'renamed', token = 'rotated-token' where number = '0367'`;
  await run();
  const [june] = await db`select name, token from enterprises where number = '0367'`;
  expect(june).toEqual({ name: 'renamed', token: 'rotated-token' });
});

test('a row that was refused comes with the next run, once it is mended', async () => {
  await run();
  await old.db`update old.enterprises set ip = '192.0.2.21' where number = '0369'`;
  try {
    const { counts } = await run();
    expect(counts[0]).toMatchObject({ imported: 1, existing: 2, refused: 1 });
  } finally {
    await old.db`update old.enterprises set ip = 'not an address' where number = '0369'`;
  }
});

test('a dry run says the same counts and writes nothing', async () => {
  const before = await everything();
  const { counts } = await run({ dryRun: true });
  expect(counts.map(({ imported }) => imported)).toEqual([2, 0, 1, 1, 2, 1203, 2]);
  expect(await everything()).toBe(before);
});

test('one enterprise comes alone', async () => {
  await run({ enterpriseNumber: '0368' });
  expect([...(await db`select number from enterprises`)]).toEqual([{ number: '0368' }]);
  expect(await db`select 1 from hosting_servers`).toHaveLength(0);
});

describe('npm run enterprise:import', () => {
  const cli = async (args: string[], more: Record<string, string> = {}) => {
    const env = {
      PATH: process.env['PATH'],
      DATABASE_URL: url,
      ENCRYPTION_KEY: `v1:${Buffer.alloc(32, 7).toString('base64')}`,
      ...more,
    };
    const command = ['infra/enterprise-import.ts', ...args];
    return promisify(execFile)(process.execPath, command, { env }).then(
      ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
      ({ code, stdout, stderr }: { code: number; stdout: string; stderr: string }) => ({
        code,
        stdout,
        stderr,
      }),
    );
  };

  test('shows its progress and its sum, and ends with 1 because rows were refused', async () => {
    const { code, stdout, stderr } = await cli(['--schema', 'old'], {
      IMPORT_DATABASE_URL: old.url.replace('postgresql:', 'postgresql+asyncpg:'),
    });
    expect(code).toBe(1);
    expect(stdout).toContain('integration_logs: 500 of 1204 read, 500 new, 0 there already');
    expect(stdout).toContain('calls: 4 of 4 read, 2 new, 0 there already, 2 refused');
    expect(stderr).toContain('calls 1757840900.1 of 0367 is refused');
  });

  test.each([
    { args: ['--help'], code: 0, says: /Usage: npm run enterprise:import/ },
    { args: ['--purge'], code: 2, says: /--purge/ },
    { args: [], code: 2, says: /IMPORT_DATABASE_URL is not set/ },
    { args: ['--timezone', 'Moon/Base'], code: 2, says: /--timezone/ },
  ])('$args ends with $code', async ({ args, code, says }) => {
    const { stdout, stderr, ...ended } = await cli(args);
    expect(ended.code).toBe(code);
    expect(stdout + stderr).toMatch(says);
  });
});
