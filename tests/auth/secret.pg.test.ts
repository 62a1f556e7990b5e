import { beforeAll, expect, test } from 'vitest';
import * as z from 'zod';

import { createGate, isAuthorizedForEnterprise } from '../../shared/auth/gate.ts';
import type { Contract } from '../../shared/contract.ts';
import { insertEnterprise, NUMBER, useDatabase } from '../support/database.ts';
import { insertLogin, startSession } from './people.ts';

const { db } = useDatabase();
const gate = createGate({ db, adminOrigins: new Set() });

beforeAll(async () => {
  await insertEnterprise(db);
  await insertEnterprise(db, { number: '0368', token: '375290000002' });
  await insertEnterprise(db, { number: '0369', token: '375290000003', active: false });
});

const contract = (method: Contract['method']): Contract => ({
  method,
  path: '/enterprise/{number}/thing',
  summary: '',
  auth: 'enterprise or secret',
  cors: 'none',
  params: z.object({ number: z.string() }),
  answers: {},
});

const pass = (
  number: string,
  {
    method = 'GET',
    bearer,
    clientId,
  }: { method?: 'GET' | 'POST'; bearer?: string; clientId?: string },
) =>
  gate(contract(method), {
    requestId: 'r1',
    method,
    path: `/enterprise/${number}/thing`,
    params: { number },
    query: clientId === undefined ? {} : { clientId },
    headers: bearer === undefined ? {} : { authorization: bearer },
    sourceIp: '192.0.2.1',
    rawBody: Buffer.alloc(0),
  });

test.each([
  ['the secret as bearer', NUMBER, { bearer: `Bearer secret-${NUMBER}` }],
  ['the scheme in another case', NUMBER, { bearer: `bearer  secret-${NUMBER}` }],
  ['the secret in the address', NUMBER, { clientId: `secret-${NUMBER}` }],
  [
    'the secret as bearer, to write',
    NUMBER,
    { bearer: `Bearer secret-${NUMBER}`, method: 'POST' as const },
  ],
])('%s opens its enterprise', async (_what, number, given) => {
  expect(await pass(number, given)).toEqual({ kind: 'program', enterpriseNumber: number });
});

test.each([
  ['a secret of another enterprise', NUMBER, { bearer: 'Bearer secret-0368' }],
  ['the secret of one that is switched off', '0369', { bearer: 'Bearer secret-0369' }],
  [
    'the secret in the address, to write',
    NUMBER,
    { clientId: `secret-${NUMBER}`, method: 'POST' as const },
  ],
  ['no secret', NUMBER, { bearer: 'Bearer ' }],
  ['the secret as a password', NUMBER, { bearer: `Basic secret-${NUMBER}` }],
  ["the box's token", NUMBER, { bearer: 'Bearer 375290000001' }],
])('%s opens nothing', async (_what, number, given) => {
  await expect(pass(number, given)).rejects.toMatchObject({
    status: 403,
    message: 'Доступ запрещен',
  });
});

test('one function says who may enter an enterprise', async () => {
  const own = await insertLogin(db, 'june', NUMBER);
  const superadmin = await insertLogin(db, 'root');
  const [ownToken, rootToken] = [await startSession(db, own), await startSession(db, superadmin)];
  expect(await isAuthorizedForEnterprise(db, ownToken, NUMBER)).toEqual(own);
  expect(await isAuthorizedForEnterprise(db, ownToken, '0368')).toBe(false);
  expect(await isAuthorizedForEnterprise(db, ownToken, '')).toBe(false);
  expect(await isAuthorizedForEnterprise(db, rootToken, '0368')).toEqual(superadmin);
  expect(await isAuthorizedForEnterprise(db, 'made up', NUMBER)).toBe(false);
});
