/**
 * The way to the boxes: one SSH connection per box and function instance, kept while the instance lives.
 *
 *     const pool = createPool({ pin });
 *     const text = await pool.run(box, [showDialplan(extension, context), originate(…)], { deadline: deadlineIn(20_000) });
 *
 * `run` sends its commands in one write and returns what Asterisk printed for all of them, one after the other with
 * nothing between (`answers.ts` reads it). Both ways throw `AsteriskError`, see its `problem`.
 */
import type { SFTPWrapper } from 'ssh2';

import { AsteriskError } from './asterisk-error.ts';
import type { Box } from './box.ts';
import { type Command, countChannels } from './commands.ts';
import { type Connection, NotOpened, openConnection } from './connection.ts';
import {
  askClock,
  byProcess,
  checkLength,
  isRested,
  NothingWritten,
  throughSocket,
} from './exchange.ts';
import { createLine, type Line } from './line.ts';

/** The socket of Asterisk queues two. */
const SOCKETS = 2;
/** OpenSSH allows ten sessions and frees them late. */
const SESSIONS = 4;
/** A box that shuts out who fails often must not be asked again and again. */
const REFUSED_FOR_MS = 60_000;
const PROCESSES_FOR_MS = 10 * 60_000;
const PROCESSES_AFTER = 3;

/** Ms since the epoch: one limit for all that a request does. */
export type Limit = { deadline: number };
export const deadlineIn = (ms: number): number => Date.now() + ms;

export type Pool = {
  /**
   * Runs commands in one write, at most 496 bytes. Tried again only as long as nothing was written.
   * @throws AppError 422 too long; AsteriskError
   */
  run(box: Box, commands: readonly Command[], limit: Limit): Promise<string>;
  /**
   * Sees to it that there is a connection which answers, for a command that is to come. One that was used lately is
   * left in peace. @throws AsteriskError
   */
  warm(box: Box, limit: Limit): Promise<void>;
  /**
   * Lends an SFTP session on the same connection; it ends with the work, or with the deadline.
   * Errors of the work come through as they are. @throws AsteriskError
   */
  sftp<T>(box: Box, work: (sftp: SFTPWrapper) => Promise<T>, limit: Limit): Promise<T>;
  /** The box's clock in ms since the epoch, with the time of the flight taken out; undefined when it has no shell. */
  readClock(box: Box, limit: Limit): Promise<number | undefined>;
  /** Ends all connections: for programs that end, and tests. */
  close(): void;
};

type Dependencies = {
  /**
   * First contact: keeps the fingerprint unless another is kept already, and returns the one that counts.
   */
  pin: (enterpriseNumber: string, fingerprint: string) => Promise<string>;
};

/** What an instance knows of a box. */
type State = {
  sockets: Line;
  sessions: Line;
  connection?: { login: string; opened: Promise<Connection> } | undefined;
  refused?: { login: string; until: number };
  /** How often in a row the socket did not open and a process did it. */
  processesInRow: number;
  processesUntil: number;
};

