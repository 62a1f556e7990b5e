import { loadChatSnapshot } from '../chat/snapshot.sql.ts';
import {
  type ConfigCopies,
  createConfigCopies,
  enabledSettings,
  secretValuesOf,
} from '../crm/config-copies.ts';
import { INTEGRATION_TYPES } from '../crm/crm.schema.ts';
import type { DeliveryResult } from '../crm/crm.ts';
import { createExchangeRecord } from '../crm/exchange-record.ts';
import { type ConnectedCrm, connectCrm } from '../crm/registry.ts';
import { createTools, type ToolsDependencies } from '../crm/tools.ts';
import type { Transaction } from '../db.ts';
import { ComeBackLater } from '../errors.ts';
import { pauseAlert, tellOnce } from '../integrations/alerts.ts';
import { log } from '../lambda/log.ts';
import { count, observeSeconds } from '../lambda/metrics.ts';
import type { ChangedDelivery } from '../live/messages.ts';
import { createTellDelivery } from '../live/tell-delivery.ts';
import type { OutboundAnswer, OutboundRequest } from '../outbound.ts';
import type { Queue } from '../queue.ts';
import { takeToken } from '../rate-buckets.sql.ts';
import { linkRecording } from '../recordings/delivered-links.ts';
import type { Signer } from '../recordings/sign.ts';
import { judgeFailure, type Verdict, withoutLateCard } from './after-attempt.ts';
import { decide } from './decide.ts';
import {
  beginAttempt,
  endAttempt,
  finishUnsent,
  leaveQueue,
  loadDelivery,
  type LoadedDelivery,
  lockIntegrationOf,
  takeNextStep,
  toSnapshot,
} from './dispatch.sql.ts';
import {
  noteAnswer,
  noteTimeout,
  pauseIntegration,
  PROBE_SECONDS,
  releaseHeads,
} from './integration-state.sql.ts';
import { CrmMessage, type QueuedDelivery, toCrmMessage } from './messages.ts';
import { markUnqueued } from './owing.sql.ts';

type Dependencies = Omit<ToolsDependencies, 'send'> & {
  crm: Pick<Queue, 'sendAll'>;
  configs: ConfigCopies;
  /** Tells the operator. */
  alert: (key: string, text: string) => Promise<void>;
  send: (request: OutboundRequest, options: { totalMs: number }) => Promise<OutboundAnswer>;
  /** Shows whoever listens what became of a delivery; without it nobody does. */
  live?: Pick<Queue, 'sendAll'>;
  /** Signs links to recordings. */
  signer: Pick<Signer, 'get'>;
};

type Claim = { delivery: LoadedDelivery; maybeApplied: boolean; logId: string; run: Run };
type Run = ReturnType<typeof prepare>;

/** The queue gives a message up after 50. */
const MAX_RECEIVES = 30;
/** For all requests of one attempt together; below the function's own time limit. */
const ATTEMPT_MS = 12_000;
const REQUEST_MS = 10_000;
/** Longer than any attempt can take, so that a live one is never doubled. */
const LEASE_SECONDS = 25;

/**
 * Pays one delivery: claims it, asks the CRM's adapter to send it, writes what came of it. No transaction is open
 * while the CRM is asked. Throws ComeBackLater when the message is to come back.
 */
