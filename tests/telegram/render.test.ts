import { describe, expect, test } from 'vitest';

import { END_STATUSES, LIVE_STATUSES } from '../../shared/calls/call.ts';
import type { ShownCall } from '../../shared/telegram/notify.sql.ts';
import { renderCall } from '../../shared/telegram/render.ts';

/** An incoming call that rings at two desks, at noon in Minsk. */
const CALL: ShownCall = {
  id: '0199a000-0000-7000-8000-000000000001',
  version: 1,
  merged: false,
  direction: 'in',
  status: 'ringing',
  phone: '375291110001',
  line: '0001363',
  caller: null,
  ringing: ['150', '151'],
  rang: ['150', '151'],
  talkers: [],
  transferFrom: null,
  transferTo: null,
  startedAt: new Date('2026-01-31T09:05:00Z'),
  endedAt: null,
  waitSeconds: null,
  talkSeconds: null,
  recordingFile: null,
  enterpriseNumber: '0367',
  timezone: 'Europe/Minsk',
  botToken: null,
  chatId: null,
  pausedReason: null,
  notifyRing: true,
  notifyTalk: true,
  notifyInternal: true,
  callBackButtons: true,
  extensionNames: { '151': 'Борис', '152': 'Вера', '150': null },
  lineNames: { '0001363': 'Отдел продаж' },
  messageChatId: null,
  messageId: null,
  textHash: null,
};
const talker = (extension: string, talking = false) => ({ extension, talking });
const OUT: Partial<ShownCall> = { direction: 'out', ringing: ['151'], rang: ['151'] };
const INTERNAL: Partial<ShownCall> = {
  direction: 'internal',
  phone: null,
  line: null,
  caller: '151',
  ringing: ['152'],
  rang: ['152'],
};

const render = (change: Partial<ShownCall>) =>
  renderCall({ ...CALL, ...change }, 'https://calls.example.com');
const text = (...lines: string[]) => lines.join('\n');

const CLIENT = '💰 +375 (29) 111-00-01';
const LINE = '📡 Отдел продаж';
const BEGAN = '⏰ Начало звонка 12:05';

type Row = [state: string, change: Partial<ShownCall>, lines: string[]];

describe('a living call', () => {
  test.each<Row>([
    ['in the greeting', { status: 'greeting', ringing: [] }, [`${CLIENT} ➡️ Приветствие`, LINE]],
    ['ringing in', {}, ['📞 Входящий звонок', `${CLIENT} ➡️`, '☎️ 150', '☎️ Борис (151)', LINE]],
    ['ringing out', OUT, ['📞 Исходящий звонок', `☎️ Борис (151) ➡️ ${CLIENT}`, LINE]],
    ['ringing inside', INTERNAL, ['📞 Внутренний звонок', '☎️ Борис (151) ➡️', '☎️ Вера (152)']],
    [
      'talking in',
      { status: 'talking', talkers: [talker('151', true)] },
      ['🔗 Идёт входящий разговор', `${CLIENT} 📞 ➡️ ☎️ Борис (151)`, LINE],
    ],
    [
      'talking out',
      { ...OUT, status: 'talking', talkers: [talker('151', true)] },
      ['🔗 Идёт исходящий разговор', `☎️ Борис (151) 📞 ➡️ ${CLIENT}`, LINE],
    ],
    [
      'talking inside',
      { ...INTERNAL, status: 'talking', talkers: [talker('152', true)] },
      ['🔗 Идёт внутренний разговор', '☎️ Борис (151) 📞 ➡️ ☎️ Вера (152)'],
    ],
    [
      'talking after a transfer: who talks now',
      { status: 'talking', talkers: [talker('151'), talker('152', true)] },
      ['🔗 Идёт входящий разговор', `${CLIENT} 📞 ➡️ ☎️ Вера (152)`, LINE],
    ],
    [
      'being passed on',
      { status: 'transferring', transferFrom: '151', transferTo: '152' },
      ['🔀 Перевод звонка: 151 ➡️ 152', CLIENT, LINE],
    ],
  ])('%s', (_state, change, lines) => {
    expect(render(change)).toBe(text(...lines));
  });

  test('being passed on to nobody knows whom leaves the message as it is', () => {
    expect(render({ status: 'transferring' })).toBeUndefined();
  });
});

