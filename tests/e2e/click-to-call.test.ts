import { beforeEach, describe, expect, test } from 'vitest';
import * as z from 'zod';

import { chat, control, db, eventually, freshStart, ports, post } from './stack.ts';

const API = `http://127.0.0.1:${ports.http}`;
const SECRET = 'demo-secret-0367';
let counter = 0;

beforeEach(async () => {
  await freshStart();
  await db`delete from originates`;
  const phones = { ringAgentMs: 300, ringClientMs: 300, talkMs: 500 };
  await control('asterisk/0367', { mode: 'ok', phones });
});

const newPhone = () => `37529111${String(5000 + (counter += 1))}`;
const Box = z.object({
  originated: z.array(z.object({ extension: z.string(), phone: z.string() })),
  channels: z.array(z.looseObject({ name: z.string() })),
});
const box = async () => Box.parse(await control('asterisk/0367'));
const click = async (query: Record<string, string>) =>
  fetch(
    `${API}/api/makecallexternal?${new URLSearchParams({ clientId: SECRET, ...query }).toString()}`,
  );
const State = z.object({
  state: z.string(),
  reason: z.string().nullable(),
  call_id: z.string().nullable(),
});
const stateOf = async (id: string) =>
  State.parse(await (await fetch(`${API}/api/originates/${id}?clientId=${SECRET}`)).json());

describe('click-to-call', () => {
  test('rings, and the events of the box tell how it went on', async () => {
    const phone = newPhone();
    const answer = await click({ code: '150', phone: `+${phone}` });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('access-control-allow-origin')).toBe('*');
    const { originate_id: id } = z.object({ originate_id: z.string() }).parse(await answer.json());
    expect((await box()).originated).toEqual([
      expect.objectContaining({ extension: '150', phone: `+${phone}` }),
    ]);

    const seen = new Set<string>();
    const last = await eventually(
      async () => {
        const now = await stateOf(id);
        seen.add(now.state);
        return now;
      },
      ({ state }) => state === 'ended' || state === 'failed',
      20_000,
    );
    expect(last).toMatchObject({ state: 'ended', reason: null, call_id: expect.any(String) });
    expect([...seen]).toContain('talking');
    const calls =
      await db`select direction, click_to_call, status from calls where id = ${last.call_id}`;
    expect(calls).toMatchObject([{ direction: 'out', click_to_call: true, status: 'answered' }]);
    expect((await box()).channels).toEqual([]);
  });

  test('a client who does not answer', async () => {
    await control('asterisk/0367', { phones: { client: 'busy' } });
    const answer = await click({ code: '150', phone: newPhone() });
    const { originate_id: id } = z.object({ originate_id: z.string() }).parse(await answer.json());
    const last = await eventually(
      () => stateOf(id),
      ({ state }) => state === 'failed',
      20_000,
    );
    expect(last).toMatchObject({ state: 'failed' });
  });

  test('a box that is stopped is named', async () => {
    await control('asterisk/0367', { mode: 'stopped' });
    const answer = await click({ code: '150', phone: newPhone() });
    expect(answer.status).toBe(500);
    expect(await answer.json()).toMatchObject({
      detail: 'Call initiation failed: Asterisk is not running',
    });
  });
});

test('a button below a missed call calls back from the extension of whoever presses', async () => {
  const phone = newPhone();
  const uniqueId = `${Math.floor(Date.now() / 1000)}.9${counter}`;
  const common = {
    Token: '375290000001',
    UniqueId: uniqueId,
    Phone: phone,
    Trunk: '0001363',
    CallType: 0,
  };
  await post('/start', common);
  await post('/dial', { ...common, ExtTrunk: '', ExtPhone: phone, Extensions: ['150', '152'] });
  await post('/hangup', { ...common, CallStatus: '0', Extensions: ['150', '152'] });
  const shown = `111-${phone.slice(-4, -2)}-${phone.slice(-2)}`;
  const find = async () =>
    (await chat()).find(({ text }) => text.includes(shown) && text.includes('❌'));
  const missed = await eventually(find, (message) => message !== undefined);
  const [{ id: callId = '' } = {}] =
    await db`select id from calls where main_unique_id = ${uniqueId}`;

  const press = (message: number, data: string) =>
    control('telegram/press', {
      chat_id: -1_000_000_000_367,
      message_id: message,
      data,
      from: { id: 700_150, first_name: 'Анна' },
    });
  await db`update extensions set telegram_id = null where enterprise_number = '0367'`;
  await press(missed?.message_id ?? 0, `call_back:${callId}`);
  const offer = await eventually(
    async () => (await chat()).find(({ text }) => text.includes('Кто перезванивает')),
    (message) => message !== undefined,
  );
  await press(offer?.message_id ?? 0, `call_back:${callId}:152`);
  const called = await eventually(box, ({ originated }) => originated.length > 0);
  expect(called.originated).toEqual([expect.objectContaining({ extension: '152', phone })]);
  expect(
    await db`select extension from extensions where telegram_id = 700150 and enterprise_number = '0367'`,
  ).toEqual([{ extension: '152' }]);
});
