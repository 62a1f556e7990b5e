import { globSync, readFileSync } from 'node:fs';

import { expect, test } from 'vitest';

import { INTEGRATION_TYPES } from '../../shared/crm/config.ts';

/** Both halves of the registry. */
const REGISTRY = ['shared/crm/registry.ts', 'shared/crm/config.ts'];
const NAMES = /retail_?crm|bitrix|amo_?crm|kommo/i;

test('no CRM is named outside its folder and the registry', () => {
  const files = globSync(['shared/**/*.ts', 'functions/**/*.ts', 'web/src/**/*.{ts,tsx}']).filter(
    (file) =>
      !REGISTRY.includes(file) &&
      !INTEGRATION_TYPES.some((type) => file.startsWith(`shared/crm/${type}/`)),
  );
  expect(files.length).toBeGreaterThan(100);
  expect(files.filter((file) => NAMES.test(readFileSync(file, 'utf8')))).toEqual([]);
});
