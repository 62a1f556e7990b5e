import type { CrmContext, DeliveryResult } from '../crm.ts';
import { type Command, read, refusalOf, type Reply, run } from './client.ts';
import type { Bitrix24Config } from './config.ts';
import { isUnknownUser, type Refused, toFailure } from './failures.ts';
import { keepCallId, keepCards, type Kept, recall, type Seat } from './memory.ts';
import { findUsers } from './people.ts';
import {
  defaultPerson,
  type NumberedCall,
  personBehind,
  registerCall,
  type Registrant,
} from './registration.ts';
import { Registered } from './schema.ts';

type Context = CrmContext<Bitrix24Config>;

/**
 * Shows the call's card to those who ring or talk now and takes it from everybody else. The first time this registers
 * the call, once; later rounds only show and hide.
 */
export async function arrangeCards(
  extensions: string[],
  call: NumberedCall,
  context: Context,
): Promise<DeliveryResult> {
  if (extensions.length === 0) {
    return { outcome: 'skipped', reason: 'Карточку показывать некому' };
  }
  const kept = await recall(context.memory);
  return kept.callId === null
    ? open(extensions, call, kept, context)
    : rearrange(extensions, kept.callId, kept, context);
}

async function open(
  extensions: string[],
  call: NumberedCall,
  kept: Kept,
  context: Context,
): Promise<DeliveryResult> {
  const { seats, unknown } = await seatsFor(extensions, kept, context);
  const [first] = seats;
  if (!first) return { outcome: 'skipped', reason: 'Карточку показывать некому' };
  const attempt = async (registrant: Registrant, wanted: Seat[]) => {
    // Seats of an earlier attempt whose answer was lost may have a card too.
    const leaving = cardsOf(kept).filter((seat) => !sees(wanted, seat));
    const own = wanted.find((seat) => isRegistrant(seat, registrant));
    const apart = wanted.filter((seat) => seat !== own);
    const asked = [...wanted, ...leaving];
    await keepCards(context.memory, { registrant, shown: [], asked });
    const CALL_ID = '$result[register][CALL_ID]';
    const replies = await run(
      context,
      {
        register: registerCall(call, registrant, { show: own !== undefined }),
        show: showTo(apart, CALL_ID),
        ...hideFrom(leaving, CALL_ID),
      },
      { halt: true },
    );
    return { replies, registrant, wanted, own, asked };
  };

  const person = first.userId
    ? { USER_ID: Number(first.userId) }
    : personBehind(first.extension, kept, context);
  let made = await attempt(kept.cards.registrant ?? { person, line: call.line }, seats);
  const refused = refusalOf(made.replies.register);
  if (refused && isUnknownUser(refused)) {
    const { extension } = made.own ?? first;
    unknown.push(extension);
    const others = seats.filter((seat) => seat !== made.own);
    made = await attempt({ person: defaultPerson(context), line: made.registrant.line }, [
      ...others,
      ...(sees(others, { extension, userId: context.config.user_id })
        ? []
        : [{ extension, userId: context.config.user_id }]),
    ]);
  }
  const { replies, registrant, wanted, own, asked } = made;
  await keepCallId(context.memory, read(replies.register, Registered).CALL_ID);
  const failed = firstRefusal(replies);
  const cards = failed ? { shown: own ? [own] : [], asked } : { shown: wanted, asked: [] };
  await keepCards(context.memory, { registrant, ...cards });
  if (failed) throw toFailure(failed);
  return { outcome: 'delivered', ...(unknown.length > 0 && { note: unknownNote(unknown) }) };
}