const MISSED = { ringing: [], waitSeconds: 25, talkSeconds: 0 };
const waited = (...who: string[]) => [...who, LINE, BEGAN, '⌛ Дозванивался: 00:25'];
const ANSWERED = { ringing: [], talkers: [talker('151')], waitSeconds: 10, talkSeconds: 65 };
const talked = (...who: string[]) => [...who, LINE, BEGAN, '⌛ Длительность: 01:05'];

describe('an ended call', () => {
  test.each<Row>([
    [
      'answered, in',
      { ...ANSWERED, status: 'answered' },
      ['✅ Успешный входящий звонок', ...talked(CLIENT, '☎️ Борис (151)')],
    ],
    [
      'answered, out',
      { ...OUT, ...ANSWERED, status: 'answered' },
      ['✅ Успешный исходящий звонок', ...talked(CLIENT, '☎️ Борис (151)')],
    ],
    [
      'missed',
      { ...MISSED, status: 'missed' },
      ['❌ Мы не подняли трубку', ...waited(CLIENT, '☎️ 150', '☎️ Борис (151)')],
    ],
    [
      'abandoned in the greeting',
      { ...MISSED, rang: [], status: 'abandoned' },
      ['❌ Абонент положил трубку', ...waited(CLIENT)],
    ],
    [
      'lost in a transfer',
      { ...ANSWERED, status: 'lost_in_transfer', transferFrom: '151', transferTo: '152' },
      ['⚠️ Разговор потерян при переводе: 151 ➡️ 152', ...talked(CLIENT, '☎️ Борис (151)')],
    ],
    [
      'lost in a transfer to nobody knows whom',
      { ...ANSWERED, status: 'lost_in_transfer' },
      ['⚠️ Разговор потерян при переводе', ...talked(CLIENT, '☎️ Борис (151)')],
    ],
    [
      'not answered, out',
      { ...OUT, ...MISSED, status: 'no_answer' },
      ['❌ Абонент не поднял трубку', ...waited(CLIENT, '☎️ Борис (151)')],
    ],
    [
      'busy',
      { ...OUT, ...MISSED, status: 'busy' },
      ['❌ Занято', ...waited(CLIENT, '☎️ Борис (151)')],
    ],
    [
      'failed',
      { ...OUT, ...MISSED, status: 'failed' },
      ['❌ Вызов не удался', ...waited(CLIENT, '☎️ Борис (151)')],
    ],
    [
      'answered inside',
      { ...INTERNAL, ...ANSWERED, talkers: [talker('152')], status: 'internal_answered' },
      [
        '✅ Успешный внутренний звонок',
        '☎️ Борис (151)',
        '☎️ Вера (152)',
        BEGAN,
        '⌛ Длительность: 01:05',
      ],
    ],
    [
      'missed inside',
      { ...INTERNAL, ...MISSED, status: 'internal_missed' },
      [
        '❌ Коллега не поднял трубку',
        '☎️ Борис (151)',
        '☎️ Вера (152)',
        BEGAN,
        '⌛ Дозванивался: 00:25',
      ],
    ],
  ])('%s', (_state, change, lines) => {
    expect(render(change)).toBe(text(...lines));
  });

  test('names everybody who talked, once', () => {
    const talkers = [talker('151'), talker('152'), talker('151')];
    const names = ['☎️ Борис (151)', '☎️ Вера (152)'];
    const lines = ['✅ Успешный входящий звонок', ...talked(CLIENT, ...names)];
    expect(render({ ...ANSWERED, status: 'answered', talkers })).toBe(text(...lines));
  });

  test.each([
    [0, '00:00'],
    [59, '00:59'],
    [600, '10:00'],
    [3725, '62:05'],
  ])('%d seconds of talk read %s', (talkSeconds, shown) => {
    expect(render({ ...ANSWERED, status: 'answered', talkSeconds })).toContain(
      `Длительность: ${shown}`,
    );
  });

  test.each([
    ['Europe/Warsaw', '10:05'],
    ['Asia/Almaty', '14:05'],
    ['UTC', '09:05'],
  ])('its clock is that of %s', (timezone, shown) => {
    expect(render({ ...MISSED, status: 'missed', timezone })).toContain(`Начало звонка ${shown}`);
  });
});

