/** One exchange with a box over an open connection: commands in, what Asterisk printed out. */
import { setTimeout as sleep } from 'node:timers/promises';

import type { ClientChannel } from 'ssh2';

import { AppError } from '../errors.ts';
import { AsteriskError } from './asterisk-error.ts';
import type { Command } from './commands.ts';
import { type Connection, NotOpened } from './connection.ts';

const CONTROL_SOCKET = '/var/run/asterisk/asterisk.ctl';
/** Asterisk reads 512 bytes at once; what is longer is thrown away without a word. */
const MAX_BYTES = 496;
const COMMAND_MS = 15_000;
/** A connection that rested this long may be dead without knowing it. */
const RESTED_MS = 30_000;
const WAKE_MS = 500;
export const isRested = ({ usedAt }: Connection): boolean => Date.now() - usedAt > RESTED_MS;
const OPENINGS = 6;
const OPENINGS_WITHIN_MS = 300;

/** The connection broke before anything was written: another one may be tried. */
export class NothingWritten extends Error {}

/** @throws AppError 422 when the commands are too long for one write */
export function checkLength(commands: readonly Command[]): void {
  if (Buffer.byteLength(commands.join('\0')) > MAX_BYTES)
    throw new AppError('unprocessable', 'The command is too long for Asterisk');
}

/**
 * Through the control socket: no shell and no process on the box. Nothing is written before the greeting, because a
 * command written to an Asterisk that hangs is carried out when it goes on, long after we gave up.
 * @returns undefined when the socket does not open, whatever the reason: the other way can tell
 * @throws AsteriskError timeout, outcome_unknown, not_running; NothingWritten
 */
export async function throughSocket(
  connection: Connection,
  commands: readonly Command[],
  deadline: number,
): Promise<string | undefined> {
  const channel = await openSocket(connection, deadline);
  if (!channel) return undefined;
  const until = Math.min(deadline, Date.now() + COMMAND_MS);
  return new Promise((resolve, reject) => {
    let received = Buffer.alloc(0);
    let written = false;
    const leave = () => {
      clearTimeout(timer);
      channel.end();
      channel.close();
    };
    const fail = (error: Error) => {
      leave();
      reject(error);
    };
    const lose = () =>
      fail(
        written
          ? new AsteriskError('outcome_unknown')
          : new NothingWritten('cut before the greeting'),
      );
    const timer = setTimeout(() => {
      if (written) fail(new AsteriskError('outcome_unknown'));
      else fail(new AsteriskError('timeout', 'Asterisk does not answer'));
    }, until - Date.now());
    channel.on('data', (part: Buffer) => {
      received = Buffer.concat([received, part]);
      const end = received.indexOf(10);
      if (written || end < 0) return;
      const greeting = received.toString('utf8', 0, end);
      received = received.subarray(end + 1);
      if (!isGreeting(greeting))
        return fail(new AsteriskError('command_refused', `Asterisk takes no console: ${greeting}`));
      written = true;
      channel.write(`cli quit after ${commands.join('\0')}\0`);
    });
    // The end of the answer, unless it is the end of the connection, which looks the same.
    channel.once('end', () => {
      if (!connection.alive() || !written) return lose();
      leave();
      connection.usedAt = Date.now();
      resolve(received.toString('utf8'));
    });
    channel.on('error', lose);
    channel.once('close', lose);
  });
}

/** `host/pid/version`; anything else is a refusal in words. */
const isGreeting = (line: string): boolean => /^[^/]*\/\d+\/./.test(line);

