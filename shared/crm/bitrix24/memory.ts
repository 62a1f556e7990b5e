import * as z from 'zod';

import type { CrmMemory } from '../crm.ts';

/** Who a call is registered to: a user, or an extension whose user Bitrix24 finds itself. */
const Person = z.union([
  z.object({ USER_ID: z.number() }),
  z.object({ USER_PHONE_INNER: z.string() }),
]);
export type Person = z.output<typeof Person>;

/** A card on somebody's screen. `userId` is null while only Bitrix24 knows whose extension it is. */
const Seat = z.object({ extension: z.string(), userId: z.string().nullable() });
export type Seat = z.output<typeof Seat>;

const Cards = z.object({
  /** As first asked: a repeated registration gives the same CALL_ID only when it says the same. */
  registrant: z.object({ person: Person, line: z.string().nullable() }).nullable(),
  shown: z.array(Seat),
  /** Asked for; nobody knows yet whether they are shown. */
  asked: z.array(Seat),
});
export type Cards = z.output<typeof Cards>;

/** What is kept of a call between its steps. The keys are those of `crm_links`. */
export type Kept = {
  /** Bitrix24's CALL_ID: of our registration, or of a click-to-call that Bitrix24 registered itself. */
  callId: string | null;
  cards: Cards;
  /** The entry in the call statistics: sent without an answer so far, or there. */
  journal: 'asked' | 'done' | null;
};

export async function recall(memory: CrmMemory): Promise<Kept> {
  const [callId, cards, journal] = await Promise.all(
    ['call_id', 'cards', 'journal'].map((key) => memory.read(key)),
  );
  return {
    callId: callId ?? null,
    cards: readCards(cards ?? null),
    journal: journal === 'asked' || journal === 'done' ? journal : null,
  };
}

export async function keepCallId(memory: CrmMemory, callId: string): Promise<void> {
  await memory.write('call_id', callId);
}

export async function keepCards(memory: CrmMemory, cards: Cards): Promise<void> {
  await memory.write('cards', JSON.stringify(cards));
}

export async function keepJournal(
  memory: CrmMemory,
  journal: 'none' | 'asked' | 'done',
): Promise<void> {
  await memory.write('journal', journal);
}

function readCards(text: string | null): Cards {
  const nothing: Cards = { registrant: null, shown: [], asked: [] };
  return text === null ? nothing : Cards.parse(JSON.parse(text));
}
