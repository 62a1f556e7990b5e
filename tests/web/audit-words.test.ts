import { expect, test } from 'vitest';

import { contracts } from '../../shared/contracts.ts';
import { ACTION_WORDS } from '../../web/admin/src/features/audit/audit-words.ts';

const BY_THEMSELVES = new Set(['none', 'box token', 'visitor']);

test('every write that the wrapper notes has a word on the page of the audit log', () => {
  const noted = contracts
    .filter(({ method, audit, auth }) => {
      return method !== 'GET' && audit === undefined && !BY_THEMSELVES.has(auth);
    })
    .map(({ method, path }) => `${method} ${path}`);
  expect(noted).toContain('POST /admin/hosting/api/timeweb/sync-all');
  expect(noted.filter((action) => ACTION_WORDS[action] === undefined)).toEqual([]);
});
