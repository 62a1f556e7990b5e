import { once } from 'node:events';
import { createServer as createHttpServer, type RequestListener } from 'node:http';
import {
  type AddressInfo,
  createServer as createTcpServer,
  type Server,
  type Socket,
} from 'node:net';

import { describe, expect, onTestFinished, test } from 'vitest';

import {
  isPrivate,
  OutboundError,
  type OutboundRequest,
  sendOutbound,
} from '../../shared/outbound.ts';

const MEGABYTE = 1024 * 1024;
const PRIVATE = { allowPrivate: true };

async function listen(server: Server): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => sockets.add(socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

/** A server that answers so; returns its address. */
const serve = async (answer: RequestListener) =>
  `http://127.0.0.1:${await listen(createHttpServer(answer))}/`;
/** A server that does this with every connection, and speaks neither HTTP nor TLS. */
async function accept(meet: (socket: Socket) => void) {
  const connections: Socket[] = [];
  const port = await listen(
    createTcpServer((socket) => {
      connections.push(socket);
      socket.on('error', () => {});
      meet(socket);
    }),
  );
  return { port, connections };
}

const get = (url: string): OutboundRequest => ({ method: 'GET', url });
const failureOf = async (
  request: OutboundRequest,
  options: Parameters<typeof sendOutbound>[1] = {},
) => {
  const error: unknown = await sendOutbound(request, options).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(OutboundError);
  const { kind, sent } = error as OutboundError;
  return { kind, sent };
};

describe('a request and its answer', () => {
  test('go over as they are', async () => {
    const received: unknown[] = [];
    const url = await serve((request, response) => {
      const { method, url: path, headers } = request;
      const parts: Buffer[] = [];
      request.on('data', (part: Buffer) => parts.push(part));
      request.on('end', () => {
        const body = Buffer.concat(parts).toString();
        received.push({
          method,
          path,
          body,
          key: headers['x-api-key'],
          length: headers['content-length'],
        });
        response.writeHead(418, { 'x-answer': 'yes' }).end('Чайник');
      });
    });
    const request = {
      method: 'POST',
      url: `${url}a?b=c`,
      headers: { 'x-api-key': 'k' },
      body: 'имя=Ольга',
    } as const;
    expect(await sendOutbound(request, PRIVATE)).toMatchObject({
      status: 418,
      headers: { 'x-answer': 'yes' },
      text: 'Чайник',
    });
    expect(received).toEqual([
      { method: 'POST', path: '/a?b=c', body: 'имя=Ольга', key: 'k', length: '17' },
    ]);
  });

  test('a letter that arrives in two parts is one letter', async () => {
    const url = await serve((_request, response) => {
      const bytes = Buffer.from('Ж');
      response.write(bytes.subarray(0, 1));
      setTimeout(() => response.end(bytes.subarray(1)), 10);
    });
    expect(await sendOutbound(get(url), PRIVATE)).toMatchObject({ text: 'Ж' });
  });

  test('every request has a connection of its own', async () => {
    const { port, connections } = await accept((socket) => {
      socket.on('data', () => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'));
    });
    await sendOutbound(get(`http://127.0.0.1:${port}/`), PRIVATE);
    await sendOutbound(get(`http://127.0.0.1:${port}/`), PRIVATE);
    expect(connections).toHaveLength(2);
  });

  test('a redirect is an answer: nobody goes there', async () => {
    const paths: string[] = [];
    const url = await serve((request, response) => {
      paths.push(request.url ?? '');
      response.writeHead(302, { location: '/elsewhere' }).end();
    });
    const { status, headers } = await sendOutbound(get(url), PRIVATE);
    expect({ status, location: headers.location, paths }).toEqual({
      status: 302,
      location: '/elsewhere',
      paths: ['/'],
    });
  });

  test('an answer of 5 MB is read', async () => {
    const url = await serve((_request, response) => response.end(Buffer.alloc(5 * MEGABYTE, 'a')));
    expect((await sendOutbound(get(url), PRIVATE)).text).toHaveLength(5 * MEGABYTE);
  });

  test('an answer over 5 MB is refused, and its connection closed', async () => {
    const closed = Promise.withResolvers<void>();
    const url = await serve((_request, response) => {
      response.on('close', closed.resolve);
      response.write(Buffer.alloc(5 * MEGABYTE + 1));
    });
    expect(await failureOf(get(url), PRIVATE)).toEqual({ kind: 'too_large', sent: true });
    await closed.promise;
  });
});

describe('time limits', () => {
  test('no answer', async () => {
    const url = await serve(() => {});
    expect(await failureOf(get(url), { ...PRIVATE, totalMs: 50 })).toEqual({
      kind: 'timeout',
      sent: true,
    });
  });

  test('an answer that begins and never ends', async () => {
    const url = await serve((_request, response) => {
      const dripping = setInterval(() => response.write('.'), 5);
      response.on('close', () => clearInterval(dripping));
    });
    expect(await failureOf(get(url), { ...PRIVATE, totalMs: 80 })).toEqual({
      kind: 'timeout',
      sent: true,
    });
  });

  test('a connection that never comes about: nothing was sent', async () => {
    const { port } = await accept(() => {});
    const silent = get(`https://127.0.0.1:${port}/`);
    expect(await failureOf(silent, { ...PRIVATE, connectMs: 50 })).toEqual({
      kind: 'timeout',
      sent: false,
    });
  });

  test('the one for connecting does not count against a slow answer', async () => {
    const url = await serve(
      (_request, response) => void setTimeout(() => response.end('late'), 80),
    );
    expect(await sendOutbound(get(url), { ...PRIVATE, connectMs: 40 })).toMatchObject({
      text: 'late',
    });
  });
});

describe('a connection that is cut', () => {
  test('nobody listens: nothing was sent', async () => {
    const server = createTcpServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => void server.close(resolve));
    expect(await failureOf(get(`http://127.0.0.1:${port}/`), PRIVATE)).toEqual({
      kind: 'network',
      sent: false,
    });
  });

  test('in the handshake: nothing was sent', async () => {
    const { port } = await accept((socket) => socket.destroy());
    expect(await failureOf(get(`https://127.0.0.1:${port}/`), PRIVATE)).toEqual({
      kind: 'network',
      sent: false,
    });
  });

  test('before an answer: it may have been taken', async () => {
    const url = await serve((request) => request.socket.destroy());
    expect(await failureOf({ method: 'POST', url, body: 'x' }, PRIVATE)).toEqual({
      kind: 'network',
      sent: true,
    });
  });

  test('in the middle of the answer: it may have been taken', async () => {
    const url = await serve((_request, response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('half');
      setTimeout(() => response.destroy(), 10);
    });
    expect(await failureOf(get(url), PRIVATE)).toEqual({ kind: 'network', sent: true });
  });

  test('an answer that is no HTTP', async () => {
    const { port } = await accept((socket) => socket.end('SSH-2.0-OpenSSH_9.6\r\n'));
    expect(await failureOf(get(`http://127.0.0.1:${port}/`), PRIVATE)).toEqual({
      kind: 'network',
      sent: true,
    });
  });
});

const NOT_PUBLIC = [
  ['loopback', '127.0.0.1'],
  ['loopback, the last of it', '127.255.255.255'],
  ['this host', '0.0.0.0'],
  ['private, 10/8', '10.0.0.1'],
  ['private, 172.16/12', '172.16.0.1'],
  ['private, the last of 172.16/12', '172.31.255.255'],
  ['private, 192.168/16', '192.168.0.1'],
  ['shared by carriers', '100.64.0.1'],
  ['link-local: where clouds keep their keys', '169.254.169.254'],
  ['protocol assignments', '192.0.0.8'],
  ['benchmarks', '198.18.0.1'],
  ['multicast', '224.0.0.1'],
  ['reserved', '240.0.0.1'],
  ['broadcast', '255.255.255.255'],
  ['IPv6 loopback', '::1'],
  ['IPv6 nothing', '::'],
  ['IPv6 unique local, fc', 'fc00::1'],
  ['IPv6 unique local, fd', 'fd00:ec2::254'],
  ['IPv6 link-local', 'fe80::1'],
  ['IPv6 multicast', 'ff02::1'],
  ['IPv4 in IPv6', '::ffff:127.0.0.1'],
  ['IPv4 in IPv6, in hex', '::ffff:a9fe:a9fe'],
  ['IPv4 in IPv6, written out', '0:0:0:0:0:ffff:10.0.0.1'],
  ['IPv4 in IPv6, the old way', '::127.0.0.1'],
  ['IPv4 behind NAT64', '64:ff9b::7f00:1'],
  ['IPv4 behind local NAT64', '64:ff9b:1::7f00:1'],
  ['IPv4 behind 6to4', '2002:7f00:1::1'],
  ['IPv6 site-local', 'fec0::1'],
] as const;

describe('addresses that are not public', () => {
  test.each(NOT_PUBLIC)('%s: %s', async (_what, address) => {
    expect(isPrivate(address)).toBe(true);
    const host = address.includes(':') ? `[${address}]` : address;
    expect(await failureOf(get(`https://${host}/`))).toEqual({
      kind: 'refused_address',
      sent: false,
    });
  });

  test.each([
    '1.1.1.1',
    '9.255.255.255',
    '11.0.0.0',
    '100.63.255.255',
    '100.128.0.0',
    '126.255.255.255',
    '128.0.0.0',
    '169.253.255.255',
    '172.15.255.255',
    '172.32.0.0',
    '192.167.255.255',
    '192.169.0.0',
    '223.255.255.255',
    '2606:4700:4700::1111',
    '2a00:1450:4010:c0e::64',
    '::ffff:1.1.1.1',
  ])('%s is public', (address) => {
    expect(isPrivate(address)).toBe(false);
  });

  test.each(['127.1', '2130706433', '0x7f000001', '0177.0.0.1', '127.0.0.1.'])(
    'loopback written as %s',
    async (host) => {
      expect(await failureOf(get(`https://${host}/`))).toEqual({
        kind: 'refused_address',
        sent: false,
      });
    },
  );

  test('a name that leads there: nobody is connected to', async () => {
    const { port, connections } = await accept(() => {});
    expect(await failureOf(get(`https://localhost:${port}/`))).toEqual({
      kind: 'refused_address',
      sent: false,
    });
    expect(connections).toHaveLength(0);
  });

  test('are reached when the local stack allows it', async () => {
    const url = await serve((_request, response) => response.end('here'));
    const named = url.replace('127.0.0.1', 'localhost');
    expect(await sendOutbound(get(named), PRIVATE)).toMatchObject({ text: 'here' });
  });
});

test.each(['http://1.1.1.1/', 'http://crm.example/', 'ftp://crm.example/'])(
  'only https goes to the outside: %s',
  async (url) => {
    expect(await failureOf(get(url))).toEqual({ kind: 'refused_address', sent: false });
  },
);

describe('in the local stack', () => {
  test.each([
    'http://169.254.169.254/latest',
    'http://[fe80::1]/',
    'http://[::ffff:169.254.169.254]/',
  ])('a link-local address is refused all the same: %s', async (url) => {
    await expect(
      sendOutbound({ method: 'GET', url }, { allowPrivate: true, totalMs: 300 }),
    ).rejects.toMatchObject({ kind: 'refused_address', sent: false });
  });
});
