import DataLoader from 'dataloader';
import { v7 as newUuid } from 'uuid';

import { workingIntegrations } from '../crm/config.ts';
import { allDone, isDatabaseAway, isDatabaseTrouble, type Pool, type Transaction } from '../db.ts';
import { CrmMessage, type QueuedDelivery, toCrmMessage } from '../deliveries/messages.ts';
import { markUnqueued, mergeSteps, saveSteps } from '../deliveries/owing.sql.ts';
import { stepsOwed } from '../deliveries/steps-owed.ts';
import { report } from '../lambda/report.ts';
import { type ChangedCall, toLiveMessage } from '../live/messages.ts';
import { findClick, moveOf } from '../originates/follow.ts';
import { listOriginatesNear, moveOriginate } from '../originates/originates.sql.ts';
import type { Queue } from '../queue.ts';
import { toEarlyFetch } from '../recordings/messages.ts';
import { type RedirectMessage, toRedirectMessage } from '../smart-redirect/messages.ts';
import { type ShownCall, toCallRefresh } from '../telegram/messages.ts';
import { type AssignedEvent, assignIds, type Assignment } from './assign-ids.ts';
import { groupIntoCalls, linkKeys, outsideNumber } from './correlate.ts';
import { foldCall } from './fold-call.ts';
import {
  type EnterpriseSettings,
  loadEventsOf,
  loadNeighbours,
  noteFailure,
  openCall,
  type OpenedEvent,
  openEvent,
} from './load-events.sql.ts';
import { markMerged, saveCall, saveMembers, unlinkAll } from './save-call.sql.ts';

type Dependencies = {
  db: Pool;
  crm: Pick<Queue, 'sendAll'>;
  telegram: Pick<Queue, 'sendAll'>;
  live: Pick<Queue, 'sendAll'>;
  /** Asks for the recordings of calls that have just ended. */
  recordings?: Pick<Queue, 'sendAll'>;
  /** Where nobody has a queue for them (the sweeper), calls go their usual way. */
  redirects?: Pick<Queue, 'sendAll'>;
};

/** What follows from a change and is sent once it is committed. */
type Consequences = {
  deliveries: QueuedDelivery[];
  refreshes: ShownCall[];
  changed: ChangedCall[];
  ended: { enterpriseNumber: string; uniqueId: string }[];
  redirects: RedirectMessage[];
};

const NOTHING: Consequences = {
  deliveries: [],
  refreshes: [],
  changed: [],
  ended: [],
  redirects: [],
};

/** An event that fails this often is marked, acknowledged and reported; its neighbours go on. */
const MAX_ATTEMPTS = 5;

/** Events in one transaction: a batch of the queue. */
const MOST_TOGETHER = 10;

/**
 * Works events into calls: a transaction writes the call as it is now, what it owes to CRMs and that Telegram has to
 * follow; only then the queues are told. An event worked in twice changes nothing.
 */
export function createTracker(dependencies: Dependencies) {
  const { db } = dependencies;

  /**
   * Those that are asked for in the same turn share a transaction: they share its flights to the database and its wait
   * for the disk. When one of them fails nothing of it is kept, and each goes by itself.
   */
  const together = new DataLoader<string, true>(workAll, {
    cache: false,
    maxBatchSize: MOST_TOGETHER,
  });

  async function workAll(eventIds: readonly string[]): Promise<(true | Error)[]> {
    const outcome = await outcomeOf(workTogether(eventIds));
    const isOver = outcome === true || eventIds.length === 1 || isDatabaseAway(outcome);
    if (isOver) return eventIds.map(() => outcome);
    return Promise.all(eventIds.map((eventId) => outcomeOf(workTogether([eventId]))));
  }

  async function workTogether(eventIds: readonly string[]): Promise<void> {
    const consequences = await db.begin((tx) => workIn(tx, eventIds));
    await tell(dependencies, consequences);
  }

  return {
    /** Works in one event; rejects when it is to be tried again. */
    async track({ eventId }: { eventId: string }): Promise<void> {
      try {
        await together.load(eventId);
      } catch (error) {
        // A database that restarts for a minute must not use up the attempts of a sound event.
        if (isDatabaseTrouble(error)) throw error;
        const reason = error instanceof Error ? error.message : String(error);
        const givenUp = await noteFailure(db, eventId, reason, MAX_ATTEMPTS);
        if (!givenUp) throw error;
        await report('event given up', error, { eventId });
      }
    },

    /** Looks at a call again without a new event: the reaper's way to end one that never ended. */
    async review(callId: string): Promise<void> {
      const consequences = await db.begin(async (tx) => {
        const enterprise = await openCall(tx, callId);
        if (!enterprise) return NOTHING;
        const events = await loadEventsOf(tx, callId);
        return writeCall(tx, { callId, events }, enterprise, { reap: true, lost: false });
      });
      await tell(dependencies, consequences);
    },
  };
}

