import { lookup as dnsLookup } from 'node:dns';
import http from 'node:http';
import https from 'node:https';
import { BlockList, isIP, type LookupFunction } from 'node:net';

/** Requests to addresses that customers enter. */
export type OutboundRequest = {
  method: 'GET' | 'POST';
  url: string;
  headers?: Record<string, string>;
  body?: string;
};
export type OutboundAnswer = { status: number; headers: http.IncomingHttpHeaders; text: string };

/** No answer. `sent`: the request may have reached the other side. */
export class OutboundError extends Error {
  override readonly name = 'OutboundError';
  readonly kind: 'timeout' | 'network' | 'refused_address' | 'too_large';
  readonly sent: boolean;

  constructor(
    kind: OutboundError['kind'],
    message: string,
    { sent, cause }: { sent: boolean; cause?: unknown },
  ) {
    super(message, { cause });
    this.kind = kind;
    this.sent = sent;
  }
}

type Options = { allowPrivate?: boolean; connectMs?: number; totalMs?: number };

const CONNECT_MS = 5_000;
const TOTAL_MS = 10_000;
const MAX_ANSWER_BYTES = 5 * 1024 * 1024;

/** The way out that the environment allows: private addresses only in the local stack. */
export function createSend({
  OUTBOUND_ALLOW_PRIVATE,
}: {
  OUTBOUND_ALLOW_PRIVATE: '1' | undefined;
}) {
  const allowPrivate = OUTBOUND_ALLOW_PRIVATE === '1';
  return (request: OutboundRequest, limits: { totalMs?: number } = {}) =>
    sendOutbound(request, { allowPrivate, ...limits });
}

/**
 * Sends one request and reads the whole answer within the time limits. Redirects are answers, never followed.
 * Private, loopback and link-local addresses are refused after name resolution, on the address that is really
 * connected to; with `allowPrivate` only link-local ones. Every request has a connection of its own: on a kept one that the other side has
 * just closed, nobody could say whether the request was taken.
 * @throws OutboundError
 */
export async function sendOutbound(
  request: OutboundRequest,
  options: Options = {},
): Promise<OutboundAnswer> {
  const { allowPrivate = false, connectMs = CONNECT_MS, totalMs = TOTAL_MS } = options;
  const url = new URL(request.url);
  const protocol = url.protocol === 'https:' ? 'https:' : 'http:';
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const isForbidden = allowPrivate ? isLinkLocal : isPrivate;
  if ((!allowPrivate && url.protocol !== 'https:') || (isIP(host) && isForbidden(host))) {
    throw new OutboundError('refused_address', 'The address is not a public https address', {
      sent: false,
    });
  }

  return new Promise((resolve, reject) => {
    let connected = false;
    const fail = (kind: OutboundError['kind'], message: string, cause?: unknown) => {
      clearTimeout(total);
      clearTimeout(connect);
      reject(new OutboundError(kind, message, { sent: connected, cause }));
      outgoing.destroy();
    };
    const outgoing = (protocol === 'https:' ? https : http).request(url, {
      method: request.method,
      headers: {
        ...request.headers,
        ...(request.body && { 'content-length': Buffer.byteLength(request.body) }),
      },
      agent: false,
      lookup: lookupBut(isForbidden),
    });
    const total = setTimeout(() => fail('timeout', 'No answer in time'), totalMs);
    const connect = setTimeout(() => fail('timeout', 'No connection in time'), connectMs);
    const onConnected = () => {
      connected = true;
      clearTimeout(connect);
    };
    outgoing.on('socket', (socket) => {
      if (!socket.connecting) onConnected();
      else socket.once(protocol === 'https:' ? 'secureConnect' : 'connect', onConnected);
    });
    outgoing.on('error', (error) => {
      if (error instanceof RefusedAddress) fail('refused_address', error.message);
      else fail('network', 'The connection failed', error);
    });
    outgoing.on('response', (answer) => {
      const parts: Buffer[] = [];
      let size = 0;
      answer.on('data', (part: Buffer) => {
        size += part.length;
        if (size > MAX_ANSWER_BYTES) fail('too_large', 'The answer is over 5 MB');
        else parts.push(part);
      });
      answer.on('error', (error) => fail('network', 'The connection was cut', error));
      answer.on('end', () => {
        clearTimeout(total);
        const text = Buffer.concat(parts).toString('utf8');
        resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text });
      });
    });
    outgoing.end(request.body);
  });
}

class RefusedAddress extends Error {}

/** Resolves a name as usual, and refuses when any of its addresses is forbidden. */
function lookupBut(isForbidden: (address: string) => boolean): LookupFunction {
  return (hostname, options, callback) => {
    dnsLookup(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return callback(error, []);
      if (addresses.some(({ address }) => isForbidden(address))) {
        return callback(new RefusedAddress('The name resolves to a private address'), []);
      }
      const [first] = addresses;
      if (options.all || !first) return callback(null, addresses);
      return callback(null, first.address, first.family);
    });
  };
}

const NOT_PUBLIC = new BlockList();
for (const [network, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
] as const) {
  NOT_PUBLIC.addSubnet(network, prefix, 'ipv4');
}
for (const [network, prefix] of [
  ['::', 96],
  ['64:ff9b::', 96],
  ['64:ff9b:1::', 48],
  ['2002::', 16],
  ['fc00::', 7],
  ['fe80::', 10],
  ['fec0::', 10],
  ['ff00::', 8],
] as const) {
  NOT_PUBLIC.addSubnet(network, prefix, 'ipv6');
}

/** Where clouds keep their machines' credentials: never a customer's address, not even in the local stack. */
export function isLinkLocal(address: string): boolean {
  const plain = unmapped(address);
  return LINK_LOCAL.check(plain, isIP(plain) === 6 ? 'ipv6' : 'ipv4');
}

const LINK_LOCAL = new BlockList();
LINK_LOCAL.addSubnet('169.254.0.0', 16, 'ipv4');
LINK_LOCAL.addSubnet('fe80::', 10, 'ipv6');

/** True for loopback, link-local, private, shared, multicast and reserved addresses, IPv4 in IPv6 included. */
export function isPrivate(address: string): boolean {
  const plain = unmapped(address);
  return NOT_PUBLIC.check(plain, isIP(plain) === 6 ? 'ipv6' : 'ipv4');
}

/** The IPv4 address inside an IPv6 one. */
function unmapped(address: string): string {
  return /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1] ?? address;
}
