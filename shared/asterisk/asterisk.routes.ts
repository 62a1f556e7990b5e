import { readPeer } from '../calls/channel-name.ts';
import { isExtension, isOutsideNumber } from '../calls/numbers.ts';
import type { Pool as Db } from '../db.ts';
import { AppError } from '../errors.ts';
import type { HttpReply, Route } from '../lambda/http.ts';
import { guardedRoute } from '../lambda/route.ts';
import { type Channel, readChannels, readHangup } from './answers.ts';
import { AsteriskError } from './asterisk-error.ts';
import * as contract from './asterisk.schema.ts';
import { type BoxAccess, loadBox } from './boxes.sql.ts';
import { hangUp, listChannels, readChannel, showUptime } from './commands.ts';
import { acceptHostKey, findHost } from './hosts.sql.ts';
import { inspectBox } from './inspect.ts';
import { deadlineIn, type Pool } from './pool.ts';

type Dependencies = { db: Db; boxes: Pick<Pool, 'run' | 'readClock'>; access: BoxAccess };

const LIMIT_MS = 20_000;

/** The box of an enterprise, as it is now. */
export function asteriskRoutes({ db, boxes, access }: Dependencies): Route[] {
  const limit = () => ({ deadline: deadlineIn(LIMIT_MS) });

  return [
    guardedRoute(contract.getBoxStatus, async ({ params: { number } }) => {
      const box = await loadBox(db, number, access).catch(unconfigured);
      const seen = box && (await inspectBox(db, boxes, box));
      const [host, known] = await Promise.all([
        findHost(db, number),
        box && loadBox(db, number, access),
      ]);
      return {
        status: 200,
        body: {
          reachable: seen?.problem === null,
          problem: seen ? seen.problem : NO_BOX,
          version: seen?.version ?? null,
          uptime_seconds: seen?.uptimeSeconds ?? null,
          active_channels: seen?.channels ?? null,
          active_calls: seen?.calls ?? null,
          ssh_fingerprint: known?.hostKey ?? null,
          offered_fingerprint: seen?.offeredHostKey ?? null,
          latency_ms: seen?.latencyMs ?? null,
          clock_difference_ms: seen?.clockOffsetMs ?? null,
          last_seen_at: host?.lastSeenAt?.toISOString() ?? null,
        },
      };
    }),

    guardedRoute(contract.listBoxChannels, ({ params: { number }, requestId }) =>
      sayingWhy(requestId, async () => {
        const box = await loadBox(db, number, access);
        const text = await boxes.run(box, [listChannels()], limit());
        return { items: readChannels(text).map(toItem), next_cursor: null };
      }),
    ),

    guardedRoute(contract.hangUpChannel, ({ params: { number }, body, requestId }) => {
      const channel = readChannel(body.channel);
      return sayingWhy(requestId, async () => {
        const box = await loadBox(db, number, access);
        const outcome = readHangup(await boxes.run(box, [hangUp(channel)], limit()));
        if (outcome === 'not_found') throw new AppError('not_found', 'There is no such channel');
        if (outcome === 'refused') throw new AsteriskError('command_refused');
        return { success: true };
      });
    }),

    guardedRoute(contract.acceptHostKey, ({ params: { number }, body, requestId }) =>
      sayingWhy(requestId, async () => {
        const box = await loadBox(db, number, access);
        const shown = await boxes.run(box, [showUptime()], limit()).then(
          () => undefined,
          (error: unknown) => {
            if (error instanceof AsteriskError && error.offeredKey !== undefined)
              return error.offeredKey;
            throw error;
          },
        );
        const fingerprint = shown ?? (await loadBox(db, number, access)).hostKey ?? '';
        if (body.fingerprint !== undefined && body.fingerprint !== fingerprint)
          throw new AppError('conflict', `The box shows another key: ${fingerprint}`);
        if (shown !== undefined) await acceptHostKey(db, number, shown);
        return { success: true, ssh_fingerprint: fingerprint };
      }),
    ),
  ];
}

const NO_BOX = 'No Asterisk box is configured';
const unconfigured = (error: unknown): undefined => {
  if (!(error instanceof AsteriskError)) throw error;
};

function toItem({ name, context, exten, state, callerId, seconds, uniqueId }: Channel) {
  const peer = readPeer(name) ?? '';
  const local = /^Local\/([^@]+)@/.exec(name)?.[1] ?? '';
  const numbers = [peer, local, callerId, exten].map((text) => text.replace(/^\+/, ''));
  return {
    channel: name,
    extension: numbers.find(isExtension) ?? null,
    phone: numbers.find(isOutsideNumber) ?? null,
    state,
    seconds,
    context,
    unique_id: uniqueId,
  };
}

/** What a box does is no failure of ours, and the sentence is for whoever asked: the wrapper would hide it. */
async function sayingWhy(requestId: string, ask: () => Promise<object>): Promise<HttpReply> {
  try {
    return { status: 200, body: await ask() };
  } catch (error) {
    if (!(error instanceof AsteriskError)) throw error;
    return { status: 502, body: { detail: error.message, request_id: requestId } };
  }
}