async function outcomeOf(work: Promise<void>): Promise<true | Error> {
  try {
    await work;
    return true;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error), { cause: error });
  }
}

/** Side by side, except those of one company: the lock that keeps its events apart does not within a transaction. */
async function workIn(tx: Transaction, eventIds: readonly string[]): Promise<Consequences> {
  const opened = await allDone(eventIds.map((eventId) => openEvent(tx, eventId)));
  const lanes = Map.groupBy(
    opened.filter((one) => one !== undefined),
    ({ enterprise }) => enterprise.number,
  );
  const worked = await allDone(
    [...lanes.values()].map(async (lane) => {
      const consequences = [];
      for (const one of lane) consequences.push(await workInOne(tx, one));
      return consequences;
    }),
  );
  return joined(worked.flat());
}

function joined(all: Consequences[]): Consequences {
  return {
    deliveries: all.flatMap(({ deliveries }) => deliveries),
    refreshes: all.flatMap(({ refreshes }) => refreshes),
    changed: all.flatMap(({ changed }) => changed),
    ended: all.flatMap(({ ended }) => ended),
    redirects: all.flatMap(({ redirects }) => redirects),
  };
}

async function workInOne(
  tx: Transaction,
  { event, enterprise }: OpenedEvent,
): Promise<Consequences> {
  const neighbours = await loadNeighbours(tx, {
    enterpriseNumber: enterprise.number,
    keys: linkKeys(event),
    phone: outsideNumber(event),
    at: event.receivedAt,
  });
  const known = neighbours.some(({ id }) => id === event.id);
  const all = known ? neighbours : [...neighbours, event];
  const { assignments, merged } = assignIds(regroup(all), newUuid);
  // What was not a call yet (caller ids, an empty bridge) leaves nothing behind but the keys of its events.
  const calls = new Set(all.flatMap(({ isCall, callId }) => (isCall && callId ? callId : [])));
  const mergedCalls = merged.filter(({ from }) => calls.has(from));
  if (merged.length > 0)
    await unlinkAll(
      tx,
      merged.map(({ from }) => from),
    );
  const gone = mergedCalls.length > 0 ? await markMerged(tx, mergedCalls) : [];
  const chatId = enterprise.telegramChat;

  const touched = assignments.filter((candidate) => isTouched(candidate, event, all));
  const written = await allDone(
    touched.map((call) =>
      writeCall(tx, call, enterprise, { event, reap: false, lost: hasLost(call, all) }),
    ),
  );
  for (const pair of mergedCalls) await mergeSteps(tx, pair);
  const own: Consequences = {
    ...NOTHING,
    refreshes: chatId ? gone.map((call) => ({ ...call, chatId })) : [],
    changed: gone.map((call) => ({ ...call, enterpriseNumber: enterprise.number })),
    redirects: enterprise.redirectsOnStart && !known ? waitingCall(event, enterprise) : [],
  };
  return joined([own, ...written]);
}

/** A call that has just come in and waits on its box for us to move it. */
function waitingCall(event: AssignedEvent, { number }: EnterpriseSettings): RedirectMessage[] {
  const { kind, callType, uniqueId, phone, line, receivedAt } = event;
  if (kind !== 'start' || callType !== 0 || uniqueId === undefined) return [];
  const startedAt = receivedAt.toISOString();
  return [
    { enterpriseNumber: number, uniqueId, phone: phone ?? '', trunk: line ?? null, startedAt },
  ];
}

/** The groups of `groupIntoCalls`, with the call ids their events have so far. */
function regroup(events: AssignedEvent[]): AssignedEvent[][] {
  const byId = new Map(events.map((event) => [event.id, event]));
  return groupIntoCalls(events).map((group) => group.flatMap(({ id }) => byId.get(id) ?? []));
}

