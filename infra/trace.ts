// npm run trace -- <file>
// Tells the calls of a trace in Russian, for people who ask what happened to a call.
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';

import * as z from 'zod';

import { type CallEvent, EVENT_KINDS, parseEventBody } from '../shared/calls/call-event.ts';
import { groupIntoCalls } from '../shared/calls/correlate.ts';
import { describeCall, formatSeconds } from '../shared/calls/describe-call.ts';
import { foldCall } from '../shared/calls/fold-call.ts';
import { formatInZone } from '../shared/zoned-time.ts';

const DEFAULT_ZONE = 'Europe/Minsk';

const HELP = `Рассказывает, что было со звонком: по событиям АТС, по порядку, с итогом и его причиной.

  npm run trace -- <файл> [--timezone ${DEFAULT_ZONE}]
  npm run trace -- -                        читает стандартный ввод

Файл: по одному событию JSON в строке, массив событий или образец из events/asterisk.
Событие называет:
  вид      kind, event или event_type (${EVENT_KINDS.join(', ')})
  время    at, received_at или timestamp; без часового пояса это UTC
  тело     body, payload или event_data; иначе это остальные поля самого события
Годятся строки call_events и asterisk_logs, и ответ GET /enterprise/{number}/calls/{id}.

  --timezone  часы АТС; по умолчанию пояс образца, иначе ${DEFAULT_ZONE}
  --help      эта справка

Код возврата: 0 звонки показаны (непонятные строки названы в stderr и пропущены),
1 файл не читается или звонков в нём нет, 2 команда написана неверно.`;

const Row = z.looseObject({
  id: z.union([z.string(), z.number()]).optional(),
  enterprise_number: z.string().optional(),
});
const Trace = z.looseObject({
  events: z.array(z.unknown()),
  timezone: z.string().optional(),
  title: z.string().optional(),
});

const KIND = ['kind', 'event_type', 'event'];
const TIME = ['at', 'received_at', 'timestamp'];
const BODY = ['body', 'payload', 'event_data'];

type Traced = { event: CallEvent; owner: string | undefined };
export type Read = {
  events: Traced[];
  problems: string[];
  timezone: string | undefined;
};

/** Reads what can be read; a line that cannot is named. */
export function readTrace(text: string): Read {
  const whole = parse(text);
  const trace = Trace.safeParse(whole);
  const isList = trace.success || Array.isArray(whole);
  const list: unknown[] = trace.success ? trace.data.events : Array.isArray(whole) ? whole : [];
  const rows = isList
    ? list.map((value, index) => ({ where: `событие ${index + 1}`, value }))
    : linesOf(text);

  const events: Traced[] = [];
  const problems: string[] = [];
  for (const [index, { where, value }] of rows.entries()) {
    const read = readRow(value, index);
    if (typeof read === 'string') problems.push(`${where}: ${read}`);
    else events.push(read);
  }
  return { events, problems, timezone: trace.data?.timezone };
}

function linesOf(text: string): { where: string; value: unknown }[] {
  return text.split('\n').flatMap((line, index) => {
    const trimmed = line.replace(/^\uFEFF/, '').trim();
    return trimmed === '' ? [] : [{ where: `строка ${index + 1}`, value: parse(trimmed) }];
  });
}

/** The event, or what is wrong with it. */
function readRow(value: unknown, index: number): Traced | string {
  if (value === undefined) return 'не JSON';
  const { success, data: row } = Row.safeParse(value);
  if (!success) return 'не событие';
  const named = firstOf(row, KIND);
  const kind = EVENT_KINDS.find((known) => known === named);
  if (named === undefined) return 'нет вида события';
  if (!kind) return `вид ${JSON.stringify(named)} неизвестен`;
  const receivedAt = readMoment(firstOf(row, TIME));
  if (!receivedAt) return 'нет времени, или его не понять';
  const body = readBody(row);
  const parsed = parseEventBody(kind, body);
  if (!parsed.success) {
    const wrong = parsed.issues.map(({ path, message }) => `${path} ${message}`.trim());
    return `тело события ${kind} не читается: ${wrong.join('; ')}`;
  }
  const id = String(row.id ?? index).padStart(20, '0');
  const token = z.looseObject({ Token: z.union([z.string(), z.number()]) }).safeParse(body).data;
  return {
    event: { ...parsed.data, kind, id, receivedAt },
    owner: row.enterprise_number ?? token?.Token.toString().replaceAll('"', ''),
  };
}

