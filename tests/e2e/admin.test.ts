import { beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod';

import { Services } from '../../shared/operations/services.schema.ts';
import { eventually, ports } from './stack.ts';

const WEB = `http://127.0.0.1:${ports.web}`;
const PASSWORD = 'trunkline-local';
let superadmin = '';
let june = '';

async function ask(
  method: string,
  path: string,
  { cookie = '', body }: { cookie?: string; body?: object } = {},
) {
  const response = await fetch(`${WEB}${path}`, {
    method,
    headers: { origin: WEB, 'content-type': 'application/json', ...(cookie && { cookie }) },
    ...(body && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  const cookies = response.headers.get('set-cookie') ?? '';
  return { status: response.status, text, cookies, json: JSON.parse(text) as unknown };
}

async function logIn(login: string): Promise<string> {
  const body = { login, password: PASSWORD };
  const { status, cookies } = await ask('POST', '/api/auth/login', { body });
  expect(status).toBe(200);
  return cookies.split(';')[0] ?? '';
}

beforeAll(async () => {
  [superadmin, june] = [await logIn('admin'), await logIn('june')];
});

const services = async () =>
  Services.parse((await ask('GET', '/admin/services', { cookie: superadmin })).json);

describe('the services', () => {
  test('are all there: every queue answers', async () => {
    const { queues, functions, database } = await services();
    expect(functions.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['call-events', 'admin-services', 'outbox-sweep']),
    );
    expect(queues.map(({ problem }) => problem)).toEqual(queues.map(() => null));
    expect(database.state).toBeTypeOf('string');
  });

  test('a schedule is run now, and its run is seen', async () => {
    const runOf = async () =>
      (await services()).schedules.find(({ name }) => name === 'maintenance')?.last_run;
    const before = await runOf();
    const path = '/admin/services/maintenance/run';
    const { status, json } = await ask('POST', path, { cookie: superadmin });
    expect({ status, json }).toEqual({ status: 202, json: { success: true, job: 'maintenance' } });
    const run = await eventually(runOf, (last) => last?.id !== before?.id && last?.ok === true);
    expect(run?.counts).toHaveProperty('auditLog');
    const { text } = await ask('GET', '/api/audit?action=schedule.run&limit=1', {
      cookie: superadmin,
    });
    expect(text).toContain('"subject":"maintenance"');
  });

  test('a queue without dead letters is redriven at once', async () => {
    const { status, json } = await ask('POST', '/admin/services/live/redrive', {
      cookie: superadmin,
    });
    expect(status).toBe(202);
    const { job_id } = z.object({ job_id: z.string() }).parse(json);
    const job = await ask('GET', `/api/jobs/${job_id}`, { cookie: superadmin });
    expect(job.json).toMatchObject({ state: 'done', result: { moved: 0 } });
  });
});

test('an enterprise is made, changed, and closed again', async () => {
  const number = `e${Date.now()}`;
  const path = `/api/enterprises/${number}`;
  const made = await ask('POST', '/api/enterprises', {
    cookie: superadmin,
    body: { number, name: 'Новое' },
  });
  expect(made.status).toBe(201);
  const changed = await ask('PATCH', path, {
    cookie: superadmin,
    body: { timezone: 'Asia/Tbilisi' },
  });
  expect(changed.json).toMatchObject({ number, timezone: 'Asia/Tbilisi' });
  expect((await ask('DELETE', path, { cookie: superadmin })).status).toBe(200);
  const { text } = await ask('GET', `/api/audit?enterprise=${number}`, { cookie: superadmin });
  for (const action of ['create', 'update', 'deactivate'])
    expect(text).toContain(`enterprise.${action}`);
});

test('the overview of an enterprise is its own', async () => {
  expect(await ask('GET', '/enterprise/0367/overview', { cookie: june })).toMatchObject({
    status: 200,
    json: { timezone: 'Europe/Minsk' },
  });
  for (const path of [
    '/enterprise/0368/overview',
    '/admin/overview',
    '/admin/services',
    '/api/audit',
  ])
    expect((await ask('GET', path, { cookie: june })).status, path).toBe(403);
  expect((await ask('GET', '/admin/overview', { cookie: superadmin })).status).toBe(200);
});
