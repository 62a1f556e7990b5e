import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

import { describe, expect, test } from 'vitest';
import * as z from 'zod';

import { readTrace, tellCalls } from '../../infra/trace.ts';

const FOLDER = 'events/asterisk';
const MINSK = 'Europe/Minsk';
const fixture = (name: string) => readFileSync(`${FOLDER}/${name}.json`, 'utf8');
const tell = (text: string, timezone = MINSK) => tellCalls(readTrace(text).events, timezone) ?? '';

/** What was told of a scenario, without the heading. */
function told(name: string) {
  const lines = tell(fixture(name)).split('\n');
  return {
    steps: lines.filter((line) => /^ +\+/.test(line)).map((line) => line.trim()),
    outcome: lines.at(-1) ?? '',
    text: lines.join('\n'),
  };
}

describe('a call is told', () => {
  test('from the ring over the consult to the colleague who took the client', () => {
    const { text, steps, outcome } = told('in-consult-accepted');
    expect(text).toContain(
      'Звонок 1 из 1: входящий, от +375 (29) 111-00-36 на линию 0001363\n2025-09-16, часы АТС (Europe/Minsk), события приходили на 6 с позже',
    );
    expect(steps).toEqual([
      '+0:00  09:12:47  клиент +375 (29) 111-00-36 звонит на линию 0001363',
      '+0:00  09:12:48  звонят: 151',
      '+0:07  09:12:54  151 говорит с клиентом',
      '+0:30  09:13:17  151 закончил говорить с клиентом, 0:23',
      '+0:30  09:13:18  151 звонит 152, клиент ждёт',
      '+0:36  09:13:23  151 говорит с 152, клиент ждёт',
      '+0:45  09:13:33  152 говорит с клиентом',
      '+1:15  09:14:02  152 закончил говорить с клиентом, 0:30',
      '+1:15  09:14:03  конец звонка: АТС пишет «с разговором (CallStatus 2)»',
    ]);
    expect(text).toContain('Кто говорил: 151 (0:23), 152 (0:30)\nКто кому передал: 151 → 152\n');
    expect(outcome).toBe(
      'Итог: Отвечен — АТС соединила клиента с 151, последним говорил 152; разговор 0:53.',
    );
  });

  test('lost in a transfer: who passed the client on, and who did not answer', () => {
    expect(told('out-blind-nobody')).toMatchObject({
      steps: expect.arrayContaining([
        expect.stringMatching(/звонивший отключился: АТС пишет «с разговором/),
        expect.stringMatching(/152 не ответил на перевод$/),
      ]),
      text: expect.stringContaining('Кто кому передал: 151 → 152 (не принят)'),
      outcome:
        'Итог: Потерян при переводе — 151 говорил с клиентом и передал его на 152, но там никто не ответил; АТС закончила звонок: без ответа (CallStatus 0).',
    });
  });

  test.each([
    ['in-group-missed', /^Итог: Пропущен — звонили 150, 151, 152, никто не ответил за 0:40; /],
    ['in-greeting-group-missed.b', /^Итог: Клиент положил трубку во время приветствия — /],
    ['out-line-busy.b', /^Итог: Занято — .*нет свободного канала на линии \(Cause 34\)\.$/],
    ['out-forbidden', /^Итог: Вызов не удался — .*направление запрещено \(Cause 57\)\.$/],
    ['out-no-answer', /^Итог: Клиент не ответил — .*без ответа \(CallStatus 0\)\.$/],
    ['internal-answered', /^Итог: Внутренний, отвечен — АТС соединила 150 с 151; разговор 0:34\.$/],
    ['internal-department-missed', /^Итог: .* — 151, 152, 153 не ответили за 0:25; /],
  ])('%s: why it ended so', (name, outcome) => {
    expect(told(name).outcome).toMatch(outcome);
  });

  test('a box without bridges: in order, without making up when somebody answered', () => {
    expect(told('in-chain-of-two-transfers.b').steps.map((step) => step.slice(17))).toEqual([
      'клиент +375 (29) 111-00-51 звонит на линию 0001363',
      'звонят: 151',
      'отвечает 151: когда именно, эта АТС не сообщает',
      'дальше говорит 152',
      'дальше говорит 153',
      'конец звонка: АТС пишет «с разговором (CallStatus 2)»',
    ]);
  });

  test('a hidden number, and a call that still goes on', () => {
    expect(told('in-loop-desk.b').steps[0]).toContain('клиент (номер не определён) звонит');
    const { events } = z
      .object({ events: z.array(z.unknown()) })
      .parse(JSON.parse(fixture('in-group-answered')));
    expect(tell(JSON.stringify(events.slice(0, 3)))).toMatch(
      /Итог: Звонок идёт: ещё никто не ответил — события «hangup» главного канала \S+ ещё не было\.$/,
    );
  });

  test('on the clock that is asked for', () => {
    expect(tell(fixture('in-group-missed'), 'Asia/Tashkent')).toContain('(Asia/Tashkent)');
  });

  const NAMES = readdirSync(FOLDER).map((file) => file.replace('.json', ''));
  test.each(NAMES)('%s: in one sentence, in order, without secrets', (name) => {
    const { text, steps, outcome } = told(name);
    const times = steps.map((step) => step.slice(7, 15));
    expect(times.length).toBeGreaterThan(0);
    expect(times.toSorted()).toEqual(times);
    expect(outcome).toMatch(/^Итог: [А-Я].* — .+\.$/);
    expect(text).not.toMatch(/undefined|null|NaN|Invalid|375290000001/);
  });
});

