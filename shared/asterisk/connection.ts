import { createHash } from 'node:crypto';
import net from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

import { type AuthenticationType, Client, type ClientChannel, type SFTPWrapper } from 'ssh2';

import { AsteriskError } from './asterisk-error.ts';
import type { Box } from './box.ts';
import { receiveInRing } from './received.ts';

const CONNECT_MS = 10_000;
/** sshd refuses at random when many knock at once. */
const KNOCKS = 3;
const KEEPALIVE_MS = 15_000;

/** An open, authenticated SSH connection. */
export type Connection = {
  /** Of the host key, `SHA256:…`. */
  fingerprint: string;
  alive(): boolean;
  /** When it last carried something, in ms since the epoch. */
  usedAt: number;
  openSocket(path: string): Promise<ClientChannel>;
  openExec(command: string): Promise<ClientChannel>;
  openSftp(): Promise<SFTPWrapper>;
  close(): void;
};

/**
 * Connects and logs in, within 10 s and the deadline (ms since the epoch).
 * @throws AsteriskError unreachable, timeout, authentication_refused, host_key_changed
 */
export async function openConnection(box: Box, deadline: number): Promise<Connection> {
  const until = Math.min(deadline, Date.now() + CONNECT_MS);
  for (let knock = 1; ; knock += 1) {
    try {
      return await connectOnce(box, until);
    } catch (error) {
      if (!(error instanceof LostBeforeHandshake)) throw error;
      if (knock === KNOCKS || Date.now() > until) {
        const message = 'SSH command failed: Connection lost before handshake';
        throw new AsteriskError('unreachable', message, error);
      }
      await sleep(50 + Math.random() * 150);
    }
  }
}

class LostBeforeHandshake extends Error {}

async function connectOnce(box: Box, until: number): Promise<Connection> {
  const client = new Client();
  let shookHands = false;
  // What ssh2 keeps of the handshake, it keeps as pieces of what was received; later on it decrypts into new memory.
  const onread = receiveInRing(
    () => !shookHands,
    (piece) => sock.emit('data', piece),
  );
  const sock: net.Socket = net.connect({ host: box.host, port: box.port, onread });
  // ssh2 leaves Nagle on, and every command would wait 40 ms for an acknowledgement.
  sock.setNoDelay(true);
  let fingerprint = '';
  let isKnown = true;

  await new Promise<void>((resolve, reject) => {
    const fail = (error: Error) => {
      clearTimeout(timer);
      client.destroy();
      sock.destroy();
      reject(error);
    };
    const lost = (message: string) =>
      shookHands
        ? new AsteriskError('unreachable', 'SSH command failed: Connection lost')
        : new LostBeforeHandshake(message);
    const timer = setTimeout(() => fail(new AsteriskError('timeout')), until - Date.now());
    client.once('ready', () => {
      clearTimeout(timer);
      resolve();
    });
    // Stays for the life of the connection: whatever ends it is seen by `alive`.
    client.on('error', (error) => {
      if (!isKnown) fail(new AsteriskError('host_key_changed', undefined, undefined, fingerprint));
      else fail(classify(error) ?? lost(error.message));
    });
    client.once('handshake', () => {
      shookHands = true;
    });
    client.once('close', () => fail(lost('closed')));
    client.on('keyboard-interactive', (_name, _instructions, _language, prompts, answer) => {
      answer(prompts.map(() => ('password' in box.credentials ? box.credentials.password : '')));
    });
    try {
      client.connect({
        sock,
        ...loginOf(box),
        readyTimeout: 0,
        keepaliveInterval: KEEPALIVE_MS,
        keepaliveCountMax: 2,
        hostVerifier: (key: Buffer) => {
          fingerprint = `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;
          isKnown = box.hostKey === null || box.hostKey === fingerprint;
          return isKnown;
        },
      });
    } catch (error) {
      // What is stored as a key is none: nothing of it may be in a message.
      fail(new AsteriskError('authentication_refused', undefined, nameOf(error)));
    }
  });

  return {
    fingerprint,
    usedAt: Date.now(),
    alive: () => sock.readyState === 'open' && !sock.readableEnded,
    openSocket: (path) => opening((done) => client.openssh_forwardOutStreamLocal(path, done)),
    openExec: (command) => opening((done) => client.exec(command, done)),
    openSftp: () => opening((done) => client.sftp(done)),
    close: () => {
      client.end();
      client.destroy();
      sock.destroy();
    },
  };
}

function loginOf({ user, credentials }: Box) {
  // Without "none" first, which costs a flight and counts as a failure.
  const methods: AuthenticationType[] =
    'password' in credentials ? ['password', 'keyboard-interactive'] : ['publickey'];
  return { username: user, ...credentials, authHandler: methods };
}

/** Undefined: the connection was cut. */
function classify(error: Error & { level?: string; code?: string }): Error | undefined {
  if (error.level === 'client-authentication') return new AsteriskError('authentication_refused');
  if (/before handshake|ECONNRESET/i.test(`${error.message} ${error.code}`)) return undefined;
  if (error.code === 'ETIMEDOUT' || error.level === 'client-timeout')
    return new AsteriskError('timeout');
  if (error.code === 'ECONNREFUSED') return new AsteriskError('unreachable');
  const reason = error.code === 'ENOTFOUND' ? 'Host not found' : 'Host unreachable';
  return new AsteriskError('unreachable', `SSH command failed: ${reason}`, error);
}

const nameOf = (error: unknown): string => (error instanceof Error ? error.name : 'unknown');

/** A channel that could not be opened: nothing was written. */
export class NotOpened extends Error {
  /** The connection is fine, the other end of the channel is not. */
  readonly refused: boolean;

  constructor(refused: boolean, cause: unknown) {
    super('the channel was not opened', { cause });
    this.refused = refused;
  }
}

const REFUSED = /Channel open failure|Unable to (start subsystem|exec)/;

async function opening<T>(
  open: (done: (error: Error | undefined, channel: T) => void) => unknown,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const fail = (error: Error) => reject(new NotOpened(REFUSED.test(error.message), error));
    try {
      open((error, channel) => (error ? fail(error) : resolve(channel)));
    } catch (error) {
      fail(error instanceof Error ? error : new Error(String(error)));
    }
  });
}
