import { describe, expect } from 'vitest';

import { type Bitrix24World, test } from './bitrix24-fixture.ts';

const REGISTER = 'telephony.externalcall.register';
const FINISH = 'telephony.externalcall.finish';
const ATTACH = 'telephony.externalCall.attachRecord';
const SEARCH = 'telephony.externalCall.searchCrmEntities';

const refused = (error_description: string, error = 'ERROR_CORE', status = 400) => ({
  status,
  body: { error, error_description },
});

describe('batch', () => {
  const batch = (world: Bitrix24World, cmd: Record<string, string>, halt = 1) =>
    world.rest('batch', { halt, cmd });

  test('runs commands in order, and lets them refer to each other', async ({ world }) => {
    const { status, body } = await batch(world, {
      reg: `${REGISTER}?USER_ID=26&PHONE_NUMBER=375291110001&TYPE=2&SHOW=0&CALL_START_DATE=2026-01-31T12%3A05%3A09%2B03%3A00&EXTERNAL_CALL_ID=1.1`,
      fin: `${FINISH}?CALL_ID=$result[reg][CALL_ID]&USER_ID=26&DURATION=95&STATUS_CODE=200`,
      rec: `${ATTACH}?CALL_ID=%24result%5Breg%5D%5BCALL_ID%5D&FILENAME=1.mp3&RECORD_URL=https%3A%2F%2Fx.example%2F1.mp3`,
      who: 'user.get?FILTER[UF_PHONE_INNER]=151',
    });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      result: {
        result: { rec: { FILE_ID: expect.any(Number) }, who: [{ ID: '27' }] },
        result_error: [],
        result_total: { who: 1 },
        result_next: [],
      },
    });
    expect(world.counts()).toMatchObject({ journal: 1, records: 1, cardsShown: 0 });
  });

  test.for([
    [1, ['a'], ['b']],
    [0, ['a', 'c'], ['b']],
  ] as const)(
    'halt %d: a refused command is named, with HTTP 200',
    async ([halt, done, failed], { world }) => {
      const { status, body } = await batch(world, { a: 'profile', b: 'nothing', c: 'scope' }, halt);
      const { result } = body as { result: { result: object; result_error: object } };
      expect([status, Object.keys(result.result), Object.keys(result.result_error)]).toEqual([
        200,
        done,
        failed,
      ]);
    },
  );

  test('an offset that is not encoded loses its plus', async ({ world }) => {
    const { body } = await batch(world, {
      reg: `${REGISTER}?USER_ID=26&PHONE_NUMBER=1&TYPE=2&CALL_START_DATE=2026-01-31T12:05:09+03:00`,
    });
    expect(body).toMatchObject({ result: { result_error: { reg: { error: 'ERROR_CORE' } } } });
  });

  test('takes 50 commands, and none inside another', async ({ world }) => {
    const many = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, index) => [`c${index}`, 'scope']));
    expect((await batch(world, many(50))).status).toBe(200);
    expect(await batch(world, many(51))).toMatchObject(
      refused('Max batch length exceeded', 'ERROR_BATCH_LENGTH_EXCEEDED'),
    );
    expect((await batch(world, { inner: 'batch?cmd[a]=scope' })).body).toMatchObject({
      result: { result_error: { inner: { error: 'ERROR_BATCH_METHOD_NOT_ALLOWED' } } },
    });
  });
});

describe('people and cards', () => {
  test('the search brings contacts first, with their managers', async ({ world }) => {
    expect((await world.rest(SEARCH, { PHONE_NUMBER: '375291110001' })).body).toMatchObject({
      result: [{ CRM_ENTITY_TYPE: 'CONTACT', ASSIGNED_BY: { ID: '27', USER_PHONE_INNER: '151' } }],
    });
    expect(await world.rest(SEARCH)).toMatchObject(refused('PHONE_NUMBER is empty'));
  });

  test('the index of numbers is an empty list where it is empty', async ({ world }) => {
    const find = (values: string[]) =>
      world.rest('crm.duplicate.findbycomm', { type: 'PHONE', values });
    expect((await find(['+375291110001'])).body).toMatchObject({ result: { CONTACT: [651] } });
    expect((await find(['1'])).body).toMatchObject({ result: [] });
    expect(await find(Array.from({ length: 21 }, String))).toMatchObject(
      refused('Wrong value of values'),
    );
    expect(await world.rest('crm.duplicate.findbycomm', { values: ['1'] })).toMatchObject(
      refused('Communication type is not defined.'),
    );
  });

  test('the statistics are for those who may read them', async ({ world }) => {
    const { body } = await world.rest(REGISTER, {
      USER_ID: 26,
      PHONE_NUMBER: '375291110001',
      TYPE: 2,
      EXTERNAL_CALL_ID: '1.1',
    });
    const { CALL_ID } = (body as { result: { CALL_ID: string } }).result;
    await world.rest(FINISH, { CALL_ID, USER_ID: 26 });
    const ask24 = () =>
      world.rest('voximplant.statistic.get', { FILTER: { EXTERNAL_CALL_ID: '1.1' } });
    expect((await ask24()).body).toMatchObject({
      result: [{ CALL_ID, CALL_FAILED_CODE: '304' }],
      total: 1,
    });
    await world.control('bitrix24/demo', { statisticsView: false });
    expect(await ask24()).toMatchObject(refused('Access denied!', 'ACCESS_DENIED', 403));
  });
});

describe('limits', () => {
  test('50 requests at once, then two a second', async ({ world }) => {
    const burst = async (count: number) => {
      const answers = await Promise.all(Array.from({ length: count }, () => world.rest('profile')));
      return answers.filter(({ status }) => status === 200).length;
    };
    expect(await burst(60)).toBe(50);
    expect(await world.rest('profile')).toMatchObject(
      refused('Too many requests', 'QUERY_LIMIT_EXCEEDED', 503),
    );
    world.clock.advance(1_000);
    expect(await burst(5)).toBe(2);
  });

  test('a method that ran 480 seconds rests until its reset; the others go on', async ({
    world,
  }) => {
    await world.control('bitrix24/demo', { operatingCost: { profile: 240 } });
    await world.rest('profile');
    await world.rest('profile');
    const answer = await world.rest('profile');
    const reset = Math.floor((world.clock.now + 600_000) / 1000);
    expect(answer).toMatchObject({
      status: 429,
      body: { error: 'OPERATION_TIME_LIMIT', time: { operating_reset_at: reset } },
    });
    expect((await world.rest('scope')).status).toBe(200);
    world.clock.advance(600_001);
    expect((await world.rest('profile')).status).toBe(200);
  });
});