/** Tries again for a moment: the socket's queue holds two, and other instances stand in it too. */
async function openSocket(
  connection: Connection,
  deadline: number,
): Promise<ClientChannel | undefined> {
  const rested = isRested(connection);
  for (let opening = 1; ; opening += 1) {
    const limit = rested && opening === 1 ? WAKE_MS : deadline - Date.now();
    try {
      return await within(limit, connection.openSocket(CONTROL_SOCKET));
    } catch (error) {
      if (!(error instanceof NotOpened && error.refused && connection.alive()))
        throw new NothingWritten('no channel', { cause: error });
      if (opening === OPENINGS) return undefined;
      await sleep((Math.random() * 2 * OPENINGS_WITHIN_MS) / OPENINGS);
    }
  }
}

/** What opens too late is closed when it comes. */
async function within(ms: number, opening: Promise<ClientChannel>): Promise<ClientChannel> {
  const late = Symbol('late');
  const first = await Promise.race([opening, sleep(Math.max(0, ms), late, { ref: true })]);
  if (typeof first !== 'symbol') return first;
  void opening.then(
    (channel) => channel.close(),
    () => {},
  );
  throw new Error('the channel opens too late');
}

/**
 * By a process on the box, for when the socket does not open. Killed there when it hangs, so that nothing is carried
 * out after we gave up.
 * @throws AsteriskError not_running, timeout, command_refused, outcome_unknown; NothingWritten
 */
export async function byProcess(
  connection: Connection,
  commands: readonly Command[],
  deadline: number,
): Promise<string> {
  const seconds = Math.floor(Math.min(COMMAND_MS, deadline - Date.now() - 200) / 1000);
  if (seconds < 1) throw new AsteriskError('timeout');
  const line = commands
    .map((command) => `timeout -s KILL ${seconds} asterisk -rx ${quote(command)}`)
    .join(' && ');
  const channel = await connection.openExec(line).catch((cause: unknown) => {
    if (cause instanceof NotOpened && cause.refused)
      throw new AsteriskError('unreachable', 'SSH command failed: The box takes no more sessions');
    throw new NothingWritten('no session', { cause });
  });
  const { code, out, problem } = await finished(channel, deadline);
  connection.usedAt = Date.now();
  if (code === 0) return out;
  if (/Unable to connect to remote asterisk/.test(problem)) throw new AsteriskError('not_running');
  if (code === 137 || code === 124) throw new AsteriskError('timeout', 'Asterisk does not answer');
  if (code === undefined) throw new AsteriskError('outcome_unknown');
  throw new AsteriskError('command_refused', `Asterisk cannot be asked: exit code ${code}`);
}

/** The one thing that Asterisk itself does not tell: what time it is on the box, in ms; undefined without a shell. */
export async function askClock(
  connection: Connection,
  deadline: number,
): Promise<number | undefined> {
  const channel = await connection.openExec('date +%s.%N').catch(() => undefined);
  if (!channel) return undefined;
  const asked = Date.now();
  const { out } = await finished(channel, deadline);
  const flight = (Date.now() - asked) / 2;
  const seconds = /^\d{9,11}\.\d{1,9}$/.exec(out.trim())?.[0];
  return seconds === undefined ? undefined : Number(seconds) * 1000 + flight;
}

type Finished = { code: number | undefined; out: string; problem: string };

async function finished(channel: ClientChannel, deadline: number): Promise<Finished> {
  return new Promise((resolve, reject) => {
    let out = '';
    let problem = '';
    const timer = setTimeout(() => {
      channel.close();
      reject(new AsteriskError('outcome_unknown'));
    }, deadline - Date.now());
    channel.on('data', (part: Buffer) => {
      out += part.toString('utf8');
    });
    channel.stderr.on('data', (part: Buffer) => {
      problem += part.toString('utf8');
    });
    // Not by 'exit': a quick answer comes in one packet with the success, before anybody listens.
    channel.once('close', (status: number | null, signal?: string) => {
      clearTimeout(timer);
      const code = status ?? (/^(SIG)?KILL$/.test(signal ?? '') ? 137 : undefined);
      resolve({ code, out, problem });
    });
  });
}

/** For the shell of the box: nothing means anything inside single quotes. */
const quote = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`;
