import type { CrmContext, DeliveryResult, DeliveryStep } from '../crm.ts';
import { VendorFailure } from '../failure.ts';
import { cardsOf, hideFrom } from './cards.ts';
import { type Params, read, refusalOf, type Reply, run } from './client.ts';
import type { Bitrix24Config } from './config.ts';
import { isForbidden, isUnknownCall, isUnknownUser, toFailure } from './failures.ts';
import { keepCallId, keepJournal, type Kept, type Person, recall } from './memory.ts';
import {
  attachRecord,
  defaultPerson,
  finishCall,
  type NumberedCall,
  ownerOf,
  registerCall,
} from './registration.ts';
import { Finished, JournalRows, Registered } from './schema.ts';

type Context = CrmContext<Bitrix24Config>;
type Entering = { call: NumberedCall; context: Context; kept: Kept; recordUrl: string | null };

const DELIVERED: DeliveryResult = { outcome: 'delivered' };
const ENTERED_BEFORE = 'Звонок уже был в журнале Bitrix24';

/** The end of a call: cards away, and the entry in the journal, once. */
export async function enterCall(
  { maybeApplied }: DeliveryStep,
  call: NumberedCall,
  context: Context,
): Promise<DeliveryResult> {
  const kept = await recall(context.memory);
  const entering = { call, context, kept, recordUrl: null };
  if (kept.callId === null) return enterLate(entering, { look: maybeApplied });
  return finish(entering, kept.callId, { maybeApplied });
}

/** A call that nobody saw live: entered as it was, never a card. With it comes its recording, where there is one. */
export async function enterDownloaded(
  { maybeApplied }: DeliveryStep,
  call: NumberedCall,
  context: Context,
): Promise<DeliveryResult> {
  const kept = await recall(context.memory);
  const entering = { call, context, kept, recordUrl: call.recordingDirectUrl ?? null };
  if (kept.callId === null) return enterLate(entering, { look: maybeApplied });
  const result =
    kept.journal === 'done' ? DELIVERED : await finish(entering, kept.callId, { maybeApplied });
  return attach(entering, kept.callId, result);
}

export async function enterRecording(
  call: NumberedCall,
  context: Context,
): Promise<DeliveryResult> {
  const recordUrl = call.recordingDirectUrl;
  if (!recordUrl) return { outcome: 'skipped', reason: 'Записи разговора нет' };
  const kept = await recall(context.memory);
  const entering = { call, context, kept, recordUrl };
  if (kept.callId === null) return enterLate(entering, { look: true });
  return attach(entering, kept.callId, DELIVERED);
}

/** Ends a registered call. Cards go first: once it is finished Bitrix24 does not know whose they are. */
async function finish(
  entering: Entering,
  callId: string,
  { maybeApplied }: { maybeApplied: boolean },
): Promise<DeliveryResult> {
  const { call, context, kept } = entering;
  const person = ownerOf(call, kept, context);
  let replies: Partial<Record<'hide' | 'hideRegistrant' | 'finish', Reply>> = await run(
    context,
    { ...hideFrom(cardsOf(kept), callId), finish: finishCall(call, callId, person) },
    { halt: false },
  );
  let refused = refusalOf(replies.finish);
  if (refused && isUnknownUser(refused)) {
    const instead = finishCall(call, callId, defaultPerson(context));
    replies = await run(context, { finish: instead }, { halt: false });
    refused = refusalOf(replies.finish);
  }
  if (refused && isUnknownCall(refused)) {
    if (maybeApplied || kept.journal === 'done') {
      await keepJournal(context.memory, 'done');
      return { outcome: 'delivered', note: ENTERED_BEFORE };
    }
    return enterLate({ ...entering, recordUrl: null }, { look: true, callId });
  }
  return finished(replies.finish, context);
}

async function finished(reply: Reply | undefined, context: Context): Promise<DeliveryResult> {
  const { ERRORS } = read(reply, Finished);
  await keepJournal(context.memory, 'done');
  if (!ERRORS || Object.keys(ERRORS).length === 0) return DELIVERED;
  return {
    outcome: 'delivered',
    note: `Bitrix24 записал звонок, но не всё: ${JSON.stringify(ERRORS)}`,
  };
}

