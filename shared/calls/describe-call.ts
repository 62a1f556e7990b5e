/** A call told in Russian, for people who ask what happened. Pure. */
import { formatPhone } from '../phone.ts';
import type { CallEvent } from './call-event.ts';
import { type Call, type CallStatus, type EndStatus, hasEnded } from './call.ts';
import { arrangeEvents, findMainHangup, isFollowMe, isTransferLeg } from './main-channel.ts';
import { isExtension, isOutsideNumber } from './numbers.ts';
import { identifyParties } from './parties.ts';
import { type Conversation, findConversation, type Stint } from './talkers.ts';
import { countSeconds, setClock } from './times.ts';

/** `at` is on the clock of the box. */
export type Moment = { at: Date; text: string };

export type Description = {
  heading: string;
  moments: Moment[];
  /** Who rang, who talked, who passed the client to whom. */
  people: string[];
  outcome: string;
  /** How much later than by the clock of the box its events came. */
  delaySeconds: number;
};

/** A leave may come a moment after the hangup. */
const LINGER_MS = 2_000;

/** `events` are those that the call was folded from. */
export function describeCall(
  call: Call,
  input: readonly CallEvent[],
  { timezone }: { timezone: string },
): Description {
  const events = arrangeEvents(input);
  const conversation = findConversation(events, identifyParties(events, []));
  const clock = setClock(events, {
    timezone,
    mainHangup: undefined,
    reapedAt: undefined,
    lastLeg: undefined,
    lastTalk: undefined,
  });
  const arrival = events[0]?.receivedAt ?? call.startedAt;
  // A client who was passed on may talk longer than the channel that called him lived.
  const goesOn = (at: number) =>
    conversation.stints.some(({ to }) => to !== Infinity && to > at + LINGER_MS) ||
    events.some(({ kind, receivedAt }) => kind === 'dial' && +receivedAt > at) ||
    (call.endedAt !== null && +call.endedAt > +clock.read(at) + LINGER_MS);
  const told: Moment[] = [
    ...events.flatMap((event, index) =>
      describeEvent(event, { call, before: events.slice(0, index), goesOn }),
    ),
    ...describeTalks(conversation.stints, call),
    ...describeConsults(conversation, events, call),
  ]
    .toSorted((one, other) => one.at - other.at)
    .map(({ at, text }) => ({ at: clock.read(at), text }));
  const [first] = call.talkers;
  const rang = events.find(({ extensions }) => first && extensions.includes(first.extension));
  const untold =
    conversation.stints.length === 0
      ? describeTalkers(call, rang && clock.read(+rang.receivedAt))
      : [];
  const second = ({ at }: Moment) => Math.floor(+at / 1000);
  return {
    heading: describeHeading(call),
    // What the box wrote has whole seconds: within one it comes after what led to it.
    moments: [...describeBeginning(call), ...told, ...untold].toSorted(
      (one, other) => second(one) - second(other),
    ),
    people: describePeople(call),
    outcome: `${explain(call, events)}.`,
    delaySeconds: countSeconds(clock.read(+arrival), arrival),
  };
}

