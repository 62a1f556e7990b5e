import { setTimeout as sleep } from 'node:timers/promises';

import { v7 as newUuid } from 'uuid';

import {
  type Channel,
  isUnknown,
  isUsage,
  readChannels,
  readDialplan,
  readEndpoint,
} from '../asterisk/answers.ts';
import { AsteriskError } from '../asterisk/asterisk-error.ts';
import type { Box } from '../asterisk/box.ts';
import { type BoxAccess, loadBox } from '../asterisk/boxes.sql.ts';
import * as commands from '../asterisk/commands.ts';
import type { Context } from '../asterisk/context.schema.ts';
import { deadlineIn, type Pool as Boxes } from '../asterisk/pool.ts';
import type { IntegrationType } from '../crm/crm.schema.ts';
import type { Pool } from '../db.ts';
import { AppError } from '../errors.ts';
import { log } from '../lambda/log.ts';
import { count, observeSeconds } from '../lambda/metrics.ts';
import { maskPhone } from '../phone.ts';
import * as sql from './originates.sql.ts';

/** Who asked: a program, an admin, a manager in Telegram, or somebody in a CRM. */
export type Source = 'external' | 'admin' | 'telegram' | IntegrationType;
export type WantedCall = {
  enterpriseNumber: string;
  extension: string;
  phone: string;
  source: Source;
};

export type Placed = {
  placed: true;
  originateId: string;
  extension: string;
  phone: string;
  host: string;
  responseTimeMs: number;
  /** The phone is not registered, and still may ring elsewhere. */
  warning: string | null;
};
export type NotPlaced = {
  placed: false;
  originateId: string;
  /** `no_extension`, or a problem of the box or of the way to it. */
  problem: string;
  reason: string;
};

type Dependencies = { db: Pool; boxes: Pick<Boxes, 'run'>; access: BoxAccess };

const LIMIT_MS = 20_000;
const DEFAULT_CONTEXT = 'inoffice';
/** The channel is there when the command has returned, or a moment later. */
const LOOK_FOR_MS = 300;
const LOOKS_AFTER_LOSS = 3;
const LOOK_EVERY_MS = 25;
const WAIT_FOR_FIRST_EVERY_MS = 100;

/**
 * Click-to-call: rings the extension, then dials the phone. A repeat within 5 seconds gets the first one's result.
 * @throws AppError 422 for a bad extension or phone, 429 when ten were asked for within ten seconds
 */
export function createOriginate({ db, boxes, access }: Dependencies) {
  return async function originate(wanted: WantedCall): Promise<Placed | NotPlaced> {
    const began = performance.now();
    const deadline = deadlineIn(LIMIT_MS);
    const { enterpriseNumber, source } = wanted;
    const extension = commands.readExtension(wanted.extension, 'code');
    const phone = commands.readPhone(wanted.phone, 'phone');
    const id = newUuid();
    const claim = await sql.claimOriginate(db, { id, enterpriseNumber, extension, phone, source });
    if (claim.kind === 'too_many')
      throw new AppError('too_many', 'Too many calls at once', {
        retryAfterSeconds: claim.retryAfterSeconds,
      });
    if (claim.kind === 'repeat') return resultOf(db, claim.id, deadline);

    const ids = { originateId: id, enterpriseNumber };
    const took = (): number => Math.round((performance.now() - began) * 10) / 10;
    log.info('originate.requested', { ...ids, extension, phone: maskPhone(phone), source });
    let box: Box | undefined;
    try {
      box = await loadBox(db, enterpriseNumber, access);
      const owner = await sql.findOwner(db, enterpriseNumber);
      const context = commands.readContext(owner?.context ?? DEFAULT_CONTEXT);
      const { warning, ...leg } = await call(boxes, box, { extension, phone, context, deadline });
      const responseTimeMs = took();
      log.info('originate.accepted', { ...ids, ms: responseTimeMs });
      count('trunkline_originates_total', { result: 'accepted' });
      observeSeconds('trunkline_originate_seconds', responseTimeMs / 1000);
      const accepted = { host: box.host, responseTimeMs, warning };
      await sql.markAccepted(db, id, { ...accepted, ...leg });
      return { placed: true, originateId: id, extension, phone, ...accepted };
    } catch (error) {
      if (!(error instanceof AsteriskError || error instanceof NoExtension)) {
        count('trunkline_originates_total', { result: 'internal' });
        const failed = { problem: 'internal', reason: 'Internal error', host: box?.host ?? null };
        await sql.markFailed(db, id, { ...failed, responseTimeMs: took() });
        throw error;
      }
      const { problem, message: reason } = error;
      const responseTimeMs = took();
      log.warn('originate.failed', { ...ids, problem, ms: responseTimeMs });
      count('trunkline_originates_total', { result: problem });
      await sql.markFailed(db, id, { problem, reason, host: box?.host ?? null, responseTimeMs });
      return { placed: false, originateId: id, problem, reason };
    }
  };
}

