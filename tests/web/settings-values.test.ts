import { describe, expect, test } from 'vitest';

import { INTEGRATION_TYPES } from '../../shared/crm/crm.schema.ts';
import { formOf } from '../../shared/integrations/form.ts';
import {
  complaintOf,
  settingsOf,
  valuesOf,
} from '../../web/admin/src/features/integrations/settings-values.ts';

const MASK = '••••0367';
const [address, key, hours] = formOf('retailcrm');
if (!address || !key || !hours) throw new Error('the form of RetailCRM has changed');

describe('a field of a generated form', () => {
  test.each([
    ['a required one that is empty', address, '', undefined, 'required'],
    ['an address that is none', address, 'demo.retailcrm.ru', undefined, 'url'],
    ['an address', address, 'https://demo.retailcrm.ru', undefined, undefined],
    ['a key in Cyrillic', key, 'ключ', undefined, 'pattern'],
    ['the mask of what is stored', key, MASK, MASK, undefined],
    ['a mask that somebody typed into', key, `${MASK}x`, MASK, 'half-masked'],
    ['too many hours', hours, 200, undefined, 'range'],
    ['an optional one that is empty', hours, '', undefined, undefined],
  ])('%s', (_what, field, value, stored, complaint) => {
    expect(complaintOf(field, value, stored)).toBe(complaint);
  });
});

test('what was not touched is sent back as it came, and what was emptied is removed', () => {
  const fields = formOf('retailcrm');
  const values = valuesOf(fields, {
    enabled: true,
    api_url: 'https://a.retailcrm.ru',
    api_key: MASK,
  });
  expect(settingsOf(fields, values)).toEqual({
    api_url: 'https://a.retailcrm.ru',
    api_key: MASK,
    direct_link_hours: null,
  });
});

test('every pattern of every form is one that a browser understands', () => {
  for (const field of INTEGRATION_TYPES.flatMap(formOf))
    expect(() => complaintOf(field, 'something', undefined), field.name).not.toThrow();
});