export function createPool({ pin }: Dependencies): Pool {
  const states = new Map<string, State>();

  const stateOf = ({ enterpriseNumber }: Box): State => {
    const known = states.get(enterpriseNumber);
    if (known) return known;
    const state: State = {
      sockets: createLine(SOCKETS),
      sessions: createLine(SESSIONS),
      processesInRow: 0,
      processesUntil: 0,
    };
    states.set(enterpriseNumber, state);
    return state;
  };

  /** The open connection, or a new one. Whoever comes meanwhile waits for the same. */
  async function connectionTo(box: Box, { deadline }: Limit): Promise<Connection> {
    const state = stateOf(box);
    const login = JSON.stringify([box.host, box.port, box.user, box.credentials]);
    if (state.refused?.login === login && state.refused.until > Date.now())
      throw new AsteriskError('authentication_refused');
    const kept = state.connection;
    if (kept?.login === login) {
      const connection = await before(deadline, kept.opened);
      const isPinned = box.hostKey === null || box.hostKey === connection.fingerprint;
      if (isPinned && connection.alive()) return connection;
    }
    if (kept && state.connection === kept) {
      state.connection = undefined;
      void kept.opened.then((open) => open.close(), ignore);
    }
    if (state.connection) return connectionTo(box, { deadline });
    const opened = open(box, deadline);
    state.connection = { login, opened };
    try {
      return await opened;
    } catch (error) {
      if (state.connection?.opened === opened) state.connection = undefined;
      if (error instanceof AsteriskError && error.problem === 'authentication_refused')
        state.refused = { login, until: Date.now() + REFUSED_FOR_MS };
      throw error;
    }
  }

  async function open(box: Box, deadline: number): Promise<Connection> {
    const connection = await openConnection(box, deadline);
    if (box.hostKey !== null) return connection;
    const pinned = await pin(box.enterpriseNumber, connection.fingerprint).catch(
      (error: unknown) => {
        connection.close();
        throw error;
      },
    );
    if (pinned === connection.fingerprint) return connection;
    connection.close();
    throw new AsteriskError('host_key_changed', undefined, undefined, connection.fingerprint);
  }

  /** Does the work on a connection, and once more on another when the first broke before anything was written. */
  async function onConnection<T>(
    box: Box,
    limit: Limit,
    work: (connection: Connection) => Promise<T>,
  ): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      const connection = await connectionTo(box, limit);
      try {
        return await work(connection);
      } catch (error) {
        if (!(error instanceof NothingWritten)) throw error;
        connection.close();
        if (attempt === 2 || Date.now() >= limit.deadline) {
          const message = 'SSH command failed: Connection lost';
          if (Date.now() >= limit.deadline) throw new AsteriskError('timeout', undefined, error);
          throw new AsteriskError('unreachable', message, error);
        }
      }
    }
  }

  const run: Pool['run'] = async (box, commands, limit) => {
    checkLength(commands);
    const state = stateOf(box);
    const { deadline } = limit;
    return onConnection(box, limit, async (connection) => {
      if (state.processesUntil < Date.now()) {
        const text = await state.sockets(deadline, () =>
          throughSocket(connection, commands, deadline),
        );
        if (text !== undefined) {
          state.processesInRow = 0;
          return text;
        }
      }
      const text = await state.sessions(deadline, () => byProcess(connection, commands, deadline));
      state.processesInRow += 1;
      if (state.processesInRow >= PROCESSES_AFTER) {
        state.processesUntil = Date.now() + PROCESSES_FOR_MS;
        state.processesInRow = 0;
      }
      return text;
    });
  };

  return {
    run,

    async warm(box, limit) {
      const connection = await connectionTo(box, limit);
      if (isRested(connection)) await run(box, [countChannels()], limit);
    },

    async sftp(box, work, limit) {
      const { deadline } = limit;
      return onConnection(box, limit, (connection) =>
        stateOf(box).sessions(deadline, async () => {
          const sftp = await connection.openSftp().catch((cause: unknown) => {
            if (cause instanceof NotOpened && cause.refused && connection.alive())
              throw new AsteriskError('command_refused', 'The box offers no SFTP', cause);
            throw new NothingWritten('no SFTP', { cause });
          });
          let timer: NodeJS.Timeout | undefined;
          try {
            return await Promise.race([
              work(sftp),
              new Promise<never>((_resolve, reject) => {
                timer = setTimeout(
                  () => reject(new AsteriskError('timeout')),
                  deadline - Date.now(),
                );
                sftp.once('close', () =>
                  reject(new AsteriskError('unreachable', 'SSH command failed: Connection lost')),
                );
              }),
            ]);
          } finally {
            clearTimeout(timer);
            sftp.end();
            connection.usedAt = Date.now();
          }
        }),
      );
    },

    async readClock(box, limit) {
      return onConnection(box, limit, (connection) =>
        stateOf(box).sessions(limit.deadline, () => askClock(connection, limit.deadline)),
      );
    },

    close() {
      for (const { connection } of states.values())
        void connection?.opened.then((open) => open.close(), ignore);
      states.clear();
    },
  };
}

const ignore = (): void => {};

/** Somebody else's connecting may take longer than we have. */
async function before<T>(deadline: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new AsteriskError('timeout')), deadline - Date.now());
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}
