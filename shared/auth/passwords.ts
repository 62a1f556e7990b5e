import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

type Cost = { N: number; r: number; p: number };

/** OWASP's second choice for scrypt: 32 MB, so that a function of 512 MB can afford it. */
const COST: Cost = { N: 2 ** 15, r: 8, p: 3 };
const KEY_BYTES = 32;
const SALT_BYTES = 16;
/** Of a stored hash; keeps a broken row from taking all memory. */
const MAX_MEMORY = 256 * 1024 * 1024;

const FORMAT = /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([\w+/]+)\$([\w+/]+)$/;

const derive = promisify<string, Buffer, number, object, Buffer>(scrypt);

/** Of no password at all: whoever tries an unknown login waits as long as for a known one. */
export const NOBODYS_HASH = toText(COST, Buffer.alloc(SALT_BYTES), Buffer.alloc(KEY_BYTES));

/** A memory-hard hash in the PHC format, which names its own cost: `$scrypt$ln=15,r=8,p=3$salt$hash`. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  return toText(COST, salt, await keyOf(password, salt, COST));
}

export async function verifyPassword(password: string, hash: string): Promise<boolean> {
  const [, ln, r, p, salt = '', expected = ''] = FORMAT.exec(hash) ?? [];
  if (!ln) return false;
  const cost = { N: 2 ** Number(ln), r: Number(r), p: Number(p) };
  const key = await keyOf(password, Buffer.from(salt, 'base64'), cost);
  const wanted = Buffer.from(expected, 'base64');
  return key.length === wanted.length && timingSafeEqual(key, wanted);
}

/** The same letters typed on another keyboard may come in other code points. */
function keyOf(password: string, salt: Buffer, cost: Cost): Promise<Buffer> {
  return derive(password.normalize('NFKC'), salt, KEY_BYTES, { ...cost, maxmem: MAX_MEMORY });
}

function toText({ N, r, p }: Cost, salt: Buffer, key: Buffer): string {
  const base64 = (bytes: Buffer): string => bytes.toString('base64').replace(/=+$/, '');
  return `$scrypt$ln=${Math.log2(N)},r=${r},p=${p}$${base64(salt)}$${base64(key)}`;
}
