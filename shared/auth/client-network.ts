import { isIPv6 } from 'node:net';

import type { HttpRequest } from '../lambda/http-event.ts';

type From = Pick<HttpRequest, 'headers' | 'sourceIp'>;

/**
 * Where a request comes from, for limits: its address, or for IPv6 the /64 that one household or server owns.
 * Behind `proxies` of our own (a CDN before the gateway) the address is what the outermost of them wrote down. The
 * gateway appends the address it sees; anything further left is the caller's own invention.
 */
export function clientNetwork(request: From, proxies: number): string {
  const address = clientAddress(request, proxies);
  return isIPv6(address) ? networkOfIpv6(address) : address;
}

/** The same, to the last bit. */
export function clientAddress({ headers, sourceIp }: From, proxies: number): string {
  const hops = (headers['x-forwarded-for'] ?? '').split(',').map((hop) => hop.trim());
  return (proxies > 0 && hops.at(-1 - proxies)) || sourceIp;
}

function networkOfIpv6(address: string): string {
  const [left = '', right] = address.split('::');
  const groups = left === '' ? [] : left.split(':');
  if (right !== undefined) {
    const tail = right === '' ? [] : right.split(':');
    while (groups.length + tail.length < 8) groups.push('0');
  }
  return groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':');
}