export function createDispatcher(options: Omit<Dependencies, 'configs'>) {
  const { db, live } = options;
  const tell = live ? createTellDelivery({ db, live }) : async () => {};
  const dependencies = { ...options, configs: createConfigCopies(options.secrets) };

  return async function dispatch(
    { deliveryId }: { deliveryId: string },
    { receives }: { receives: number } = { receives: 1 },
  ): Promise<void> {
    const claimed = await db.begin((tx) => claim(tx, deliveryId, receives, dependencies));
    if ('later' in claimed) throw claimed.later;
    await enqueue(dependencies, claimed.next);
    if (claimed.unsent) await tell(claimed.unsent);
    if (!claimed.claim) return;

    const started = performance.now();
    const { delivery, logId, run } = claimed.claim;
    const verdict = await attempt(claimed.claim);
    const tookMs = Math.round(performance.now() - started);
    log.info('delivery attempted', {
      deliveryId,
      state: verdict.state,
      attempt: delivery.attempts + 1,
      tookMs,
    });
    count('trunkline_deliveries_total', { crm: delivery.integrationType, state: verdict.state });
    if (verdict.state === 'delivered') {
      observeSeconds('trunkline_delivery_seconds', (Date.now() - delivery.dueAt.getTime()) / 1000);
    }

    const { next, newlyPaused } = await db.begin(async (tx) => {
      await lockIntegrationOf(tx, deliveryId);
      const record = { request: run.record.request(), response: run.record.response(), tookMs };
      await endAttempt(tx, delivery, logId, verdict, record);
      return settle(tx, delivery, verdict, run.record.answered());
    });
    await enqueue(dependencies, next);
    await tell({ ...delivery, attempts: delivery.attempts + 1, state: verdict.state });
    if (newlyPaused) {
      await tellOnce(
        dependencies,
        pauseAlert({ ...delivery, pauseReason: verdict.problem }),
        logId,
      );
    }
    if (verdict.staysQueued && verdict.retryInSeconds !== null) {
      throw new ComeBackLater(verdict.retryInSeconds, verdict.problem ?? 'will be tried again');
    }
  };
}

type Claimed =
  | { claim?: Claim; unsent?: ChangedDelivery; next: QueuedDelivery[] }
  | { later: ComeBackLater };

/** Takes the decision on a delivery under the integration's lock. */
async function claim(
  tx: Transaction,
  deliveryId: string,
  receives: number,
  dependencies: Dependencies,
): Promise<Claimed> {
  const { configs } = dependencies;
  await lockIntegrationOf(tx, deliveryId);
  const delivery = await loadDelivery(tx, deliveryId, configs.known());
  if (!delivery) return { next: [] };
  const config = configs.current(
    delivery.enterpriseNumber,
    delivery.configVersion,
    delivery.config,
  );
  const type = INTEGRATION_TYPES.find((known) => known === delivery.integrationType);
  const settings = type && enabledSettings(config, type);
  const crm = settings && connectCrm(type, settings);
  const decision = decide(
    {
      ...delivery,
      callEnded: delivery.callId === null || delivery.endedAt !== null,
      working: delivery.active && crm !== undefined,
    },
    delivery.now,
  );

  switch (decision.do) {
    case 'ignore':
      return { next: [] };
    case 'later':
      return comeBack(tx, delivery, receives, decision);
    case 'leave':
      await leaveQueue(tx, deliveryId, decision.nextAttemptAt);
      return { next: [] };
    case 'finish':
      await finishUnsent(tx, delivery, decision);
      count('trunkline_deliveries_total', { crm: delivery.integrationType, state: decision.state });
      return {
        unsent: { ...delivery, state: decision.state },
        next: await nextOf(tx, delivery),
      };
    case 'send': {
      if (!settings || !crm) return { next: [] };
      const seconds = await takeToken(tx, crm.bucket);
      if (seconds > 0) {
        const why = 'the limit of the CRM account is reached';
        return comeBack(tx, delivery, receives, { seconds, why });
      }
      const { maybeApplied } = decision;
      const lease = { maybeApplied, leaseSeconds: LEASE_SECONDS, probeSeconds: PROBE_SECONDS };
      const logId = await beginAttempt(tx, delivery, lease);
      const run = prepare(crm, settings, delivery, dependencies);
      return { claim: { delivery, maybeApplied, logId, run }, next: [] };
    }
  }
}

/** Back to the queue; who has been there too often waits for the sweeper, lest it end among the dead letters. */
async function comeBack(
  tx: Transaction,
  delivery: LoadedDelivery,
  receives: number,
  { seconds, why }: { seconds: number; why: string },
): Promise<Claimed> {
  if (receives < MAX_RECEIVES) return { later: new ComeBackLater(seconds, why) };
  await leaveQueue(tx, delivery.id, undefined);
  return { next: [] };
}