describe('what the enterprise does not want to hear', () => {
  const shown = (change: Partial<ShownCall>) =>
    [...LIVE_STATUSES, ...END_STATUSES].filter((status) => {
      const transfer = { transferFrom: '151', transferTo: '152' };
      return render({ ...transfer, ...change, status }) !== undefined;
    });

  test.each<[string, Partial<ShownCall>, string[]]>([
    ['nothing', {}, []],
    ['rings', { notifyRing: false }, ['greeting', 'ringing']],
    ['talks', { notifyTalk: false }, ['talking', 'transferring']],
    ['internal calls, when there is none', { notifyInternal: false }, []],
    [
      'internal calls',
      { notifyInternal: false, direction: 'internal' },
      [...LIVE_STATUSES, ...END_STATUSES],
    ],
  ])('%s', (_what, change, silent) => {
    const all = [...LIVE_STATUSES, ...END_STATUSES];
    expect(shown(change)).toEqual(all.filter((status) => !silent.includes(status)));
  });
});

describe('names', () => {
  test('are escaped, whoever gave them', () => {
    const rendered = render({
      ringing: ['150', '<151>'],
      extensionNames: { '150': 'Пётр & <b>Ко</b>' },
      lineNames: { '0001363': '<Линия> & "касса"' },
    });
    expect(rendered).toBe(
      text(
        '📞 Входящий звонок',
        `${CLIENT} ➡️`,
        '☎️ Пётр &amp; &lt;b&gt;Ко&lt;/b&gt; (150)',
        '☎️ &lt;151&gt;',
        '📡 &lt;Линия&gt; &amp; "касса"',
      ),
    );
  });

  test('of a transfer are escaped too', () => {
    const change = { transferFrom: '<151>', transferTo: '1&2', status: 'transferring' } as const;
    expect(render(change)).toContain('&lt;151&gt; ➡️ 1&amp;2');
  });

  test.each([
    [4, false],
    [5, true],
  ])('%d of them fold into a quote: %s', (count, folded) => {
    const ringing = Array.from({ length: count }, (_, index) => String(150 + index));
    const names = ['☎️ 150', '☎️ Борис (151)', '☎️ Вера (152)', '☎️ 153', '☎️ 154'].slice(0, count);
    const list = folded ? `<blockquote expandable>${text(...names)}</blockquote>` : text(...names);
    expect(render({ ringing })).toBe(text('📞 Входящий звонок', `${CLIENT} ➡️`, list, LINE));
  });

  test('that nobody gave are left out: the line by its id, the desk by its number', () => {
    expect(render({ lineNames: {}, extensionNames: {}, ringing: ['151'] })).toBe(
      text('📞 Входящий звонок', `${CLIENT} ➡️`, '☎️ 151', '📡 0001363'),
    );
  });

  test('a line that is not known is not shown', () => {
    expect(render({ line: null, ringing: ['150'] })).toBe(
      text('📞 Входящий звонок', `${CLIENT} ➡️`, '☎️ 150'),
    );
  });
});

describe('numbers', () => {
  test.each([
    ['hidden', null, 'Номер не определён'],
    ['of Belarus', '375291110001', '+375 (29) 111-00-01'],
    ['of Russia', '74950000000', '+7 (495) 000-00-00'],
    ['of Poland', '48221110001', '+48 (22) 111-00-01'],
    ['short', '103', '103'],
    ['that are no numbers at all', '<103>', '&lt;103&gt;'],
  ])('%s', (_what, phone, shown) => {
    expect(render({ phone, status: 'greeting' })).toBe(text(`💰 ${shown} ➡️ Приветствие`, LINE));
  });

  test('of a mobile that took the call read like those of clients', () => {
    const talkers = [talker('375297770007')];
    const rendered = render({ ...ANSWERED, status: 'answered', talkers });
    expect(rendered).toContain('☎️ +375 (29) 777-00-07');
  });

  test('of a mobile in a transfer too', () => {
    const rendered = render({
      ...ANSWERED,
      status: 'lost_in_transfer',
      transferFrom: '150',
      transferTo: '375297770007',
    });
    expect(rendered).toContain('150 ➡️ +375 (29) 777-00-07');
  });
});
