import { PlainError } from './plain-error.ts';

/** Every port of the local stack. `PORT_OFFSET=n` shifts all of them, so that stacks run side by side. */
const PORTS = {
  web: 8080,
  http: 3000,
  websocket: 3001,
  lambda: 3002,
  postgres: 54329,
  aws: 4566,
  peers: 3900,
  asterisk: 5059,
} as const;

type PortName = keyof typeof PORTS;
export type Ports = Readonly<Record<PortName, number>>;

/** Ports of our range that the fetch standard blocks ("bad ports"): Node's fetch and every browser refuse them. */
const BLOCKED = new Set([
  3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080,
]);

const HIGHEST_OFFSET = 65_535 - Math.max(...Object.values(PORTS));

export function portsFor(offset: number): Ports {
  return {
    web: PORTS.web + offset,
    http: PORTS.http + offset,
    websocket: PORTS.websocket + offset,
    lambda: PORTS.lambda + offset,
    postgres: PORTS.postgres + offset,
    aws: PORTS.aws + offset,
    peers: PORTS.peers + offset,
    asterisk: PORTS.asterisk + offset,
  };
}

export function readPortOffset(source: NodeJS.ProcessEnv = process.env): number {
  const text = source['PORT_OFFSET'] ?? '';
  const offset = text === '' ? 0 : Number(text);
  if (Number.isInteger(offset) && offset >= 0 && offset <= HIGHEST_OFFSET) {
    const { postgres: _postgres, asterisk: _asterisk, ...fetched } = portsFor(offset);
    const blocked = Object.values(fetched).find((port) => BLOCKED.has(port));
    if (blocked === undefined) return offset;
    throw new PlainError(
      `PORT_OFFSET=${text} needs port ${blocked}, which browsers refuse to talk to. Take another offset.`,
    );
  }
  throw new PlainError(
    `PORT_OFFSET is "${text}"; it must be a whole number from 0 to ${HIGHEST_OFFSET}.`,
  );
}
