import { v7 as newUuid } from 'uuid';
import { describe, expect, test } from 'vitest';

import { formatInZone } from '../../shared/zoned-time.ts';
import { tone } from '../peers/sftp-files.ts';
import { NUMBER, TOKEN, useDatabase } from '../support/database.ts';
import { CDR, FOLDER, useBox } from './world.ts';

const { db } = useDatabase();
const world = useBox(db);
const { files } = world;

const ZONE = 'Europe/Minsk';
const NOW = Math.floor(Date.now() / 1000);
const local = (second: number) => formatInZone(new Date(second * 1000), ZONE);

type Said = {
  start: number;
  answer?: number;
  end: number;
  id?: string;
  linked?: string;
  source?: string;
  destination?: string;
  channel?: string;
  other?: string;
  disposition?: string;
};

/** A line as `cdr_csv` writes it. */
function line(said: Said): string {
  const { start, answer, end, id, linked } = said;
  const { source = '375291110001', destination = '150', disposition } = said;
  const { channel = `SIP/0001363-${String(start)}`, other = `SIP/150-${String(start)}` } = said;
  const answered = answer === undefined ? 'NO ANSWER' : 'ANSWERED';
  const fields = [
    '',
    source,
    destination,
    'from-trunk',
    `"""Client"" <${source}>"`,
    channel,
    other,
    'Dial',
    'SIP/150,30',
    local(start),
    answer === undefined ? '' : local(answer),
    local(end),
  ].map((field) => (field.startsWith('"') ? field : `"${field}"`));
  const tail = [`"${disposition ?? answered}"`, '"DOCUMENTATION"'];
  const ids = id === undefined ? [] : [`"${id}"`, '""'];
  const newest = linked === undefined ? [] : ['""', `"${linked}"`, '7'];
  const seconds = [end - start, answer === undefined ? 0 : end - answer];
  return `${[...fields, ...seconds, ...tail, ...ids, ...newest].join(',')}\n`;
}

/** A call that arrives as events. */
async function live(id: string, start: number, end: number, phone = '375291110001') {
  const common = { Token: TOKEN, UniqueId: id, Phone: phone, Trunk: '0001363', CallType: 0 };
  await store('start', common, start);
  await store(
    'hangup',
    {
      ...common,
      CallStatus: '2',
      Extensions: ['150'],
      StartTime: local(start),
      EndTime: local(end),
      DateReceived: local(start),
    },
    end,
  );
}

async function store(kind: string, body: Record<string, unknown>, second: number) {
  const at = new Date(second * 1000);
  const id = newUuid({ msecs: +at });
  await db`
    insert into call_events (id, enterprise_number, event_type, unique_id, payload, raw, received_at)
    values (${id}, ${NUMBER}, ${kind}, ${String(body['UniqueId'])}, ${db.json(JSON.parse(JSON.stringify(body)))}, '', ${at})`;
  await world.tracker.track({ eventId: id });
}

const calls = () => db`
  select main_unique_id, source, status, direction, phone, line, last_talked_by, talk_seconds, wait_seconds
  from calls where merged_into is null order by started_at`;
const owed = () => db`select step, state from deliveries order by id`;

const PAST = NOW - 3600;
/** A stored event never changes: each case has a channel of its own. */
let serial = 100;
const ANSWERED: Said = { start: PAST, answer: PAST + 10, end: PAST + 70, id: `${PAST}.1` };

test(
  'of 1,000 calls on the box 3 % never arrived: all 1,000 are in the database, each once',
  { timeout: 180_000 },
  async () => {
    const began = NOW - 20_000;
    const all = Array.from({ length: 1000 }, (_, index) => {
      const start = began + index * 15;
      return { id: `${start}.${index}`, start, end: start + 12, phone: `37529${1000000 + index}` };
    });
    const lost = new Set(all.filter((_call, index) => index % 33 === 32).map(({ id }) => id));
    for (const { id, start, end, phone } of all)
      if (!lost.has(id)) await live(id, start, end, phone);
    const lines = all.map(({ id, start, end, phone }) =>
      line({ id, start, answer: start + 2, end, source: phone }),
    );
    files.text(CDR, lines.slice(0, 400).join(''));
    await world.look();
    files.text(CDR, lines.slice(0, 700).join('') + (lines[700] ?? '').slice(0, 40));
    await world.look();
    // Rotated in between.
    files.text(`${CDR}.1`, lines.slice(0, 900).join(''));
    files.text(CDR, lines.slice(900).join(''));
    await world.look();
    await world.look();

    const stored = await db`select main_unique_id, source from calls where merged_into is null`;
    expect(lost.size).toBe(30);
    expect(stored).toHaveLength(1000);
    expect(new Set(stored.map(({ mainUniqueId }) => String(mainUniqueId))).size).toBe(1000);
    const found = stored.filter(({ source }) => source === 'downloaded');
    expect(new Set(found.map(({ mainUniqueId }) => String(mainUniqueId)))).toEqual(lost);
  },
);