function readBody(row: Record<string, unknown>): unknown {
  const body = firstOf(row, BODY);
  if (typeof body === 'string')
    return parse(body) ?? parse(Buffer.from(body, 'base64').toString('utf8'));
  if (body !== undefined) return body;
  return Object.fromEntries(
    Object.entries(row).filter(([name]) => ![...KIND, ...TIME].includes(name)),
  );
}

/** `2026-01-31T09:05:23.100Z`, and as psql writes it: `2026-01-31 09:05:23.1+00`. */
function readMoment(value: unknown): Date | undefined {
  if (typeof value !== 'string') return undefined;
  const found =
    /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d(?:\.\d+)?)(?:Z|([+-]\d\d)(?::?(\d\d))?)?$/.exec(
      value.trim(),
    );
  if (!found) return undefined;
  const [, day = '', time = '', hours, minutes = '00'] = found;
  const moment = new Date(`${day}T${time}${hours ? `${hours}:${minutes}` : 'Z'}`);
  return Number.isNaN(moment.getTime()) ? undefined : moment;
}

function firstOf(row: Record<string, unknown>, names: string[]): unknown {
  const name = names.find((candidate) => row[candidate] !== undefined && row[candidate] !== null);
  return name && row[name];
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The calls of a trace as text; undefined when its events do not add up to any. */
export function tellCalls(traced: Traced[], timezone: string): string | undefined {
  const groups = byOwner(traced).flatMap((events) => groupIntoCalls(events));
  const told = groups.flatMap((events) => {
    const call = foldCall(events, { timezone });
    return call ? [{ call, events }] : [];
  });
  if (told.length === 0) return undefined;
  const unused = groups.flat().length - told.flatMap(({ events }) => events).length;
  const calls = told.map(({ call, events }, index) => {
    const description = describeCall(call, events, { timezone });
    const { heading, moments, people, outcome, delaySeconds } = description;
    const start = Math.min(+call.startedAt, ...moments.map(({ at }) => +at));
    const steps = moments.map(({ at, text }) => {
      const after = `+${formatSeconds(Math.max(0, Math.round((+at - start) / 1000)))}`;
      return `${after.padStart(7)}  ${formatInZone(at, timezone).slice(11)}  ${text}`;
    });
    const late = delaySeconds > 0 ? `, события приходили на ${delaySeconds} с позже` : '';
    return [
      `Звонок ${index + 1} из ${told.length}: ${heading}`,
      `${formatInZone(call.startedAt, timezone).slice(0, 10)}, часы АТС (${timezone})${late}; главный канал ${call.mainUniqueId}, событий ${events.length}`,
      '',
      ...steps,
      '',
      ...people,
      `Итог: ${outcome}`,
    ].join('\n');
  });
  if (unused > 0) calls.push(`Событий, которые ни к какому звонку не относятся: ${unused}`);
  return calls.join('\n\n');
}

/** Calls are put together within one enterprise. Whose event nobody says belongs to the only one there is. */
function byOwner(traced: Traced[]): CallEvent[][] {
  const [only, ...others] = new Set(traced.flatMap(({ owner }) => owner ?? []));
  const groups = Map.groupBy(traced, ({ owner }) => (others.length === 0 ? only : owner));
  return [...groups.values()].map((group) => group.map(({ event }) => event));
}

function isTimezone(name: string): boolean {
  try {
    return Boolean(new Intl.DateTimeFormat('ru', { timeZone: name }));
  } catch {
    return false;
  }
}

/** Returns the exit code. */
function run(): number {
  let options;
  try {
    options = parseArgs({
      allowPositionals: true,
      options: { timezone: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
    });
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n\n${HELP}`);
    return 2;
  }
  const { values, positionals } = options;
  if (values.help) {
    console.log(HELP);
    return 0;
  }
  const [file, ...more] = positionals;
  if (file === undefined || more.length > 0) {
    console.error(HELP);
    return 2;
  }
  if (values.timezone !== undefined && !isTimezone(values.timezone)) {
    console.error(`Часового пояса «${values.timezone}» нет. Например: --timezone ${DEFAULT_ZONE}`);
    return 2;
  }
  return tell(file, values.timezone);
}

function tell(file: string, timezone: string | undefined): number {
  let text: string;
  try {
    text = readFileSync(file === '-' ? 0 : file, 'utf8');
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    console.error(`Файл ${file} не читается: ${why}`);
    return 1;
  }
  const read = readTrace(text);
  for (const problem of read.problems) console.error(`${problem} — пропущено`);
  const told = tellCalls(read.events, timezone ?? read.timezone ?? DEFAULT_ZONE);
  if (told === undefined) {
    console.error(`Звонков не найдено: прочитано событий ${read.events.length}`);
    return 1;
  }
  console.log(told);
  return 0;
}

if (import.meta.main) process.exitCode = run();