/** The CRM with its tools, ready to be told of one step. */
function prepare(
  crm: ConnectedCrm,
  settings: Record<string, unknown>,
  delivery: LoadedDelivery,
  dependencies: Dependencies,
) {
  const record = createExchangeRecord(secretValuesOf(settings, crm.type));
  const deadline = Date.now() + ATTEMPT_MS;
  const send = async (request: OutboundRequest): Promise<OutboundAnswer> => {
    let answer: OutboundAnswer | undefined;
    try {
      answer = await dependencies.send(request, {
        totalMs: Math.min(REQUEST_MS, deadline - Date.now()),
      });
      return answer;
    } finally {
      record.note(request, answer);
    }
  };
  const { enterpriseNumber, callId, chatId, users, dueAt } = delivery;
  const id = delivery.repeats > 0 ? `${delivery.id}_${delivery.repeats}` : delivery.id;
  const subject = { enterpriseNumber, callId, chatId, users, type: crm.type };
  const tools = createTools({ ...dependencies, send }, subject);
  return {
    record,
    deliver: async (maybeApplied: boolean) => {
      if (delivery.callId === null) {
        const chat = await loadChatSnapshot(dependencies, delivery);
        if (!chat) return GONE;
        return crm.deliverChat({ id, step: delivery.step, maybeApplied, dueAt }, chat, tools);
      }
      const { step, extensions } = delivery;
      const links = await linkRecording(delivery, settings, dependencies);
      const call = toSnapshot(delivery, links);
      return crm.deliver({ id, step, extensions, maybeApplied, dueAt }, call, tools);
    },
  };
}

const GONE: DeliveryResult = { outcome: 'skipped', reason: 'Сообщения больше нет' };

async function attempt({ delivery, maybeApplied, run }: Claim): Promise<Verdict> {
  try {
    return toVerdict(await run.deliver(maybeApplied));
  } catch (error) {
    const verdict = withoutLateCard(judgeFailure(error, delivery.attempts + 1), delivery);
    const { problem, state } = verdict;
    const cause = error instanceof Error ? error : undefined;
    log.warn('delivery attempt failed', { deliveryId: delivery.id, state, problem, error: cause });
    return verdict;
  }
}

function toVerdict(result: DeliveryResult): Verdict {
  return {
    state: result.outcome,
    problem: result.outcome === 'skipped' ? result.reason : (result.note ?? null),
    retryInSeconds: null,
    staysQueued: false,
    maybeApplied: false,
    timedOut: false,
    pause: false,
    httpStatus: result.outcome === 'delivered' ? 200 : null,
  };
}

/** What an attempt means for the integration, and which step comes next. */
async function settle(
  tx: Transaction,
  delivery: LoadedDelivery,
  verdict: Verdict,
  answered: boolean,
) {
  if (verdict.timedOut) {
    await noteTimeout(tx, delivery);
    return { next: await nextOf(tx, delivery), newlyPaused: false };
  }
  const released = answered ? await noteAnswer(tx, delivery) : [];
  if (verdict.pause) {
    const newlyPaused = await pauseIntegration(tx, delivery, verdict.problem ?? 'Нет доступа');
    return { next: [], newlyPaused };
  }
  return { next: [...released, ...(await nextOf(tx, delivery))], newlyPaused: false };
}

/** The next step of this call or chat, and one of those that left the queue because too many were under way. */
async function nextOf(tx: Transaction, delivery: LoadedDelivery): Promise<QueuedDelivery[]> {
  const next = await takeNextStep(tx, delivery);
  const waiting = await releaseHeads(tx, delivery, { withinSeconds: 0, limit: 1 });
  return next ? [next, ...waiting] : waiting;
}

/** What the queue does not take now is brought by the sweeper. */
async function enqueue({ db, crm }: Dependencies, deliveries: QueuedDelivery[]): Promise<void> {
  const refused = await crm.sendAll(deliveries.map(toCrmMessage));
  if (refused.length === 0) return;
  log.warn('deliveries wait for the sweeper', { count: refused.length });
  await markUnqueued(
    db,
    refused.map(({ body }) => CrmMessage.parse(body).deliveryId),
  );
}