describe('a call that never arrived', () => {
  test('is made as the list tells it, and owes one journal entry', async () => {
    files.text(CDR, line(ANSWERED));
    expect(await world.look()).toMatchObject({ callsOfCdr: 1, cdrLines: 1 });
    expect(await calls()).toEqual([
      {
        mainUniqueId: ANSWERED.id,
        source: 'downloaded',
        status: 'answered',
        direction: 'in',
        phone: '375291110001',
        line: '0001363',
        lastTalkedBy: '150',
        talkSeconds: 60,
        waitSeconds: 10,
      },
    ]);
    expect(await owed()).toEqual([{ step: 'download', state: 'pending' }]);
    expect(await db`select 1 from calls where telegram_version < version`).toEqual([]);
  });

  test.each([
    [{ disposition: 'NO ANSWER' }, 'in', 'missed'],
    [{ other: '', disposition: 'ANSWERED' }, 'in', 'abandoned'],
    [
      {
        source: '151',
        destination: '375291110001',
        channel: 'SIP/151-1',
        other: 'SIP/0001366-1',
        disposition: 'BUSY',
      },
      'out',
      'busy',
    ],
    [
      {
        source: '151',
        destination: '375291110001',
        channel: 'SIP/151-1',
        other: 'SIP/0001366-1',
        disposition: 'NO ANSWER',
      },
      'out',
      'no_answer',
    ],
    [
      {
        source: '151',
        destination: '375291110001',
        channel: 'SIP/151-1',
        other: 'SIP/0001366-1',
        answer: PAST + 4,
      },
      'out',
      'answered',
    ],
    [
      {
        source: '151',
        destination: '152',
        channel: 'SIP/151-1',
        other: 'SIP/152-1',
        answer: PAST + 4,
      },
      'internal',
      'internal_answered',
    ],
    [
      { source: '151', destination: '152', channel: 'SIP/151-1', other: 'SIP/152-1' },
      'internal',
      'internal_missed',
    ],
  ])('%o is %s, %s', async (change, direction, status) => {
    files.text(
      CDR,
      line({ start: PAST, end: PAST + 30, id: `${PAST}.${(serial += 1)}`, ...change }),
    );
    await world.look();
    expect(await calls()).toMatchObject([{ direction, status }]);
  });

  test('is not made before ten minutes have passed since its end', async () => {
    const end = NOW - 300;
    files.text(CDR, line({ start: end - 60, answer: end - 50, end, id: `${end - 60}.1` }));
    expect(await world.look()).toMatchObject({ callsOfCdr: 0 });
    expect(await calls()).toEqual([]);
    const later = () => new Date((NOW + 400) * 1000);
    expect(await world.look({ clock: later })).toMatchObject({ callsOfCdr: 1 });
  });

  test('is one call of several legs', async () => {
    const main = `${PAST}.1`;
    files.text(
      CDR,
      [
        line({ start: PAST, answer: PAST + 5, end: PAST + 60, id: main, linked: main }),
        line({
          start: PAST + 30,
          answer: PAST + 35,
          end: PAST + 50,
          id: `${PAST + 30}.4`,
          linked: main,
          source: '150',
          destination: '152',
          channel: 'SIP/150-00000009',
          other: 'SIP/152-0000000a',
        }),
      ].join(''),
    );
    await world.look();
    expect(await calls()).toMatchObject([{ mainUniqueId: main, status: 'answered' }]);
    expect(await db`select count(*)::int as legs from call_legs`).toEqual([{ legs: 2 }]);
  });

  test('is joined by events that come after all, which owe nothing new', async () => {
    files.text(CDR, line(ANSWERED));
    await world.look();
    await live(ANSWERED.id ?? '', PAST, PAST + 70);
    expect(await calls()).toHaveLength(1);
    expect(await owed()).toEqual([{ step: 'download', state: 'pending' }]);
  });

  test('of long ago is history: made, and nobody is told', async () => {
    const start = NOW - 30 * 86_400;
    files.text(CDR, line({ start, answer: start + 5, end: start + 60, id: `${start}.1` }));
    await world.look();
    expect(await calls()).toHaveLength(1);
    expect(await owed()).toEqual([]);
  });
});

test('a call whose hangup was lost is ended by the list', async () => {
  const common = {
    Token: TOKEN,
    UniqueId: `${PAST}.1`,
    Phone: '375291110001',
    Trunk: '0001363',
    CallType: 0,
  };
  await store('start', common, PAST);
  files.text(CDR, line(ANSWERED));
  expect(await world.look()).toMatchObject({ callsOfCdr: 0 });
  expect(await calls()).toMatchObject([{ source: 'live', status: 'answered' }]);
});

