import fc from 'fast-check';
import { expect, test } from 'vitest';

import { scrub, scrubText } from '../../shared/lambda/scrub.ts';

test('what leaves for Sentry has no person, no number, no key in it', () => {
  const scrubbed = scrub({
    type: undefined,
    event_id: 'e1',
    release: '1f2e3d4',
    tags: { eventId: '01994778-ce9e-7c3a-8f41-2b6d9e0a4c71' },
    server_name: 'ip-10-0-0-7',
    user: { ip_address: '198.51.100.7', email: 'anna@example.com' },
    request: { url: 'https://calls.example.com/?clientId=demo-secret-0367', data: 'Anna' },
    breadcrumbs: [{ message: '+375291110001 called' }],
    contexts: { call: { phone: '375291110001' } },
    extra: { message: 'event given up', payload: { Phone: '375291110001' } },
    exception: {
      values: [
        {
          type: 'PostgresError',
          value:
            'Key (phone)=(+375 29 111-00-01) of anna@example.com at https://crm.example.com/api?apiKey=hidden-key, postgresql://trunkline:hidden-password@db/x',
          stacktrace: { frames: [{ function: 'storeEvent', lineno: 7, vars: { name: 'Anna' } }] },
        },
      ],
    },
  });
  const text = JSON.stringify(scrubbed);
  for (const secret of ['375', '111-00-01', 'anna', 'Anna', 'hidden', '198.51', 'demo-secret']) {
    expect(text).not.toContain(secret);
  }
  expect(scrubbed).toMatchObject({
    release: '1f2e3d4',
    tags: { eventId: '01994778-ce9e-7c3a-8f41-2b6d9e0a4c71' },
    extra: { message: 'event given up' },
    exception: {
      values: [
        {
          type: 'PostgresError',
          stacktrace: { frames: [{ function: 'storeEvent', lineno: 7 }] },
        },
      ],
    },
  });
});

test('no telephone number survives, however it is grouped', () => {
  const grouped = fc
    .array(fc.tuple(fc.integer({ min: 0, max: 9 }), fc.constantFrom('', ' ', '-', '.')), {
      minLength: 7,
      maxLength: 15,
    })
    .map((digits) => digits.map(([digit, gap]) => `${digit}${gap}`).join(''));
  fc.assert(
    fc.property(grouped, (number) => {
      expect(scrubText(`the number ${number} is busy`)).not.toMatch(/\d(?:[ .-]?\d){6}/);
    }),
  );
});
