import { createHash } from 'node:crypto';

import { v7 as newUuid } from 'uuid';

import type { Pool } from '../db.ts';
import { formatInZone } from '../zoned-time.ts';
import {
  addLegs,
  findCallWithoutIds,
  findKnown,
  hasCallAt,
  insertDownloadedEvent,
  type KnownChannel,
} from './cdr.sql.ts';
import { type CdrCall, type CdrLine, describeCdr, groupCdr, toHangup } from './cdr.ts';
import { readFileName } from './names.ts';
import { listUntied, type UntiedRecording } from './tie.sql.ts';

/** Events may still be on their way for so long after a call's end. */
export const EVENTS_COME_WITHIN_MS = 10 * 60_000;
/** Without ids: how far the clocks of event and list may lie apart. */
const SAME_START_SECONDS = 10;
const UNTIED_AT_ONCE = 500;

type Dependencies = {
  db: Pool;
  tracker: { track: (message: { eventId: string }) => Promise<void> };
};

/**
 * Makes the calls that never arrived as events: of lines of the box's call list, and of recordings of unknown channels.
 * Each becomes one event of source `downloaded` that the tracker works in under the enterprise's lock, so that events
 * which come meanwhile join the same call, and one made twice is the same.
 */
export function createLateCalls({ db, tracker }: Dependencies) {
  /** Returns how many calls were not known. */
  async function makeOfCdr(
    { number: enterpriseNumber, timezone }: { number: string; timezone: string },
    lines: CdrLine[],
  ): Promise<number> {
    const calls = groupCdr(lines).map(describeCdr);
    const ids = calls.flatMap(({ uniqueIds }) => uniqueIds);
    const known = Map.groupBy(
      ids.length > 0 ? await findKnown(db, enterpriseNumber, ids) : [],
      ({ uniqueId }) => uniqueId,
    );
    let made = 0;
    for (const call of calls) {
      const channels = call.uniqueIds.flatMap((id) => known.get(id) ?? []);
      if (await addFromCdr({ enterpriseNumber, timezone }, call, channels)) made += 1;
    }
    return made;
  }

  async function addFromCdr(
    { enterpriseNumber, timezone }: { enterpriseNumber: string; timezone: string },
    call: CdrCall,
    channels: KnownChannel[],
  ): Promise<boolean> {
    if (!call.hasIds) {
      const { phone, caller, startedAt } = call;
      const near = {
        enterpriseNumber,
        phone,
        caller,
        startedAt,
        withinSeconds: SAME_START_SECONDS,
      };
      if (await hasCallAt(db, near)) return false;
    }
    const [first] = channels;
    const owner = channels.find(({ callId }) => callId !== null);
    const isNew = first === undefined;
    // The end of a call whose hangup was lost, or the longer leg of one that this list made before.
    const mends = owner && (!owner.ended || owner.source === 'downloaded');
    if (!isNew && !mends) return false;
    const mainUniqueId = owner?.mainUniqueId ?? call.mainUniqueId;
    if (mends && !call.uniqueIds.includes(mainUniqueId)) return false;
    const payload = toHangup({ ...call, mainUniqueId }, timezone);
    const made = await work(enterpriseNumber, { mainUniqueId, payload, endedAt: call.endedAt });
    const others = call.uniqueIds.filter((id) => id !== mainUniqueId);
    if (others.length > 0) {
      await addLegs(db, { enterpriseNumber, mainUniqueId, uniqueIds: others });
    }
    return made && isNew;
  }

  /** Of recordings that nobody knows the call of. Returns how many calls were made. */
  async function makeOfRecordings(
    { number, timezone }: { number: string; timezone: string },
    now: Date,
  ): Promise<number> {
    const untied = await listUntied(db, {
      enterpriseNumber: number,
      endedBefore: new Date(+now - EVENTS_COME_WITHIN_MS),
      limit: UNTIED_AT_ONCE,
    });
    let made = 0;
    for (const recording of untied) {
      if (await joinCallWithoutIds(number, recording)) continue;
      const { uniqueId, startedAt, durationSeconds } = recording;
      const endedAt = new Date(+startedAt + (durationSeconds ?? 0) * 1000);
      const payload = describeFile(recording, { timezone, endedAt });
      if (await work(number, { mainUniqueId: uniqueId, payload, endedAt })) made += 1;
    }
    return made;
  }

  async function joinCallWithoutIds(
    enterpriseNumber: string,
    { uniqueId, startedAt }: UntiedRecording,
  ): Promise<boolean> {
    const near = { enterpriseNumber, startedAt, withinSeconds: SAME_START_SECONDS };
    const callId = await findCallWithoutIds(db, near);
    if (!callId) return false;
    await db`
      insert into call_legs (enterprise_number, unique_id, call_id)
      values (${enterpriseNumber}, ${uniqueId}, ${callId}::uuid)
      on conflict (enterprise_number, unique_id) do nothing`;
    return true;
  }

  async function work(
    enterpriseNumber: string,
    {
      mainUniqueId,
      payload,
      endedAt,
    }: { mainUniqueId: string; payload: ReturnType<typeof toHangup>; endedAt: Date },
  ): Promise<boolean> {
    const id = eventIdOf(enterpriseNumber, mainUniqueId, endedAt);
    const event = { id, enterpriseNumber, uniqueId: mainUniqueId, payload, receivedAt: endedAt };
    const isNew = await insertDownloadedEvent(db, event);
    // Done twice it changes nothing; left undone by a run that died, it is done now.
    await tracker.track({ eventId: id });
    return isNew;
  }

  return { makeOfCdr, makeOfRecordings };
}

/** The same for the same end of the same call: a list read twice makes nothing twice. */
function eventIdOf(enterpriseNumber: string, uniqueId: string, endedAt: Date): string {
  const words = JSON.stringify([enterpriseNumber, uniqueId, +endedAt]);
  const random = createHash('sha256').update(words).digest().subarray(0, 16);
  return newUuid({ msecs: +endedAt, random, seq: random.readUInt32BE(0) & 0x7fff_ffff });
}

function describeFile(
  { uniqueId, boxPath, startedAt }: UntiedRecording,
  { timezone, endedAt }: { timezone: string; endedAt: Date },
): ReturnType<typeof toHangup> {
  const { direction = 'in', phone, extension } = readFileName(boxPath ?? uniqueId);
  const internal = direction === 'internal';
  const start = formatInZone(startedAt, timezone);
  return {
    UniqueId: uniqueId,
    CallType: internal ? 2 : direction === 'in' ? 0 : 1,
    CallStatus: 2,
    Phone: (internal ? extension : phone) ?? '',
    Extensions: extension ? [extension] : [''],
    StartTime: start,
    EndTime: formatInZone(endedAt, timezone),
    DateReceived: start,
    AnswerTime: start,
  };
}
