import * as z from 'zod';

import type { Db } from '../db.ts';
import { type ApiKey, KEY_SCOPES, type KeyScope } from './keys.schema.ts';

const KeyRow = z
  .object({
    id: z.string(),
    name: z.string(),
    prefix: z.string(),
    scopes: z.array(z.enum(KEY_SCOPES)),
    createdBy: z.string().nullable(),
    createdAt: z.date(),
    lastUsedAt: z.date().nullable(),
  })
  .transform(({ createdBy, createdAt, lastUsedAt, ...row }): ApiKey => ({
    ...row,
    created_by: createdBy,
    created_at: createdAt.toISOString(),
    last_used_at: lastUsedAt?.toISOString() ?? null,
  }));

type NewKey = {
  id: string;
  name: string;
  prefix: string;
  keyHash: Buffer;
  scopes: KeyScope[];
  adminId: number;
};

export async function listKeys(db: Db): Promise<ApiKey[]> {
  const rows = await db`
    select ${columns(db)}
    from api_keys
    order by created_at desc, id desc`;
  return KeyRow.array().parse([...rows]);
}

export async function insertKey(db: Db, key: NewKey): Promise<ApiKey> {
  const { id, name, prefix, keyHash, scopes, adminId } = key;
  const [row] = await db`
    insert into api_keys (id, name, prefix, key_hash, scopes, created_by)
    values (${id}, ${name}, ${prefix}, ${keyHash}, ${scopes}::text[], (select login from admins where id = ${adminId}))
    returning ${columns(db)}`;
  return KeyRow.parse(row);
}

/** Undefined when there is no such key. */
export async function deleteKey(db: Db, id: string): Promise<ApiKey | undefined> {
  const [row] = await db`
    delete from api_keys
    where id = ${id}::uuid
    returning ${columns(db)}`;
  return row && KeyRow.parse(row);
}

/** The key with this hash, if it opens this. Being used is written down once a minute at most. */
export async function findKey(
  db: Db,
  keyHash: Buffer,
  scope: KeyScope,
): Promise<ApiKey | undefined> {
  const [row] = await db`
    with used as (
      update api_keys
      set last_used_at = now()
      where key_hash = ${keyHash}
        and coalesce(last_used_at, '-infinity') < now() - interval '1 minute'
    )
    select ${columns(db)}
    from api_keys
    where key_hash = ${keyHash}
      and ${scope}::text = any(scopes)`;
  return row && KeyRow.parse(row);
}

function columns(db: Db) {
  return db`id, name, prefix, scopes, created_by, created_at, last_used_at`;
}
