import { expect, test, vi } from 'vitest';
import * as z from 'zod';

import { log } from '../../shared/lambda/log.ts';
import { PLANTED } from '../peers/timeweb-account.ts';
import { TIMEWEB_TOKEN } from '../peers/timeweb.ts';
import { useDatabase } from '../support/database.ts';
import { useHosting } from './world.ts';

const { db } = useDatabase();
const world = useHosting(db);

const FORBIDDEN = [...Object.values(PLANTED), 'root_pass', 'vnc_pass', 'cloud_init', TIMEWEB_TOKEN];
const found = (text: string) => FORBIDDEN.filter((secret) => text.includes(secret));

/** Every row of every table, as text. */
async function wholeDatabase(): Promise<string> {
  const tables = await db`
    select table_name as name
    from information_schema.tables
    where table_schema = 'public'
      and table_type = 'BASE TABLE'`;
  const texts: string[] = [];
  for (const table of tables) {
    const name = z.string().parse(table['name']);
    const rows = await db`select to_jsonb(row)::text as text from ${db(name)} as row`;
    texts.push(...rows.map((row) => z.string().parse(row['text'])));
  }
  return texts.join('\n');
}

test('the passwords of the servers are in no row, no log line, no answer, no message', async () => {
  const logged: string[] = [];
  const keep = (...parts: unknown[]) => {
    logged.push(
      ...parts.map((part) =>
        JSON.stringify(part, (_key, value: unknown) =>
          value instanceof Error ? [value.message, value.stack, value.cause] : value,
        ),
      ),
    );
  };
  for (const level of ['debug', 'info', 'warn', 'error'] as const) {
    vi.spyOn(log, level).mockImplementation(keep);
  }
  const answers: string[] = [];
  const ask = async (method: string, path: string, body?: unknown) => {
    answers.push((await world.ask({ method, path, body })).text);
  };

  // They are there to be found.
  const upstream = await fetch(`${world.url()}/timeweb/api/v1/servers`, {
    headers: { authorization: `Bearer ${TIMEWEB_TOKEN}` },
  });
  expect(found(await upstream.text())).toEqual(FORBIDDEN.filter((text) => text !== TIMEWEB_TOKEN));

  await world.run();
  await ask('GET', 'timeweb/servers');
  await ask('POST', 'timeweb/sync-all');
  await world.upstream({ servers: { 1051: { status: 'off' } } });
  await ask('POST', 'server/1/sync');
  await ask('DELETE', 'server/1');
  await ask('POST', 'timeweb/import', { server_ids: [1051] });
  await ask('GET', 'servers');
  await ask('GET', 'server/1');
  await ask('GET', 'server/1/changes');
  await ask('GET', 'timeweb/finances');
  // A server that cannot be read, passwords and all.
  await world.upstream({ servers: { 1051: { id: 'none' } } });
  await world.run().catch((error: unknown) => keep(error));
  await ask('POST', 'timeweb/sync-all');
  for (const kind of ['empty_401', 'array_400', 'html_502', 'not_json', 'garbage']) {
    await world.upstream({ fault: { kind } });
    await world.run().catch((error: unknown) => keep(error));
    await ask('POST', 'timeweb/sync-all');
  }

  expect(answers.join('')).toContain('bot-1-1051');
  expect(logged.join('')).toContain('Timeweb');
  expect(found(answers.join('\n'))).toEqual([]);
  expect(found(logged.join('\n'))).toEqual([]);
  expect(found(world.texts().join('\n'))).toEqual([]);
  const stored = await wholeDatabase();
  expect(stored).toContain('bot-1-1051');
  expect(found(stored)).toEqual([]);
});