class NoExtension extends Error {
  readonly problem = 'no_extension';
}

/** The Local pair that was begun, by the half that stands for our side, and the ids of both. */
type Leg = { channel: string; uniqueIds: string[] };

type Asked = {
  extension: commands.Extension;
  phone: commands.Phone;
  context: Context;
  deadline: number;
};

/**
 * The check before, the call and the look after it in one write: the originate itself prints nothing, and what does not
 * exist does not ring.
 */
async function call(
  boxes: Pick<Boxes, 'run'>,
  box: Box,
  asked: Asked,
): Promise<Leg & { warning: string | null }> {
  const { extension, phone, context, deadline } = asked;
  const placing = commands.originate(extension, phone, context);
  const sent = Date.now();
  const text = await boxes
    .run(
      box,
      [
        commands.listChannels(),
        commands.showEndpoint(extension),
        commands.showDialplan(extension, context),
        placing,
        commands.listChannels(),
      ],
      { deadline },
    )
    .catch(async (error: unknown) => {
      // Never sent again: what came of it is looked for.
      if (!(error instanceof AsteriskError) || error.problem !== 'outcome_unknown') throw error;
      const age = (): number => Math.ceil((Date.now() - sent) / 1000);
      // What broke the connection may break the next one as well.
      for (let looks = 0; looks < LOOKS_AFTER_LOSS; looks += 1) {
        const isYoung = ({ seconds }: Channel): boolean => seconds <= age();
        const found = await look(boxes, box, asked, isYoung).catch(() => undefined);
        if (found) return found;
      }
      throw error;
    });
  if (typeof text !== 'string') return { ...text, warning: null };

  const dialplan = readDialplan(text);
  if (isUnknown(text, placing)) throw new AsteriskError('booting');
  if (dialplan === 'no_extension' || dialplan === 'no_context')
    throw new NoExtension(`Extension ${extension} does not exist on this PBX`);
  if (dialplan === undefined || isUsage(text)) throw new AsteriskError('command_refused');

  const begun = text.search(/^\[ Context '/m);
  const before = new Set(readChannels(text.slice(0, begun)).map(({ uniqueId }) => uniqueId));
  const isNew = ({ uniqueId }: Channel): boolean => !before.has(uniqueId);
  const leg =
    pick(readChannels(text.slice(begun)), asked, isNew) ?? (await look(boxes, box, asked, isNew));
  if (!leg) throw new AsteriskError('command_refused', 'Asterisk did not start the call');
  const isAway = readEndpoint(text)?.state === 'unregistered';
  return { ...leg, warning: isAway ? `Extension ${extension} is not registered` : null };
}

/** Looks for the new channel for a moment. */
async function look(
  boxes: Pick<Boxes, 'run'>,
  box: Box,
  asked: Asked,
  isOurs: (channel: Channel) => boolean,
): Promise<Leg | undefined> {
  const until = Date.now() + LOOK_FOR_MS;
  for (;;) {
    await sleep(LOOK_EVERY_MS);
    const text = await boxes.run(box, [commands.listChannels()], { deadline: asked.deadline });
    const found = pick(readChannels(text), asked, isOurs);
    if (found || Date.now() > until) return found;
  }
}

/** The half of the Local pair that stands for our side, the youngest of those that fit. */
function pick(
  channels: Channel[],
  { extension, context }: Asked,
  isOurs: (channel: Channel) => boolean,
): Leg | undefined {
  const begins = `Local/${extension}@${context}-`;
  const ours = channels
    .filter((channel) => channel.name.startsWith(begins) && channel.name.endsWith(';1'))
    .filter(isOurs)
    .toSorted((one, other) => one.uniqueId.localeCompare(other.uniqueId, 'en', { numeric: true }))
    .at(-1);
  if (!ours) return undefined;
  const other = channels.find(({ name }) => name === ours.name.replace(/1$/, '2'));
  return {
    channel: ours.name,
    uniqueIds: [ours.uniqueId, ...(other ? [other.uniqueId] : [])],
  };
}

/** Of a click that is being worked on, perhaps by another instance. */
async function resultOf(db: Pool, id: string, deadline: number): Promise<Placed | NotPlaced> {
  for (;;) {
    const row = await sql.findOriginate(db, id);
    if (row && row.responseTimeMs !== null) {
      const { extension, phone, warning, responseTimeMs } = row;
      if (row.channel !== null) {
        const found = { extension, phone, warning, responseTimeMs, host: row.host ?? '' };
        return { placed: true, originateId: id, ...found };
      }
      const { problem, reason } = row;
      return { placed: false, originateId: id, problem: problem ?? '', reason: reason ?? '' };
    }
    if (Date.now() > deadline) {
      const { problem, message: reason } = new AsteriskError('timeout');
      return { placed: false, originateId: id, problem, reason };
    }
    await sleep(WAIT_FOR_FIRST_EVERY_MS);
  }
}
