import type { VisitorServerFrame } from '../../../shared/chat/visitor.schema.ts';

type Options = {
  url: string;
  /** Made anew for every connection: what was seen last changes. */
  auth: () => object;
  onFrame: (frame: VisitorServerFrame) => void;
  onOpen: () => void;
  onLost: () => void;
};

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 30_000;
/** The gateway ends connections that are silent for 10 minutes. */
const PING_EVERY_MS = 4 * 60_000;
/** A connection that answers no ping is dead, though nobody has said so. */
const PONG_WITHIN_MS = 10_000;

/** A socket that comes back by itself, ever more slowly, and at once when the browser is online again. */
export function createSocket({ url, auth, onFrame, onOpen, onLost }: Options) {
  let socket: WebSocket | undefined;
  let waitMs = FIRST_WAIT_MS;
  let retry: ReturnType<typeof setTimeout> | undefined;
  let pongDue: ReturnType<typeof setTimeout> | undefined;
  let isStopped = false;

  const pinging = setInterval(() => {
    if (!send({ type: 'ping' })) return;
    pongDue ??= setTimeout(() => drop(), PONG_WITHIN_MS);
  }, PING_EVERY_MS);

  function connect(): void {
    clearTimeout(retry);
    if (isStopped || socket) return;
    const opening = new WebSocket(url);
    socket = opening;
    opening.addEventListener('open', () => opening.send(JSON.stringify(auth())));
    opening.addEventListener('message', ({ data }) => {
      if (socket !== opening) return;
      const frame = read(data);
      if (!frame) return;
      if (frame.type === 'pong') {
        clearTimeout(pongDue);
        pongDue = undefined;
      }
      if (frame.type === 'state') {
        waitMs = FIRST_WAIT_MS;
        onOpen();
      }
      onFrame(frame);
    });
    opening.addEventListener('close', () => {
      if (socket === opening) drop();
    });
  }

  function drop(): void {
    const dropped = socket;
    socket = undefined;
    clearTimeout(pongDue);
    pongDue = undefined;
    dropped?.close();
    if (isStopped) return;
    onLost();
    clearTimeout(retry);
    retry = setTimeout(connect, waitMs * (0.75 + Math.random() / 2));
    waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS);
  }

  function send(frame: object): boolean {
    if (socket?.readyState !== WebSocket.OPEN) return false;
    socket.send(JSON.stringify(frame));
    return true;
  }

  const onOnline = (): void => {
    waitMs = FIRST_WAIT_MS;
    connect();
  };
  const onOffline = (): void => drop();
  window.addEventListener('online', onOnline);
  window.addEventListener('offline', onOffline);
  connect();

  return {
    send,
    stop(): void {
      isStopped = true;
      clearInterval(pinging);
      clearTimeout(retry);
      window.removeEventListener('online', onOnline);
      window.removeEventListener('offline', onOffline);
      drop();
    },
  };
}
export type Socket = ReturnType<typeof createSocket>;

function read(data: unknown): VisitorServerFrame | undefined {
  try {
    return JSON.parse(String(data)) as VisitorServerFrame; // our own hub; types we do not know are passed over
  } catch {
    return undefined;
  }
}
