import type { CallStatus } from '../../calls/call.ts';
import type { CallSnapshot, DeliveryResult } from '../crm.ts';
import { VendorFailure } from '../failure.ts';
import type { Ask } from './client.ts';
import { findNote, findUnsorted } from './logged-calls.ts';
import { Refused } from './refusal.ts';
import { AddedCalls, Anything } from './schema.ts';
import type { Context } from './tokens.ts';

/** amoCRM's numbers: 3 not available, 4 talked, 6 no answer, 7 busy. */
const CALL_STATUS: Partial<Record<CallStatus, { code: number; words: string }>> = {
  answered: { code: 4, words: 'Разговор состоялся' },
  lost_in_transfer: { code: 4, words: 'Потерян при переводе' },
  missed: { code: 6, words: 'Пропущен' },
  abandoned: { code: 6, words: 'Клиент положил трубку' },
  no_answer: { code: 6, words: 'Нет ответа' },
  busy: { code: 7, words: 'Занято' },
};
const FAILED = { code: 3, words: 'Не удалось дозвониться' };

/** Where the call stands in amoCRM, as far as we know: perhaps among the unsorted, or certainly there. */
const MEMORY = 'log';
const MAYBE_UNSORTED = 'unsorted';
const LOGGED = 'logged';

/**
 * Enters a call once: amoCRM tells no repetition from a second call and takes nothing back. After an attempt without a
 * clear end the call is looked for first.
 */
export async function logCall(
  { call, phone, maybeApplied }: { call: CallSnapshot; phone: string; maybeApplied: boolean },
  context: Context,
  ask: Ask,
): Promise<DeliveryResult> {
  const known = await context.memory.read(MEMORY);
  if (known === LOGGED) return { outcome: 'skipped', reason: 'Звонок уже записан в amoCRM' };
  if (maybeApplied && (await isThere(call, known, ask))) {
    await remember(context);
    return { outcome: 'delivered', note: 'Звонок уже был в amoCRM: прошлая попытка дошла' };
  }

  const added = await addCall(call, phone, context, ask);
  if (added.outcome === 'delivered') {
    await remember(context);
    return added;
  }
  if (call.direction !== 'in')
    return { outcome: 'skipped', reason: 'В amoCRM нет карточки с этим номером' };

  await context.memory.write(MEMORY, MAYBE_UNSORTED);
  await ask({
    method: 'POST',
    path: '/api/v4/leads/unsorted/sip',
    body: [toUnsorted(call, phone, context)],
    schema: Anything,
    once: true,
  });
  await remember(context);
  return { outcome: 'delivered', note: 'Номера нет в amoCRM: звонок попал в «Неразобранное»' };
}

async function isThere(call: CallSnapshot, known: string | null, ask: Ask): Promise<boolean> {
  if (known === MAYBE_UNSORTED && (await findUnsorted(call, ask))) return true;
  return findNote(call, ask);
}

/** Without this a later step, or a replay, would enter the call again; so it has to be looked for then. */
async function remember({ memory }: Context): Promise<void> {
  await memory.write(MEMORY, LOGGED).catch((cause: unknown) => {
    const message = 'Звонок записан в amoCRM, но отметить это у нас не удалось';
    throw new VendorFailure('retry', message, { cause, maybeApplied: true });
  });
}

type Added = { outcome: 'delivered'; note?: string } | { outcome: 'unknown number' };

async function addCall(
  call: CallSnapshot,
  phone: string,
  context: Context,
  ask: Ask,
): Promise<Added> {
  const owner = whoseCall(call, context.users);
  const post = async (whose: object) => {
    const answer = await ask({
      method: 'POST',
      path: '/api/v4/calls',
      body: [{ ...toCall(call, phone), ...whose }],
      schema: AddedCalls,
      once: true,
    });
    const notAdded = [...(answer?.errors ?? []), ...(answer?._embedded?.errors ?? [])];
    return notAdded.length === 0 || (answer?._embedded?.calls.length ?? 0) > 0;
  };
  try {
    return (await post(owner)) ? { outcome: 'delivered' } : { outcome: 'unknown number' };
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    if (error.unknownNumber) return { outcome: 'unknown number' };
    if (!error.unknownUser || Object.keys(owner).length === 0) throw error;
  }
  // The person is gone from amoCRM: the call counts more than whose it was.
  try {
    if (!(await post({}))) return { outcome: 'unknown number' };
  } catch (error) {
    if (error instanceof Refused && error.unknownNumber) return { outcome: 'unknown number' };
    throw error;
  }
  return {
    outcome: 'delivered',
    note: 'amoCRM не знает сопоставленного пользователя: звонок записан без ответственного',
  };
}

/** Empty fields are left out: amoCRM refuses null. */
function toCall(call: CallSnapshot, phone: string) {
  const { code, words } = CALL_STATUS[call.status] ?? FAILED;
  return {
    direction: call.direction === 'in' ? 'inbound' : 'outbound',
    uniq: call.mainUniqueId,
    duration: call.talkSeconds ?? 0,
    source: 'Trunkline',
    phone: `+${phone}`,
    call_status: code,
    call_result: words,
    created_at: toUnix(call.startedAt),
    request_id: call.mainUniqueId,
    ...(call.recordingUrl && { link: call.recordingUrl }),
  };
}

/** Taken in by amoCRM it turns `from` and `phone` round, so the client stands in both. */
function toUnsorted(call: CallSnapshot, phone: string, { users, publicUrl }: Context) {
  const { call_responsible: answered } = whoseCall(call, users);
  return {
    request_id: call.mainUniqueId,
    source_name: 'Trunkline',
    source_uid: call.mainUniqueId,
    created_at: toUnix(call.startedAt),
    metadata: {
      from: `+${phone}`,
      phone: `+${phone}`,
      called_at: toUnix(call.startedAt),
      duration: call.talkSeconds ?? 0,
      // Not taken without a link, and a call that nobody answered has no recording.
      link: call.recordingUrl ?? publicUrl,
      service_code: 'trunkline',
      uniq: call.mainUniqueId,
      is_call_event_needed: true,
      ...(answered !== undefined && { call_responsible: answered }),
    },
    _embedded: {
      leads: [{ name: `Звонок с +${phone}` }],
      contacts: [
        {
          name: `+${phone}`,
          custom_fields_values: [
            { field_code: 'PHONE', values: [{ value: `+${phone}`, enum_code: 'WORK' }] },
          ],
        },
      ],
    },
  };
}

type Whose = {
  call_responsible?: number | string;
  responsible_user_id?: number;
  created_by?: number;
};

/**
 * Who answers for the call: who talked last, else the only one who rang. A missed call of a whole group is nobody's.
 * Who is not mapped is named by the extension.
 */
function whoseCall({ lastTalkedBy, rang }: CallSnapshot, users: Context['users']): Whose {
  const extension = lastTalkedBy ?? (rang.length === 1 ? rang[0] : undefined);
  if (!extension) return {};
  const id = userIdOf(users, extension);
  if (id === undefined) return { call_responsible: extension };
  return { call_responsible: id, responsible_user_id: id, created_by: id };
}

/** amoCRM's ids are numbers; anything else in the map is nobody. */
export function userIdOf(users: Context['users'], extension: string): number | undefined {
  const id = users.get(extension)?.trim();
  return id && /^\d{1,15}$/.test(id) ? Number(id) : undefined;
}

function toUnix(moment: Date): number {
  return Math.floor(moment.getTime() / 1000);
}
