import { useEffect, useEffectEvent, useState } from 'react';

import { takeSocketTicket } from '../../../../shared/auth/auth.schema.ts';
import { type LiveKind, ServerFrame } from '../../../../shared/live/live.schema.ts';
import { ask } from '../api/api-client.ts';

export type LiveStatus = 'connecting' | 'live' | 'lost';

/** The gateway ends a connection that was silent for ten minutes. */
const PING_MS = 4 * 60_000;
const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 30_000;

type Hear = {
  onFrame: (frame: ServerFrame) => void;
  /** Again connected: what happened in between was not heard. */
  onReady?: () => void;
};

/**
 * Listens to changes while the page is open. Who listens is told by a ticket, which is good once: a connection that
 * was lost is made anew with another one.
 */
export function useLive(kind: LiveKind, { onFrame, onReady }: Hear): LiveStatus {
  const [status, setStatus] = useState<LiveStatus>('connecting');
  const hear = useEffectEvent((frame: ServerFrame) => {
    if (frame.type === 'ready') {
      setStatus('live');
      onReady?.();
    } else onFrame(frame);
  });

  useEffect(() => {
    const over = new AbortController();
    let socket: WebSocket | undefined;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let failures = 0;

    const again = (): void => {
      if (over.signal.aborted) return;
      setStatus('lost');
      const wait = Math.min(FIRST_RETRY_MS * 2 ** failures, LONGEST_RETRY_MS);
      failures += 1;
      timer = setTimeout(() => void connect(), wait * (0.75 + Math.random() / 2));
    };

    const connect = async (): Promise<void> => {
      try {
        const { ticket, websocket_url } = await ask(takeSocketTicket, { signal: over.signal });
        if (over.signal.aborted) return;
        socket = listen({
          address: `${websocket_url}?live=${kind}`,
          ticket,
          onFrame: (frame) => {
            if (frame.type === 'ready') failures = 0;
            hear(frame);
          },
          onEnd: again,
        });
      } catch {
        again();
      }
    };

    void connect();
    return () => {
      over.abort();
      clearTimeout(timer);
      socket?.close();
    };
  }, [kind]);

  return status;
}

function listen({
  address,
  ticket,
  onFrame,
  onEnd,
}: {
  address: string;
  ticket: string;
  onFrame: (frame: ServerFrame) => void;
  onEnd: () => void;
}): WebSocket {
  const socket = new WebSocket(address);
  let ping: ReturnType<typeof setInterval> | undefined;
  socket.addEventListener('open', () => {
    socket.send(JSON.stringify({ type: 'auth', ticket }));
    ping = setInterval(() => socket.send('{"type":"ping"}'), PING_MS);
  });
  socket.addEventListener('message', ({ data }) => {
    const frame = readFrame(String(data));
    if (frame) onFrame(frame);
  });
  socket.addEventListener('close', () => {
    clearInterval(ping);
    onEnd();
  });
  return socket;
}

/** Of an unknown type more may come: it is passed over. */
function readFrame(text: string): ServerFrame | undefined {
  try {
    return ServerFrame.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