/** A call is written anew when the event is its own or when its members have changed. */
function isTouched(assignment: Assignment, event: AssignedEvent, all: AssignedEvent[]): boolean {
  const { callId, events } = assignment;
  return (
    hasLost(assignment, all) ||
    events.some((member) => member.id === event.id || member.callId !== callId)
  );
}

function hasLost({ callId, events }: Assignment, all: AssignedEvent[]): boolean {
  return all.some((other) => other.callId === callId && !events.includes(other));
}

async function writeCall(
  tx: Transaction,
  { callId, events }: Assignment,
  enterprise: EnterpriseSettings,
  { event, reap, lost }: { event?: AssignedEvent; reap: boolean; lost: boolean },
): Promise<Consequences> {
  const { number: enterpriseNumber, timezone, now } = enterprise;
  // An event that comes hours late must not find its call ended by the reaper in between.
  const beganAt = new Date(Math.min(...events.map(({ receivedAt }) => receivedAt.getTime())));
  const originates = enterprise.clicked
    ? await listOriginatesNear(tx, enterpriseNumber, beganAt)
    : [];
  const call = foldCall(events, { timezone, originates, ...(reap && { now }) });
  const callIds = new Set([callId, ...events.flatMap((member) => member.callId ?? [])]);
  const click = call && findClick(call, events, originates, callIds);
  const joining = events.filter((member) => member.callId !== callId || member.id === event?.id);
  const isNew = lost || !events.some(({ isCall }) => isCall);
  const members = {
    callId,
    enterpriseNumber,
    keys: [...new Set((lost ? events : joining).flatMap(linkKeys))],
    lost,
    eventIds: joining.map(({ id }) => id),
    uniqueIds: listUniqueIds(isNew ? events : joining),
    processed: event?.id ?? null,
    lastEventAt: new Date(Math.max(...events.map(({ receivedAt }) => receivedAt.getTime()))),
  };
  if (!call) {
    await saveMembers(tx, members);
    return NOTHING;
  }
  const source = events.every((member) => member.source === 'downloaded') ? 'downloaded' : 'live';
  const saved = await saveCall(tx, { ...members, call, enterprise, source });
  const { version, changed, steps } = saved;
  const late = saved.source === 'downloaded';
  const integrations = workingIntegrations(enterprise.integrationsConfig);
  const changes = stepsOwed(call, steps, integrations, { now, late });
  const deliveries = await saveSteps(tx, { enterpriseNumber, callId, now }, changes);
  if (click) {
    const move = moveOf(call, events, click.extension);
    await moveOriginate(tx, click.id, { ...move, callId });
  }
  // A call found afterwards goes to the journals; the chat is for what happens now.
  const chatId = changed && !late ? enterprise.telegramChat : null;
  return {
    deliveries,
    refreshes: chatId ? [{ callId, version, chatId }] : [],
    changed: changed ? [{ enterpriseNumber, callId, version }] : [],
    ended:
      changed && !late && enterprise.copiesRecordings && call.endedAt && call.answeredAt
        ? [{ enterpriseNumber, uniqueId: call.mainUniqueId }]
        : [],
    redirects: [],
  };
}

function listUniqueIds(events: AssignedEvent[]): string[] {
  return [...new Set(events.flatMap(({ uniqueId }) => uniqueId ?? []))];
}

/**
 * What a queue does not take is found by the sweeper: deliveries without a message, calls that Telegram lags behind.
 * A change that those who listen miss is not: the next one shows the call as it is then. Nor is a waiting call: it goes
 * its usual way.
 */
async function tell(
  { db, crm, telegram, live, recordings, redirects }: Dependencies,
  { deliveries, refreshes, changed, ended, redirects: waiting }: Consequences,
): Promise<void> {
  const [refused] = await Promise.all([
    crm.sendAll(deliveries.map(toCrmMessage)),
    telegram.sendAll(refreshes.map(toCallRefresh)),
    live.sendAll(changed.map(toLiveMessage)),
    // What is lost here is found by the schedule.
    recordings?.sendAll(ended.map(toEarlyFetch)),
    redirects?.sendAll(waiting.map(toRedirectMessage)),
  ]);
  const lost = refused.map(({ body }) => CrmMessage.parse(body).deliveryId);
  if (lost.length > 0) await markUnqueued(db, lost);
}