describe('the list', () => {
  test('of a box that writes UTC is read as such', async () => {
    const utc = (second: number) =>
      new Date(second * 1000).toISOString().slice(0, 19).replace('T', ' ');
    const text = line(ANSWERED);
    const inUtc = [PAST, PAST + 10, PAST + 70].reduce(
      (whole, second) => whole.replace(local(second), utc(second)),
      text,
    );
    files.text(CDR, inUtc);
    await world.look();
    expect(await db`select started_at from calls`).toEqual([{ startedAt: new Date(PAST * 1000) }]);
  });

  test('without unique ids is matched by number and start, and says so', async () => {
    await live(`${PAST}.1`, PAST, PAST + 70);
    const without = (said: Said) => {
      const { id: _id, ...rest } = said;
      return line(rest);
    };
    files.text(
      CDR,
      without({ ...ANSWERED, start: PAST + 4 }) + without({ ...ANSWERED, start: PAST + 40 }),
    );
    expect(await world.look()).toMatchObject({ callsOfCdr: 1 });
    await world.look();
    expect(await calls()).toHaveLength(2);
    expect(await db`select cdr_without_ids from recording_syncs`).toEqual([
      { cdrWithoutIds: true },
    ]);
  });

  test('that was rotated away says so', async () => {
    files.text(CDR, line(ANSWERED));
    await world.look();
    files.text(
      CDR,
      line({
        ...ANSWERED,
        start: PAST + 100,
        end: PAST + 170,
        id: `${PAST + 100}.3`,
        source: '375291110009',
      }),
    );
    await world.look();
    expect(await calls()).toHaveLength(2);
    expect(await world.problem()).toContain('rotated');
  });

  test('with garbage in it goes on behind it', async () => {
    files.text(CDR, `garbage\n"half a line\n${line(ANSWERED)}`);
    expect(await world.look()).toMatchObject({ callsOfCdr: 1, cdrUnreadable: 2 });
  });

  test.each(['open', 'read', 'close'] as const)('cut at %s is read on', async (cutAt) => {
    files.text(CDR, line(ANSWERED));
    files.fault({ cutAt });
    await world.look();
    files.fault({});
    await world.look();
    expect(await calls()).toHaveLength(1);
  });
});

describe('a recording', () => {
  test('is tied to its call by any of its channels; the call owes it', async () => {
    await live(`${PAST}.1`, PAST, PAST + 70);
    await db`insert into call_legs select enterprise_number, ${`${PAST}.2`}, call_id from call_legs`;
    files.put(`${FOLDER}/${PAST}.2.wav`, tone(3), { ageSeconds: 60 });
    expect(await world.look()).toMatchObject({ tied: 1 });
    expect(await owed()).toMatchObject([{ step: 'hangup' }, { step: 'recording' }]);
    await world.look();
    expect(await owed()).toHaveLength(2);
  });

  test('of a call that lives waits for its end', async () => {
    const common = { Token: TOKEN, UniqueId: `${PAST}.1`, Phone: '375291110001', CallType: 0 };
    await store('start', common, PAST);
    files.put(`${FOLDER}/${PAST}.1.wav`, tone(3));
    expect(await world.look()).toMatchObject({ stored: 1, tied: 0 });
    await store(
      'hangup',
      { ...common, CallStatus: '2', StartTime: local(PAST), EndTime: local(PAST + 9) },
      PAST + 9,
    );
    expect(await world.look()).toMatchObject({ tied: 1 });
  });

  test('of a channel that nobody told of makes its call, ten minutes after its end', async () => {
    const young = NOW - 120;
    files.put(`${FOLDER}/${PAST}.5.wav`, tone(20), { ageSeconds: 3000 });
    files.put(`${FOLDER}/${young}.6.wav`, tone(20), { ageSeconds: 90 });
    expect(await world.look()).toMatchObject({ stored: 2, callsOfRecordings: 1, tied: 1 });
    expect(await calls()).toMatchObject([
      { mainUniqueId: `${PAST}.5`, source: 'downloaded', status: 'answered', talkSeconds: 20 },
    ]);
    expect(await owed()).toMatchObject([{ step: 'download' }]);
    const later = () => new Date((NOW + 700) * 1000);
    expect(await world.look({ clock: later })).toMatchObject({ callsOfRecordings: 1, tied: 1 });
    expect(await calls()).toHaveLength(2);
  });

  test('of a call that the list tells of is tied to that one', async () => {
    files.text(CDR, line(ANSWERED));
    files.put(`${FOLDER}/${PAST}.1.wav`, tone(60), { ageSeconds: 3000 });
    expect(await world.look()).toMatchObject({ callsOfCdr: 1, callsOfRecordings: 0, tied: 1 });
    expect(await owed()).toMatchObject([{ step: 'download' }]);
  });
});