/**
 * Registers without a card and finishes at once, in one request. Nothing on Bitrix24's side keeps this from happening
 * twice, so after an attempt without an answer the journal is read first.
 */
async function enterLate(
  entering: Entering,
  { look, callId }: { look: boolean; callId?: string },
): Promise<DeliveryResult> {
  const { call, context, kept } = entering;
  if (look || kept.journal !== null) {
    const known = await findEntered(call, callId, context);
    if (known !== undefined) {
      await Promise.all([keepCallId(context.memory, known), keepJournal(context.memory, 'done')]);
      return attach(entering, known, { outcome: 'delivered', note: ENTERED_BEFORE });
    }
  }
  const owner = ownerOf(call, kept, context);
  const other = defaultPerson(context);
  const earlier = kept.cards.registrant?.person;
  let replies = await sendLate(entering, { registrant: earlier ?? owner, finisher: owner });
  const refused = refusalOf(replies.register);
  if (refused && isUnknownUser(refused)) {
    const finisher = earlier ? owner : other;
    replies = await sendLate(entering, { registrant: other, finisher });
  }
  if (refusalOf(replies.register)) await keepJournal(context.memory, 'none');
  const registered = read(replies.register, Registered).CALL_ID;
  await keepCallId(context.memory, registered);
  const hidden = refusalOf(replies.hide) ?? refusalOf(replies.hideRegistrant);
  if (hidden) throw toFailure(hidden);
  const unfinished = refusalOf(replies.finish);
  if (unfinished && isUnknownUser(unfinished)) {
    const result = await finish(entering, registered, { maybeApplied: true });
    return attach(entering, registered, result);
  }
  const result = await finished(replies.finish, context);
  const unattached = refusalOf(replies.record);
  if (unattached) throw toFailure(unattached);
  return result;
}

async function sendLate(
  { call, context, kept, recordUrl }: Entering,
  { registrant, finisher }: { registrant: Person; finisher: Person },
) {
  const CALL_ID = '$result[register][CALL_ID]';
  const line = kept.cards.registrant ? kept.cards.registrant.line : call.line;
  await keepJournal(context.memory, 'asked');
  try {
    return await run(
      context,
      {
        register: registerCall(call, { person: registrant, line }, { show: false }),
        ...hideFrom(cardsOf(kept), CALL_ID),
        finish: finishCall(call, CALL_ID, finisher),
        record: recordUrl === null ? undefined : attachRecord(call, CALL_ID, recordUrl),
      },
      { halt: true },
    );
  } catch (error) {
    if (neverArrived(error)) await keepJournal(context.memory, 'none');
    throw error;
  }
}

/** Refused at the door, or no connection at all. */
function neverArrived(error: unknown): boolean {
  if (!(error instanceof VendorFailure) || error.maybeApplied) return false;
  const { failureClass, httpStatus } = error;
  return failureClass === 'limit' || failureClass === 'auth' || httpStatus === undefined;
}

/** The CALL_ID under which the call is in the statistics. */
async function findEntered(
  { mainUniqueId }: NumberedCall,
  callId: string | undefined,
  context: Context,
): Promise<string | undefined> {
  const FILTER: Params = callId ? { CALL_ID: callId } : { EXTERNAL_CALL_ID: mainUniqueId };
  const command = { method: 'voximplant.statistic.get', params: { FILTER } };
  const { rows } = await run(context, { rows: command }, { halt: false });
  const refused = refusalOf(rows);
  if (refused && isForbidden(refused)) {
    throw new VendorFailure(
      'permanent',
      'Неизвестно, записал ли Bitrix24 этот звонок: дайте владельцу вебхука право «Статистика звонков: просмотр» и повторите',
    );
  }
  // Portals that do not know a filter answer with everybody's calls.
  return read(rows, JournalRows).find((row) =>
    callId ? row.CALL_ID === callId : row.EXTERNAL_CALL_ID === mainUniqueId,
  )?.CALL_ID;
}

async function attach(
  { call, context, recordUrl }: Entering,
  callId: string,
  result: DeliveryResult,
): Promise<DeliveryResult> {
  if (recordUrl === null) return result;
  const { record } = await run(
    context,
    { record: attachRecord(call, callId, recordUrl) },
    { halt: false },
  );
  const refused = refusalOf(record);
  if (refused) throw toFailure(refused);
  return result;
}
