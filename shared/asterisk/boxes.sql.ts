import * as z from 'zod';

import type { Db } from '../db.ts';
import type { SecretBox } from '../secrets.ts';
import { AsteriskError } from './asterisk-error.ts';
import { type Box, toCredentials } from './box.ts';

/** What a box without settings of its own is reached with. */
export type BoxDefaults = {
  ASTERISK_SSH_PORT: number;
  ASTERISK_SSH_USER: string;
  ASTERISK_SSH_PASSWORD: string | undefined;
  /** Preferred to the password. */
  ASTERISK_SSH_KEY: string | undefined;
};

export type BoxAccess = { secrets: Pick<SecretBox, 'open'>; defaults: BoxDefaults };

const Row = z.object({
  number: z.string(),
  host: z.string().nullable(),
  sshPort: z.number().nullable(),
  sshUser: z.string().nullable(),
  sshCredentials: z.string().nullable(),
  sshHostKey: z.string().nullable(),
});

/** The box of an active enterprise. @throws AsteriskError unreachable when none is set, or no way to log in */
export async function loadBox(db: Db, enterpriseNumber: string, access: BoxAccess): Promise<Box> {
  const [row] = await db`
    select ${columns(db)}
    from enterprises
    where number = ${enterpriseNumber}
      and active`;
  const box = row && toBox(Row.parse(row), access);
  if (!box) throw new AsteriskError('unreachable', 'No Asterisk box is configured');
  return box;
}

/** Every box there is, of active enterprises. */
export async function listBoxes(db: Db, access: BoxAccess): Promise<Box[]> {
  const rows = await db`
    select ${columns(db)}
    from enterprises
    where active
      and coalesce(nullif(ip, ''), nullif(host, '')) is not null
    order by number`;
  return Row.array()
    .parse([...rows])
    .flatMap((row) => toBox(row, access) ?? []);
}

function columns(db: Db) {
  return db`
    number, coalesce(nullif(ip, ''), nullif(host, '')) as host, ssh_port, nullif(ssh_user, '') as ssh_user,
    nullif(ssh_credentials, '') as ssh_credentials, ssh_host_key`;
}

function toBox(row: z.output<typeof Row>, { secrets, defaults }: BoxAccess): Box | undefined {
  const { number, host, sshPort, sshUser, sshCredentials, sshHostKey } = row;
  const secret =
    sshCredentials === null
      ? (defaults.ASTERISK_SSH_KEY ?? defaults.ASTERISK_SSH_PASSWORD)
      : secrets.open(sshCredentials);
  if (host === null || secret === undefined) return undefined;
  return {
    enterpriseNumber: number,
    host,
    port: sshPort ?? defaults.ASTERISK_SSH_PORT,
    user: sshUser ?? defaults.ASTERISK_SSH_USER,
    credentials: toCredentials(secret),
    hostKey: sshHostKey,
  };
}

/** Keeps the fingerprint of the first contact; returns the one that counts, which may be another's. */
export async function pinHostKey(
  db: Db,
  enterpriseNumber: string,
  fingerprint: string,
): Promise<string> {
  const [row] = await db`
    update enterprises
    set ssh_host_key = coalesce(ssh_host_key, ${fingerprint})
    where number = ${enterpriseNumber}
    returning ssh_host_key`;
  return z.object({ sshHostKey: z.string() }).parse(row).sshHostKey;
}
