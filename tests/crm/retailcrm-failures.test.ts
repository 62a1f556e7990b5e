import { describe, expect, test } from 'vitest';

import { VendorFailure } from '../../shared/crm/failure.ts';
import { retailcrm } from '../../shared/crm/retailcrm/crm.ts';
import { OutboundError } from '../../shared/outbound.ts';
import { CALL } from '../support/crm-call.ts';
import { type Context, EVENT, listening, refusing, stepOf } from './retailcrm-world.ts';

describe('what a refusal means', () => {
  const failureOf = async (context: Context): Promise<VendorFailure> => {
    const step = stepOf('download');
    const error: unknown = await retailcrm
      .deliver(step, CALL, context)
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(VendorFailure);
    return error as VendorFailure;
  };
  const says = (errorMsg: string, rest: object = {}) => ({ success: false, errorMsg, ...rest });
  const HTML = '<!DOCTYPE html><html><body>Технические работы</body></html>';

  test.each<[what: string, status: number, body: object | string, failureClass: string]>([
    ['a wrong key', 403, says('Wrong "apiKey" value.'), 'auth'],
    ['no key', 400, says('"apiKey" is missing.'), 'auth'],
    ['a key without the right', 403, says('Access denied.'), 'auth'],
    ['any other 403', 403, says('Your IP is blocked'), 'auth'],
    ['an account that is not paid for', 402, says('Payment required'), 'auth'],
    ['an account that does not exist', 404, says('Account does not exist.'), 'auth'],
    [
      'telephony that is off, said with 200 and "false"',
      200,
      { success: 'false', errorMsg: 'Telephony not enabled' },
      'auth',
    ],
    [
      'telephony without uploads',
      400,
      says('Telephony not enabled or not supports calls upload'),
      'auth',
    ],
    [
      'a field that is wrong',
      400,
      says('Errors in the entity format', { errors: { date: 'is blank' } }),
      'permanent',
    ],
    [
      'a field that is wrong, in other words',
      400,
      says('Validation error', { errors: ['phone: is blank'] }),
      'permanent',
    ],
    ['a parameter that is missing', 400, says("Parameter 'phone' is missing"), 'permanent'],
    ['a method that nobody knows', 404, says('API method not found'), 'permanent'],
    ['an error without words', 400, { success: false }, 'permanent'],
    ['a success that is none', 200, { success: 1 }, 'permanent'],
    ['JSON that is not of RetailCRM', 200, { message: 'Bad gateway' }, 'retry'],
    ['too many requests', 503, says('Rate limit exceeded'), 'limit'],
    ['too many requests, the usual way', 429, says('Rate limit exceeded'), 'limit'],
    ['too many requests, as a page', 503, HTML, 'limit'],
    ['an error of theirs', 500, says('Internal server error'), 'retry'],
    ['a broken gateway', 502, HTML, 'retry'],
    ['a page instead of JSON', 200, HTML, 'retry'],
    ['a page for a wrong sub-domain', 404, HTML, 'retry'],
    ['nothing', 200, '', 'retry'],
    ['JSON that is no object', 200, '"ok"', 'retry'],
  ])('%s: %d', async (_what, status, body, failureClass) => {
    expect(await failureOf(refusing(status, body))).toMatchObject({
      failureClass,
      httpStatus: status,
    });
  });

  test.each<[what: string, error: OutboundError, expected: object]>([
    [
      'no answer in time',
      new OutboundError('timeout', '', { sent: true }),
      { failureClass: 'retry', timedOut: true, maybeApplied: true },
    ],
    [
      'no connection in time',
      new OutboundError('timeout', '', { sent: false }),
      { failureClass: 'retry', timedOut: true, maybeApplied: false },
    ],
    [
      'a cut connection',
      new OutboundError('network', '', { sent: true }),
      { failureClass: 'retry', timedOut: false, maybeApplied: true },
    ],
    [
      'no connection',
      new OutboundError('network', '', { sent: false }),
      { failureClass: 'retry', timedOut: false, maybeApplied: false },
    ],
    [
      'an answer without end',
      new OutboundError('too_large', '', { sent: true }),
      { failureClass: 'retry', maybeApplied: true },
    ],
    [
      'a private address',
      new OutboundError('refused_address', '', { sent: false }),
      { failureClass: 'auth', maybeApplied: false },
    ],
  ])('%s', async (_what, error, expected) => {
    expect(await failureOf(listening(error).context)).toMatchObject(expected);
  });

  test('a page after success may hide that it was applied', async () => {
    expect(await failureOf(refusing(200, HTML))).toMatchObject({ maybeApplied: true });
    expect(await failureOf(refusing(502, HTML))).toMatchObject({ maybeApplied: false });
  });

  test.each([
    ['12', 12],
    ['soon', undefined],
    [undefined, undefined],
  ])('a limit with Retry-After %s', async (header, retryAfterSeconds) => {
    const context = refusing(429, says('Rate limit exceeded'), header && { 'retry-after': header });
    expect((await failureOf(context)).retryAfterSeconds).toBe(retryAfterSeconds);
  });

  test.each([
    ['as a map', { 'calls[0].date': 'This value is not a valid datetime.' }],
    ['as a list', ['calls[0].date: This value is not a valid datetime.']],
  ])('wrong fields %s are named in the message', async (_how, errors) => {
    const { message } = await failureOf(
      refusing(400, says('Errors in the entity format', { errors })),
    );
    expect(message).toBe(
      'RetailCRM отклонила запрос: Errors in the entity format; calls[0].date: This value is not a valid datetime.',
    );
  });

  test('an error of our own stays what it is', async () => {
    const { context } = listening(new TypeError('x is undefined'));
    const step = stepOf('download');
    await expect(retailcrm.deliver(step, CALL, context)).rejects.toBeInstanceOf(TypeError);
  });

  test('a card that could not be closed: the journal waits for the next attempt', async () => {
    const { context, sent } = listening({
      status: 500,
      text: JSON.stringify(says('Internal server error')),
    });
    const step = stepOf('hangup');
    await expect(retailcrm.deliver(step, CALL, context)).rejects.toBeInstanceOf(VendorFailure);
    expect(sent.map(({ path }) => path)).toEqual([EVENT]);
  });
});
