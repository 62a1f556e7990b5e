import { describe, expect } from 'vitest';

import { test } from './amocrm-fixture.ts';

const CALLS = '/api/v4/calls';
const EVENTS = '/api/v2/events/';
const UNSORTED = '/api/v4/leads/unsorted/sip';

const call = {
  direction: 'inbound',
  uniq: '1.1',
  duration: 60,
  source: 'Trunkline',
  phone: '+375291110001',
  call_status: 4,
  created_at: 1_769_850_309,
};
const popUp = { add: [{ type: 'phone_call', phone_number: '+375291110001', users: [8_320_150] }] };
const unsorted = {
  source_name: 'Trunkline',
  source_uid: '1.1',
  created_at: 1_769_850_309,
  metadata: {
    from: '+375291119999',
    phone: '+375291119999',
    called_at: 1_769_850_309,
    duration: 0,
    link: 'https://hub.example',
    service_code: 'trunkline',
    uniq: '1.1',
    is_call_event_needed: true,
  },
};

describe('POST /api/v4/calls', () => {
  test.for<[what: string, change: object, path: string]>([
    ['no direction', { direction: undefined }, 'direction'],
    ['our word for the direction', { direction: 'in' }, 'direction'],
    ['no duration', { duration: undefined }, 'duration'],
    ['a duration in text', { duration: '60' }, 'duration'],
    ['a negative duration', { duration: -1 }, 'duration'],
    ['no source', { source: undefined }, 'source'],
    ['no phone', { phone: undefined }, 'phone'],
    ['an empty phone', { phone: '' }, 'phone'],
    ['a status that is no number of theirs', { call_status: 9 }, 'call_status'],
    ['a status in words', { call_status: 'answered' }, 'call_status'],
    ['milliseconds', { created_at: 1_769_850_309_000 }, 'created_at'],
    ['a date', { created_at: '2026-01-31T09:05:09Z' }, 'created_at'],
    ['null', { link: null }, 'link'],
    ['a link that is none', { link: '/r/1.mp3' }, 'link'],
    ['a user in text', { responsible_user_id: '8320150' }, 'responsible_user_id'],
    ['a user who is not there', { created_by: 1 }, 'created_by'],
    ['an unknown field', { call_id: '1' }, 'call_id'],
  ])('refuses %s', async ([, change, path], { post, world }) => {
    const answer = await post(CALLS, [{ ...call, request_id: 'r7', ...change }]);
    expect(answer).toMatchObject({
      status: 400,
      body: {
        title: 'Bad Request',
        type: 'https://httpstatus.es/400',
        status: 400,
        detail: 'Request validation failed',
        'validation-errors': [{ request_id: 'r7', errors: [{ path }] }],
      },
    });
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
    expect(world.peers.amocrm.account('demo').calls).toEqual([]);
  });

  test.for<[string, unknown]>([
    ['an object', call],
    ['nothing', []],
    ['too many', Array.from({ length: 51 }, () => call)],
    ['null', null],
  ])('refuses %s instead of a list', async ([, body], { post }) => {
    expect((await post(CALLS, body)).status).toBe(400);
  });

  test.for([
    ['a form', { type: 'application/x-www-form-urlencoded' }, 415],
    ['text', { type: 'text/plain' }, 415],
    ['JSON that is none', { raw: '[{' }, 415],
  ] as const)('refuses %s', async ([, options, status], { post }) => {
    expect((await post(CALLS, [call], options)).status).toBe(status);
  });

  test.for([
    ['375291110001', 'contact', 501],
    ['8 (029) 375291110001', 'contact', 501],
    ['+375291110002', 'lead', 701],
    ['+375291110005', 'company', 601],
    ['+79123123210', 'company', 602],
  ] as const)('puts %s on a %s', async ([phone, entity_type, entity_id], { post }) => {
    const { status, body } = await post(CALLS, [{ ...call, phone }]);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      _embedded: { calls: [{ entity_type, entity_id, request_id: '0' }] },
    });
  });

  test('does not add what nobody has', async ({ post, world }) => {
    const answer = await post(CALLS, [{ ...call, phone: '+375291119999' }]);
    expect(answer).toMatchObject({
      status: 400,
      body: { _total_items: 0, errors: [{ title: 'Entity not found' }] },
    });
    expect(world.peers.amocrm.account('demo').calls).toEqual([]);
  });

  test('adds the rest of a batch', async ({ post }) => {
    const answer = await post(CALLS, [call, { ...call, phone: '+375291119999' }]);
    expect(answer).toMatchObject({
      status: 200,
      body: { _total_items: 1, errors: [{ title: 'Entity not found', request_id: '1' }] },
    });
  });

  test('takes a repetition for a second call, and it is counted', async ({ post, world }) => {
    await post(CALLS, [call]);
    await post(CALLS, [call]);
    expect((await world.control('amocrm/demo')).body).toMatchObject({
      counts: { calls: 2, callRepeats: 1 },
    });
  });
});

