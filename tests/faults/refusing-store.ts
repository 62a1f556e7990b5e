import { createServer, request as ask } from 'node:http';

export type RefusingStore = Awaited<ReturnType<typeof startRefusingStore>>;

const HOST = '127.0.0.1';
const SLOW_DOWN =
  '<?xml version="1.0" encoding="UTF-8"?><Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>';

/** Stands before the S3 API, and refuses parts of uploads when it is told to, as a store does that has too much to do. */
export async function startRefusingStore() {
  let port = 0;
  let isRefusing = false;
  let refused = 0;
  const server = createServer((incoming, outgoing) => {
    const isPart = incoming.method === 'PUT' && incoming.url?.includes('partNumber=');
    if (isRefusing && isPart) {
      refused += 1;
      incoming.resume();
      outgoing.writeHead(503, { 'content-type': 'application/xml' }).end(SLOW_DOWN);
      return;
    }
    const { method, url: path, headers } = incoming;
    const onward = ask({ host: HOST, port, method, path, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    onward.on('error', () => outgoing.destroy());
    incoming.pipe(onward);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, HOST, resolve);
  });
  const address = server.address();
  return {
    url: `http://${HOST}:${typeof address === 'object' && address ? address.port : 0}`,
    /** Where the store really is. */
    leadTo: (storePort: number) => void (port = storePort),
    refuseParts: (refuses: boolean) => void (isRefusing = refuses),
    refused: () => refused,
    stop: () => void server.close(),
  };
}