export function formatSeconds(seconds: number): string {
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

const DIRECTIONS = { in: 'входящий', out: 'исходящий', internal: 'внутренний' } as const;

function describeHeading(call: Call): string {
  const { direction, line, caller, clickToCall } = call;
  const kind = clickToCall ? 'исходящий, заказан программой' : DIRECTIONS[direction];
  if (direction === 'internal') return `${kind}, ${caller ?? '?'} → ${list(call.rang)}`;
  const way = direction === 'in' ? `на линию ${line ?? '?'}` : `через линию ${line ?? '?'}`;
  return `${kind}, ${direction === 'in' ? 'от' : 'на'} ${client(call)} ${way}`;
}

/** An internal call sends nothing before somebody answers. */
function describeBeginning({ direction, startedAt, caller, rang }: Call): Moment[] {
  if (direction !== 'internal') return [];
  return [{ at: startedAt, text: `${caller ?? 'сотрудник'} звонит ${list(rang)}` }];
}

/** Moments of arrival, in milliseconds. */
type Told = { at: number; text: string };

type Context = { call: Call; before: CallEvent[]; goesOn: (at: number) => boolean };

function describeEvent(event: CallEvent, { call, before, goesOn }: Context): Told[] {
  const at = +event.receivedAt;
  switch (event.kind) {
    case 'start':
      return [{ at, text: describeStart(call) }];
    case 'dial':
      return [{ at, text: describeDial(event, before, call) }];
    case 'hangup':
      return describeHangup(event, call, goesOn(at)).map((text) => ({ at, text }));
    case 'bridge':
    case 'bridge_create':
    case 'bridge_leave':
    case 'bridge_destroy':
    case 'new_callerid':
      return []; // bridges are told as talks
  }
}

function describeStart(call: Call): string {
  if (call.clickToCall) return `программа заказала звонок на ${client(call)}`;
  return `клиент ${client(call)} звонит на линию ${call.line ?? '?'}`;
}

function describeDial(dial: CallEvent, before: CallEvent[], call: Call): string {
  const whom = list(dial.extensions);
  if (isTransferLeg(dial)) return `клиента переводят на ${whom}: у него звонит`;
  if (isFollowMe(dial)) return `FollowMe: звонит мобильный ${whom}`;
  const again = before.some(({ kind, uniqueId }) => kind === 'dial' && uniqueId === dial.uniqueId);
  if (call.clickToCall) return `для ${whom} набирают клиента ${client(call)}`;
  if (call.direction !== 'out') return `${again ? 'снова звонят' : 'звонят'}: ${whom}`;
  const way = `через линию ${dial.line ?? '?'}`;
  return `${whom} ${again ? 'ещё раз ' : ''}звонит клиенту ${client(call)} ${way}`;
}

const CALL_STATUSES: Record<number, string> = {
  0: 'без ответа (CallStatus 0)',
  1: 'трубку положили во время приветствия (CallStatus 1)',
  2: 'с разговором (CallStatus 2)',
  5: 'с разговором (CallStatus 5)',
};

function describeHangup(hangup: CallEvent, call: Call, goesOn: boolean): string[] {
  const { uniqueId, callStatus, phone, extensions } = hangup;
  if (uniqueId === call.mainUniqueId) {
    return [
      `${goesOn ? 'звонивший отключился' : 'конец звонка'}: АТС пишет «${saidAtEnd(hangup)}»`,
    ];
  }
  const whom = list(extensions);
  const hasAnswered = callStatus === 2;
  if (isFollowMe(hangup)) {
    return [`мобильный ${whom} ${hasAnswered ? 'снимал трубку и отключился' : 'не ответил'}`];
  }
  if (isOutsideNumber(phone)) {
    const isTold = call.talkers.some(({ extension }) => extensions.includes(extension));
    if (hasAnswered) return isTold ? [] : [`соединение с ${whom} закончено`];
    return [`${whom} не ответил на перевод`];
  }
  const asker = phone ?? 'сотрудник';
  if (extensions.length === 0) return [`коллега, которому звонил ${asker}, не ответил`];
  return [hasAnswered ? `${asker} закончил говорить с ${whom}` : `${whom} не ответил ${asker}`];
}

/** Causes that people ask about; see ITU-T Q.850. */
const CAUSES: Record<number, string> = {
  1: 'такого номера нет',
  16: 'обычное завершение',
  17: 'занято',
  18: 'абонент не отвечает',
  19: 'абонент не отвечает',
  20: 'абонент недоступен',
  21: 'вызов отклонён',
  27: 'линия не работает',
  28: 'номер набран неверно',
  34: 'нет свободного канала на линии',
  38: 'сеть не работает',
  42: 'линия перегружена',
  44: 'нет свободного канала на линии',
  50: 'направление не подключено',
  57: 'направление запрещено',
};

function saidAtEnd({ callStatus, dialStatus, cause }: CallEvent): string {
  const said = [
    ...(callStatus === undefined ? [] : [CALL_STATUSES[callStatus] ?? `CallStatus ${callStatus}`]),
    ...(dialStatus === undefined ? [] : [`DialStatus ${dialStatus}`]),
    ...(cause === undefined
      ? []
      : [CAUSES[cause] ? `${CAUSES[cause]} (Cause ${cause})` : `Cause ${cause}`]),
  ];
  return said.join(', ') || 'без пояснений';
}

function describeTalks(stints: Stint[], call: Call): Told[] {
  const partner = call.direction === 'internal' ? (call.caller ?? 'звонившим') : 'клиентом';
  return stints.flatMap(({ extension, from, to }) => {
    const name = named(extension);
    const begins = { at: from, text: `${name} говорит с ${partner}` };
    if (to === Infinity) return [begins];
    const lasted = formatSeconds(countSeconds(new Date(from), new Date(to)));
    return [begins, { at: to, text: `${name} закончил говорить с ${partner}, ${lasted}` }];
  });
}

/** Talks among our people while the client waits. */
function describeConsults({ consulted }: Conversation, events: CallEvent[], call: Call): Told[] {
  const waits = call.clickToCall ? '' : ', клиент ждёт';
  const rooms = Map.groupBy(consulted, ({ from }) => from);
  const told: Told[] = [];
  const known = new Set<string>();
  for (const [at, people] of rooms) {
    const names = [...new Set(people.map(({ extension }) => extension))];
    const key = names.toSorted().join();
    if (known.has(key)) continue;
    known.add(key);
    const [asker = '', ...others] = names;
    if (others.length > 0) {
      const rest = others.map(named).join(', ');
      told.push({ at, text: `${named(asker)} говорит с ${rest}${waits}` });
    } else {
      const asked = findAsked(events, { asker, at });
      if (asked) told.push({ at, text: `${named(asker)} звонит ${named(asked)}${waits}` });
      else if (call.clickToCall) told.push({ at, text: `${named(asker)} снял трубку` });
    }
  }
  return told;
}

/** The bridge event by which somebody went to ask names the one who is asked. */
function findAsked(events: CallEvent[], { asker, at }: { asker: string; at: number }) {
  const joined = events.find(
    ({ kind, callerIdNum, receivedAt }) =>
      kind === 'bridge' && callerIdNum === asker && +receivedAt === at,
  );
  const asked = joined?.connectedLineNum;
  return asked && asked !== asker && isExtension(asked) ? asked : undefined;
}

/** No bridges were reported: who talked, and about when, is known from the ends of the channels only. */
function describeTalkers({ talkers, direction }: Call, rangAt: Date | undefined): Moment[] {
  const who = (name: string) =>
    direction === 'out' ? `клиент отвечает ${name}` : `отвечает ${name}`;
  return talkers.map(({ extension, from }, index) => {
    if (index > 0) return { at: from, text: `дальше говорит ${named(extension)}` };
    const at = rangAt && rangAt > from ? rangAt : from;
    return { at, text: `${who(named(extension))}: когда именно, эта АТС не сообщает` };
  });
}

function describePeople(call: Call): string[] {
  const { direction, caller, rang, talkers } = call;
  const talked = talkers.map(({ extension, from, to }) => {
    const lasted = to ? formatSeconds(countSeconds(from, to)) : 'ещё говорит';
    return `${named(extension)} (${lasted})`;
  });
  const calledBy = direction === 'internal' ? (caller ?? '?') : rang[0];
  const from = direction === 'in' ? `клиент ${client(call)}` : (calledBy ?? '?');
  const to = direction === 'out' ? `клиент ${client(call)}` : list(rang);
  const moves = listTransfers(call).map(({ from: giver, to: taker, taken }) => {
    const move = `${named(giver)} → ${named(taker)}`;
    return taken ? move : `${move} (${hasEnded(call.status) ? 'не принят' : 'ещё не принят'})`;
  });
  return [
    `Кто звонил: ${from}`,
    `Кому звонили: ${to}`,
    `Кто говорил: ${talked.join(', ') || 'никто'}`,
    `Кто кому передал: ${moves.join(', ') || 'никто никому'}`,
  ];
}

type Transfer = { from: string; to: string; taken: boolean };

/** Those that were taken, and at the end the one that is under way or was not taken. */
function listTransfers({ talkers, transfer, direction }: Call): Transfer[] {
  if (direction === 'internal') return [];
  const moves = talkers.flatMap(({ extension: to }, index) => {
    const from = talkers[index - 1]?.extension;
    return from === undefined || from === to ? [] : [{ from, to, taken: true }];
  });
  return transfer ? [...moves, { ...transfer, taken: false }] : moves;
}

function explain(call: Call, events: CallEvent[]): string {
  const isLost = call.status === 'lost_in_transfer';
  const hangup = isLost ? events.findLast(({ kind }) => kind === 'hangup') : findMainHangup(events);
  const end = hangup
    ? `АТС закончила звонок: ${saidAtEnd(hangup)}`
    : 'конца звонка АТС не прислала';
  const { status } = call;
  if (!hasEnded(status))
    return `${STATUS_WORDS[status]} — события «hangup» главного канала ${call.mainUniqueId} ещё не было`;
  return `${STATUS_WORDS[status]} — ${reasonOf(call, status, { bridged: sawBridges(events), end })}`;
}

function sawBridges(events: CallEvent[]): boolean {
  return events.some(({ kind }) => kind === 'bridge' || kind === 'bridge_leave');
}

const STATUS_WORDS: Record<CallStatus, string> = {
  greeting: 'Звонок идёт: клиент слушает приветствие',
  ringing: 'Звонок идёт: ещё никто не ответил',
  talking: 'Звонок идёт: разговор',
  transferring: 'Звонок идёт: перевод',
  answered: 'Отвечен',
  missed: 'Пропущен',
  abandoned: 'Клиент положил трубку во время приветствия',
  no_answer: 'Клиент не ответил',
  busy: 'Занято',
  failed: 'Вызов не удался',
  lost_in_transfer: 'Потерян при переводе',
  internal_answered: 'Внутренний, отвечен',
  internal_missed: 'Внутренний, без ответа',
};

function reasonOf(
  call: Call,
  status: EndStatus,
  { bridged, end }: { bridged: boolean; end: string },
): string {
  const { rang, transfer, firstAnsweredBy, lastTalkedBy } = call;
  const waited = call.waitSeconds === null ? '' : ` за ${formatSeconds(call.waitSeconds)}`;
  switch (status) {
    case 'answered':
    case 'internal_answered': {
      if (!firstAnsweredBy) return end;
      const partner = call.direction === 'internal' ? (call.caller ?? '?') : 'клиента';
      const how = bridged
        ? `АТС соединила ${partner} с ${named(firstAnsweredBy)}`
        : `АТС назвала ответившего: ${named(firstAnsweredBy)}`;
      const isLast = lastTalkedBy === null || lastTalkedBy === firstAnsweredBy;
      const last = isLast ? '' : `, последним говорил ${named(lastTalkedBy)}`;
      return `${how}${last}; разговор ${formatSeconds(call.talkSeconds ?? 0)}`;
    }
    case 'missed':
      return `звонили ${list(rang)}, никто не ответил${waited}; ${end}`;
    case 'abandoned':
      return `никому из сотрудников звонок не дошёл; ${end}`;
    case 'lost_in_transfer': {
      const to = transfer ? ` на ${named(transfer.to)}` : '';
      const from = named(transfer?.from ?? lastTalkedBy ?? '?');
      return `${from} говорил с клиентом и передал его${to}, но там никто не ответил; ${end}`;
    }
    case 'internal_missed':
      return `${list(rang)} не ${rang.length > 1 ? 'ответили' : 'ответил'}${waited}; ${end}`;
    case 'no_answer':
    case 'busy':
    case 'failed':
      return end;
  }
}

function client({ phone, direction }: Call): string {
  if (phone !== null) return formatPhone(phone);
  return direction === 'internal' ? 'коллега' : '(номер не определён)';
}

/** An extension, or the mobile of a FollowMe leg. */
function named(extension: string): string {
  return isOutsideNumber(extension) ? formatPhone(extension) : extension;
}

function list(extensions: string[]): string {
  return extensions.map(named).join(', ') || 'никого';
}
