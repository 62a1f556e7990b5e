import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

export type CountingProxy = {
  port: number;
  /** How often a client has spoken and then waited for an answer. */
  roundTrips(): number;
  close(): void;
};

/** Stands between a client and a server on loopback and counts the round trips of both. */
export async function startCountingProxy(targetPort: number): Promise<CountingProxy> {
  let roundTrips = 0;
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(targetPort, '127.0.0.1');
    let clientSpeaks = false;
    for (const socket of [client, upstream]) {
      sockets.add(socket.setNoDelay());
      socket.on('error', () => {});
      socket.on('close', () => {
        client.destroy();
        upstream.destroy();
      });
    }
    client.on('data', (bytes) => {
      if (!clientSpeaks) roundTrips += 1;
      clientSpeaks = true;
      upstream.write(bytes);
    });
    upstream.on('data', (bytes) => {
      clientSpeaks = false;
      client.write(bytes);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return {
    port: typeof address === 'object' && address ? address.port : 0,
    roundTrips: () => roundTrips,
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