describe('POST /api/v2/events/', () => {
  test.for<[string, object]>([
    ['a list', [popUp.add[0]]],
    ['another type', { add: [{ ...popUp.add[0], type: 'call' }] }],
    ['no number', { add: [{ type: 'phone_call', users: [8_320_150] }] }],
    ['users in text', { add: [{ ...popUp.add[0], users: ['8320150'] }] }],
    ['nobody', { add: [{ ...popUp.add[0], users: [] }] }],
  ])('refuses %s', async ([, body], { post }) => {
    expect((await post(EVENTS, body)).status).toBe(400);
  });

  test('shows a card to each of the users, and counts repetitions', async ({ post, world }) => {
    expect((await post(EVENTS, popUp)).status).toBe(202);
    await post(EVENTS, { add: [{ ...popUp.add[0], users: [8_320_151] }] });
    await post(EVENTS, popUp);
    expect((await world.control('amocrm/demo')).body).toMatchObject({
      counts: { popups: 3, popupRepeats: 1, popupsByUser: { 8320150: 2, 8320151: 1, 8320152: 0 } },
    });
  });

  test('without users shows it to the whole company, with a remark', async ({ post, world }) => {
    await post(EVENTS, { add: [{ type: 'phone_call', phone_number: '+375291110001' }] });
    const [popup] = world.peers.amocrm.account('demo').popups;
    expect(popup?.users).toHaveLength(3);
    expect((await world.control('received?peer=amocrm')).body).toMatchObject({
      received: [{ warnings: [expect.stringContaining('whole company')] }],
    });
  });
});

describe('POST /api/v4/leads/unsorted/sip', () => {
  test.for<[string, object]>([
    ['no source', { source_uid: undefined }],
    ['no metadata', { metadata: undefined }],
    ['a text for a time', { created_at: '1769850309' }],
    ['an unknown field', { uniq: '1.1' }],
    ['no link', { metadata: { ...unsorted.metadata, link: undefined } }],
    ['no uniq', { metadata: { ...unsorted.metadata, uniq: undefined } }],
  ])('refuses %s', async ([, change], { post }) => {
    expect((await post(UNSORTED, [{ ...unsorted, ...change }])).status).toBe(400);
  });

  test('makes a lead that can be found', async ({ post, get }) => {
    expect((await post(UNSORTED, [unsorted])).body).toMatchObject({
      _embedded: { unsorted: [{ uid: expect.any(String), request_id: '0' }] },
    });
    expect((await get('/api/v4/leads/unsorted?filter[category][]=sip')).body).toMatchObject({
      _embedded: { unsorted: [{ source_uid: '1.1', category: 'sip' }] },
    });
    expect((await get('/api/v4/leads/unsorted?filter[category][]=forms')).status).toBe(204);
  });
});

describe('lists', () => {
  test.for([
    '/api/v4/contacts?query=291119999',
    '/api/v4/companies?query=291110001',
    '/api/v4/events?filter[type]=incoming_call',
    '/api/v4/contacts/notes?filter[id][]=1',
    '/api/v4/leads/unsorted',
    '/api/v4/users?page=2',
  ])('%s is empty: 204 without a body', async (path, { get }) => {
    expect(await get(path)).toMatchObject({ status: 204, body: '' });
  });

  test.for(['/api/v4/users?limit=251', '/api/v4/events?limit=101', '/api/v4/users?page=0'])(
    '%s is too much',
    async (path, { get }) => {
      expect((await get(path)).status).toBe(400);
    },
  );

  test('search in any field, so that others come along', async ({ get }) => {
    const { body } = await get('/api/v4/contacts?query=5291110004');
    expect(body).toMatchObject({ _embedded: { contacts: [{ id: 503 }] } });
  });

  test('name the note of a call, and the note its uniq', async ({ post, get, world }) => {
    await post(CALLS, [call, { ...call, uniq: '2.2', direction: 'outbound' }]);
    const noteId = world.peers.amocrm.account('demo').calls[0]?.noteId;
    const { body } = await get('/api/v4/events?filter[type]=incoming_call');
    expect(body).toMatchObject({
      _embedded: { events: [{ entity_type: 'contact', value_after: [{ note: { id: noteId } }] }] },
    });
    expect((await get(`/api/v4/contacts/notes?filter[id][]=${noteId}`)).body).toMatchObject({
      _embedded: { notes: [{ note_type: 'call_in', params: { uniq: '1.1' } }] },
    });
    expect((await get(`/api/v4/leads/notes?filter[id][]=${noteId}`)).status).toBe(204);
    expect((await get('/api/v4/events?filter[created_at][from]=1769850310')).status).toBe(204);
  });

  test('go on with a link while there is more', async ({ get }) => {
    const { body } = await get('/api/v4/users?limit=2');
    expect(body).toMatchObject({ _links: { next: { href: expect.stringContaining('page=2') } } });
    expect((await get('/api/v4/users?limit=2&page=2')).body).not.toHaveProperty('_links.next');
  });
});

test('the page shows what was taken', async ({ post, world }) => {
  await post(CALLS, [call]);
  await post(EVENTS, popUp);
  await post(UNSORTED, [unsorted]);
  const page = await (await fetch(`${world.peers.url}/?show=amocrm`)).text();
  for (const words of ['amoCRM', 'контакт 501', 'Анна Ковалёва', '+375291119999'])
    expect(page).toContain(words);
  expect(page).not.toContain('demo-amocrm-secret-0367');
});