async function rearrange(
  extensions: string[],
  callId: string,
  kept: Kept,
  context: Context,
): Promise<DeliveryResult> {
  const { registrant, shown, asked } = kept.cards;
  const { seats, unknown } = await seatsFor(extensions, kept, context);
  const toShow = seats.filter((seat) => !sees(shown, seat));
  const toHide = cardsOf(kept).filter((seat) => !sees(seats, seat));
  if (toShow.length === 0 && toHide.length === 0) {
    return { outcome: 'skipped', reason: 'Карточка уже у того, кто говорит или кому звонят' };
  }
  await keepCards(context.memory, { registrant, shown, asked: [...asked, ...toShow] });
  const replies = await run(
    context,
    { show: showTo(toShow, callId), ...hideFrom(toHide, callId) },
    { halt: false },
  );
  const failed = firstRefusal(replies);
  if (failed) throw toFailure(failed);
  await keepCards(context.memory, { registrant, shown: seats, asked: [] });
  return { outcome: 'delivered', ...(unknown.length > 0 && { note: unknownNote(unknown) }) };
}

/** Everybody who sees the card, or may see it. */
export function cardsOf({ cards }: Kept): Seat[] {
  return [...cards.shown, ...cards.asked.filter((seat) => !sees(cards.shown, seat))];
}

function sees(seats: Seat[], { extension, userId }: Seat): boolean {
  return seats.some((seat) =>
    seat.userId === null || userId === null ? seat.extension === extension : seat.userId === userId,
  );
}

function isRegistrant({ extension, userId }: Seat, { person }: Registrant): boolean {
  return 'USER_ID' in person
    ? String(person.USER_ID) === userId
    : person.USER_PHONE_INNER === extension;
}

function firstRefusal(replies: Record<string, Reply | undefined>): Refused | undefined {
  return Object.values(replies).flatMap((reply) => refusalOf(reply) ?? [])[0];
}

/**
 * The seats of those who are to see a card; the configured user's when Bitrix24 knows none of them. Asks Bitrix24 for
 * extensions outside our map, except for a single one that is about to be registered: there it looks itself.
 */
async function seatsFor(
  extensions: string[],
  { callId, cards }: Kept,
  context: Context,
): Promise<{ seats: Seat[]; unknown: string[] }> {
  const seen = new Map([...cards.asked, ...cards.shown].map((seat) => [seat.extension, seat]));
  const strangers = extensions.filter((each) => !context.users.has(each) && !seen.has(each));
  const looksItself = callId === null && cards.registrant === null && extensions.length === 1;
  const found =
    strangers.length === 0 || looksItself
      ? new Map<string, string>()
      : await findUsers(strangers, context);
  const seats = new Map<string, Seat>();
  const unknown: string[] = [];
  for (const extension of extensions) {
    const userId =
      context.users.get(extension) ?? seen.get(extension)?.userId ?? found.get(extension);
    if (userId) seats.set(userId, { extension, userId });
    else if (looksItself || seen.has(extension)) seats.set(extension, { extension, userId: null });
    else unknown.push(extension);
  }
  if (seats.size > 0) return { seats: [...seats.values()], unknown };
  const [extension = ''] = extensions;
  return { seats: [{ extension, userId: context.config.user_id }], unknown };
}

function showTo(seats: Seat[], callId: string): Command | undefined {
  const users = usersOf(seats);
  if (users.length === 0) return undefined;
  return { method: 'telephony.externalcall.show', params: { CALL_ID: callId, USER_ID: users } };
}

/** Without a user it is the registrant's card that is hidden: the only one whose user may be unknown to us. */
export function hideFrom(
  seats: Seat[],
  callId: string,
): Record<'hide' | 'hideRegistrant', Command | undefined> {
  const method = 'telephony.externalcall.hide';
  const users = usersOf(seats);
  const nameless = seats.some(({ userId }) => userId === null);
  return {
    hide: users.length > 0 ? { method, params: { CALL_ID: callId, USER_ID: users } } : undefined,
    hideRegistrant: nameless ? { method, params: { CALL_ID: callId } } : undefined,
  };
}

function usersOf(seats: Seat[]): number[] {
  return seats.flatMap(({ userId }) => (userId === null ? [] : [Number(userId)]));
}

function unknownNote(extensions: string[]): string {
  return `Bitrix24 не знает внутренних номеров: ${extensions.join(', ')}`;
}