const START = { UniqueId: '1.1', Phone: '375291110001', Trunk: '0001363', CallType: 0 };
const AT = '2026-01-31T09:05:23.100Z';

describe('an event is read', () => {
  test.each<[string, object]>([
    ['of a fixture', { at: AT, kind: 'start', body: START }],
    ['of the answer for a call', { received_at: AT, event: 'start', payload: START, id: 'a' }],
    ['of call_events', { received_at: AT, event_type: 'start', payload: START, id: 'a' }],
    ['of asterisk_logs', { timestamp: AT, event_type: 'start', event_data: START, id: 17 }],
    ['as psql writes it', { received_at: '2026-01-31 12:05:23.1+03', event: 'start', body: START }],
    ['without a zone: UTC', { timestamp: '2026-01-31 09:05:23.1', event: 'start', body: START }],
    ['with its fields beside it', { at: AT, event: 'start', ...START }],
    ['with the body as text', { at: AT, event: 'start', body: JSON.stringify(START) }],
    ['with the body in base64', { at: AT, event: 'start', body: btoa(JSON.stringify(START)) }],
  ])('%s', (_what, row) => {
    const { events, problems } = readTrace(JSON.stringify(row));
    expect(problems).toEqual([]);
    expect(events).toMatchObject([
      { event: { kind: 'start', uniqueId: '1.1', phone: START.Phone, receivedAt: new Date(AT) } },
    ]);
  });

  test('in lines, in a list, or as the events of something', () => {
    const rows = [1, 2].map((second) => ({
      at: `2026-01-31T09:05:2${second}Z`,
      kind: 'start',
      body: START,
    }));
    const shapes = [
      rows.map((row) => JSON.stringify(row)).join('\r\n'),
      JSON.stringify(rows, null, 2),
      JSON.stringify({ title: 'a fixture', events: rows, timezone: MINSK }, null, 2),
    ];
    for (const shape of shapes) expect(readTrace(shape)).toMatchObject({ events: [{}, {}] });
  });

  test('what cannot be read is named by its line, and the rest is told', () => {
    const good = JSON.stringify({ at: AT, kind: 'start', body: START });
    const lines = [
      'oops',
      '',
      good,
      '[1]',
      '{"kind":"ring"}',
      '{"kind":"start","at":"yesterday"}',
      `{"kind":"start","at":"${AT}"}`,
      '{}',
    ];
    const { events, problems } = readTrace(lines.join('\n'));
    expect(events).toHaveLength(1);
    expect(problems).toEqual([
      'строка 1: не JSON',
      'строка 4: не событие',
      'строка 5: вид "ring" неизвестен',
      'строка 6: нет времени, или его не понять',
      expect.stringMatching(/^строка 7: тело события start не читается: UniqueId /),
      'строка 8: нет вида события',
    ]);
  });
});

test('calls of several enterprises at the same time stay apart', () => {
  const rows = ['0367', '0368'].map((enterprise_number) =>
    JSON.stringify({ at: AT, kind: 'start', body: START, enterprise_number }),
  );
  expect(tell(rows.join('\n'))).toContain('Звонок 2 из 2');
  expect(tell([rows[0], rows[0]].join('\n'))).toContain('Звонок 1 из 1');
});

describe('npm run trace', () => {
  const run = (args: string[], input = '') =>
    spawnSync(process.execPath, ['infra/trace.ts', ...args], { input, encoding: 'utf8' });
  const line = JSON.stringify({ at: AT, kind: 'start', body: START });

  test('tells a file', () => {
    const { status, stdout, stderr } = run([`${FOLDER}/internal-missed.json`]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toContain('Итог: Внутренний, без ответа');
  });

  test('tells what is piped in, and names the bad line', () => {
    const { status, stdout, stderr } = run(['-', '--timezone', 'UTC'], `${line}\noops\n`);
    expect(status).toBe(0);
    expect(stdout).toContain('09:05:23  клиент +375 (29) 111-00-01 звонит');
    expect(stderr).toBe('строка 2: не JSON — пропущено\n');
  });

  test.each([
    [0, 'help', ['--help'], ''],
    [1, 'no such file', ['/nowhere'], ''],
    [1, 'no call in it', ['-'], 'oops'],
    [2, 'no file named', [], ''],
    [2, 'two files', ['a', 'b'], ''],
    [2, 'an unknown option', ['--zone', 'UTC', '-'], line],
    [2, 'an unknown time zone', ['--timezone', 'Mars', '-'], line],
  ])('ends with %d: %s', (status, _why, args, input) => {
    expect(run(args, input).status).toBe(status);
  });
});
