import { lookup as dnsLookup } from 'node:dns/promises';
import { isIP } from 'node:net';

import { isLinkLocal, isPrivate } from '../outbound.ts';

export type AddressRules = {
  /** The local stack only: http and private addresses will do, link-local ones never. */
  allowPrivate: boolean;
  /** All addresses of a name. */
  lookup?: (host: string) => Promise<string[]>;
};

/**
 * What is wrong with an address that somebody entered, when something is: it must be https and lead to a public host.
 * A name that nobody knows at the moment is let through: the way out looks again, at the address it connects to.
 */
export async function problemWithAddress(
  address: string,
  { allowPrivate, lookup = resolve }: AddressRules,
): Promise<string | undefined> {
  const url = URL.parse(address);
  if (!url) return 'Это не адрес';
  if (!allowPrivate && url.protocol !== 'https:') return 'Нужен адрес https';
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const addresses = isIP(host) ? [host] : await lookup(host).catch(() => []);
  return addresses.some(allowPrivate ? isLinkLocal : isPrivate)
    ? 'Адрес ведёт во внутреннюю сеть: нужен публичный'
    : undefined;
}

async function resolve(host: string): Promise<string[]> {
  const found = await dnsLookup(host, { all: true });
  return found.map(({ address }) => address);
}
