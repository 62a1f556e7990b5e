import { globSync, readFileSync } from 'node:fs';

import { expect, test } from 'vitest';

import { INTEGRATION_TYPES } from '../../shared/crm/crm.schema.ts';

/** The registry: the name, the adapter, the settings; the compiler asks for all three. */
const REGISTRY = ['shared/crm/crm.schema.ts', 'shared/crm/registry.ts', 'shared/crm/config.ts'];
/** What the pages call them and their settings. */
const WORDS = [
  'web/admin/src/words/integration-titles.ts',
  'web/admin/src/features/integrations/field-labels.ts',
];
const NAMES = /retail_?crm|bitrix24|amo_?crm|kommo/i;

test('no CRM is named outside its folder and the registry', () => {
  const files = globSync(['shared/**/*.ts', 'functions/**/*.ts', 'web/*/src/**/*.{ts,tsx}']).filter(
    (file) =>
      ![...REGISTRY, ...WORDS].includes(file) &&
      !INTEGRATION_TYPES.some((type) => file.startsWith(`shared/crm/${type}/`)),
  );
  expect(files.length).toBeGreaterThan(100);
  expect(files.filter((file) => NAMES.test(readFileSync(file, 'utf8')))).toEqual([]);
});
