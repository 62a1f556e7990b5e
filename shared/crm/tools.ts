import { setTimeout as sleep } from 'node:timers/promises';

import { type Pool, repeatOnDeadConnection, type Transaction } from '../db.ts';
import type { OutboundAnswer, OutboundRequest } from '../outbound.ts';
import type { SecretBox } from '../secrets.ts';
import { openSecrets, sealSecrets } from './config-copies.ts';
import type { IntegrationType } from './crm.schema.ts';
import type { CrmMemory, CrmTools } from './crm.ts';
import { VendorFailure } from './failure.ts';
import {
  endRenewal,
  loadSettings,
  lockSettings,
  readChatLink,
  readLink,
  saveRenewed,
  takeRenewal,
  writeChatLink,
  writeLink,
} from './tools.sql.ts';

export type ToolsDependencies = {
  db: Pool;
  secrets: SecretBox;
  send: (request: OutboundRequest) => Promise<OutboundAnswer>;
  /** Where this hub is reached by CRMs. */
  publicUrl: string;
};

export type ToolsSubject = {
  enterpriseNumber: string;
  type: IntegrationType;
  /** CRM user id by extension. */
  users: Record<string, string>;
  /** Null where no call is told of: a chat, a test, a lookup. */
  callId: string | null;
  chatId?: string | null;
};

/** Longer than a renewal can take, so that a live one is never doubled. */
const RENEWAL_SECONDS = 15;
/** Who waits longer than this comes back later: an attempt has only so much time. */
const WAIT_MS = 5_000;
const LOOK_AGAIN_MS = 200;

/** What an adapter works with, for one integration of one enterprise. */
export function createTools(dependencies: ToolsDependencies, subject: ToolsSubject): CrmTools {
  const { send, publicUrl } = dependencies;
  return {
    users: new Map(Object.entries(subject.users)),
    publicUrl,
    send,
    memory: memoryOf(dependencies, subject),
    renewSettings: (renew) => renewSettings(dependencies, subject, renew),
  };
}

function memoryOf(
  { db }: ToolsDependencies,
  { callId, chatId = null, type }: ToolsSubject,
): CrmMemory {
  if (chatId !== null) {
    return {
      read: (key) => readChatLink(db, chatId, type, key),
      write: (key, value) => writeChatLink(db, chatId, type, key, value),
    };
  }
  if (callId === null) return { read: async () => null, write: async () => {} };
  return {
    read: (key) => readLink(db, callId, type, key),
    write: (key, value) => writeLink(db, callId, type, key, value),
  };
}

/**
 * One renewal at a time over all instances: a refresh token that was used twice is lost for ever. Whoever had to wait
 * asks `renew` too, which sees by the settings in force whether the other one got it done or died.
 */
async function renewSettings(
  { db, secrets }: ToolsDependencies,
  { enterpriseNumber, type }: ToolsSubject,
  renew: Parameters<CrmTools['renewSettings']>[0],
): Promise<Record<string, unknown>> {
  const key = { enterpriseNumber, integrationType: type };
  const until = Date.now() + WAIT_MS;
  let mark = await takeRenewal(db, key, RENEWAL_SECONDS);
  while (mark === undefined) {
    if (Date.now() > until) throw new VendorFailure('retry', 'Обновление доступа ещё идёт');
    await sleep(LOOK_AGAIN_MS);
    mark = await takeRenewal(db, key, RENEWAL_SECONDS);
  }
  try {
    const config = await loadSettings(db, enterpriseNumber);
    const before: Record<string, unknown> = openSecrets(config, secrets)[type] ?? {};
    const changes = await renew(before);
    if (!changes) return before;
    // What the CRM has just given out works only when it is kept. Saved twice, the second time finds it changed.
    return await repeatOnDeadConnection(() =>
      db.begin((tx) => saveOver(tx, { key, before, changes, secrets })),
    );
  } finally {
    await endRenewal(db, key, mark);
  }
}

type Renewed = {
  key: { enterpriseNumber: string; integrationType: IntegrationType };
  before: Record<string, unknown>;
  changes: Record<string, unknown>;
  secrets: SecretBox;
};

/** Whoever entered other values for these very settings meanwhile, or removed them, is right. */
async function saveOver(
  tx: Transaction,
  { key, before, changes, secrets }: Renewed,
): Promise<Record<string, unknown>> {
  const { enterpriseNumber, integrationType: type } = key;
  const config = await lockSettings(tx, enterpriseNumber);
  const stored: Record<string, unknown> = openSecrets(config, secrets)[type] ?? {};
  if (Object.keys(changes).some((name) => stored[name] !== before[name])) return stored;
  const sealed = sealSecrets({ [type]: { enabled: true, ...changes } }, secrets);
  await saveRenewed(tx, key, sealed[type] ?? {});
  return { ...stored, ...changes };
}
