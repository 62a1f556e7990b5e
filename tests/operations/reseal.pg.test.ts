import { afterEach, describe, expect, test } from 'vitest';

import { portsFor } from '../../infra/local/ports.ts';
import { seed } from '../../infra/local/seed.ts';
import { SEALED_COLUMNS } from '../../shared/operations/reseal.sql.ts';
import { reseal } from '../../shared/operations/reseal.ts';
import { createSecretBox } from '../../shared/secrets.ts';
import { insertEnterprise, NUMBER, secrets as oldBox, useDatabase } from '../support/database.ts';

const { db, url } = useDatabase();
const OLD_KEY = `v1:${Buffer.alloc(32, 7).toString('base64')}`;
const KEYS = `v2:${Buffer.alloc(32, 9).toString('base64')},${OLD_KEY}`;
const secrets = createSecretBox(KEYS);
const newOnly = createSecretBox(KEYS.split(',')[0] ?? '');

afterEach(() => db`truncate enterprises cascade`);

async function stored() {
  const [row] = await db`
    select bot_token, integrations_config -> 'retailcrm' ->> 'api_key' as api_key, config_version
    from enterprises where number = ${NUMBER}`;
  return {
    botToken: String(row?.['botToken']),
    apiKey: String(row?.['apiKey']),
    version: Number(row?.['configVersion']),
  };
}

describe('sealing anew', () => {
  test('leaves nothing that needs the old key, and changes no value', async () => {
    await insertEnterprise(db);
    const before = await stored();
    const counts = await reseal(db, { secrets, newest: 'v2' });
    expect(counts).toEqual({ sealed: 3, resealed: 3, changedMeanwhile: 0 });
    const after = await stored();
    expect(newOnly.open(after.botToken)).toBe(oldBox.open(before.botToken));
    expect(newOnly.open(after.apiKey)).toBe('demo-key-0367');
    expect(after.version).toBe(before.version);
    expect(await reseal(db, { secrets, newest: 'v2' })).toMatchObject({ resealed: 0 });
  });

  test('only counts in a dry run', async () => {
    await insertEnterprise(db);
    const before = await stored();
    expect(await reseal(db, { secrets, newest: 'v2', dryRun: true })).toMatchObject({
      resealed: 3,
    });
    expect(await stored()).toEqual(before);
  });

  test('goes through more rows than one page', async () => {
    for (let number = 0; number < 230; number += 1) {
      await insertEnterprise(db, { number: `9${number}`, token: `token-${number}` });
    }
    expect(await reseal(db, { secrets, newest: 'v2' })).toMatchObject({ resealed: 690 });
  });

  test('names the row that no key opens, and leaves it as it is', async () => {
    await insertEnterprise(db);
    await db`update enterprises set bot_token = ${createSecretBox(`v1:${Buffer.alloc(32, 1).toString('base64')}`).seal('x')}`;
    const before = await stored();
    await expect(reseal(db, { secrets, newest: 'v2' })).rejects.toThrow(
      /enterprises\.bot_token of row \d+ cannot be opened with key v1/,
    );
    expect(await stored()).toEqual(before);
  });
});

test('every column with sealed values is known: a new one has to be named', async () => {
  await seed(url, { ports: portsFor(0), encryptionKey: OLD_KEY });
  const columns = await db`
    select table_name, column_name from information_schema.columns
    where table_schema = 'public' and data_type in ('text', 'jsonb')`;
  const sealed: string[] = [];
  for (const { tableName, columnName } of columns) {
    const [found] = await db`
      select from ${db(String(tableName))}
      where ${db(String(columnName))}::text ~ '(^|[^A-Za-z0-9])v[0-9]+:[A-Za-z0-9+/]{38,}'
      limit 1`;
    if (found) sealed.push(`${tableName}.${columnName}`);
  }
  const known = SEALED_COLUMNS.map(({ table, column }) => `${table}.${column}`);
  expect(known).toEqual(expect.arrayContaining(sealed));
  expect(sealed.length).toBeGreaterThan(0);
});
