import { beforeAll, describe } from 'vitest';

import { ADMIN_PAGES } from '../../support/admin-pages.ts';
import { freshStart } from '../stack.ts';
import { makeCall } from './call.ts';
import { expectAccessible, expectToFit, logIn, open, test } from './person.ts';

const PAGES = Object.entries(ADMIN_PAGES);

describe('every page', () => {
  beforeAll(async () => {
    await freshStart();
    await makeCall();
  });

  test.for(PAGES.flatMap(([login, paths]) => paths.map((path) => [login, path] as const)))(
    'has no serious fault of accessibility, light or dark: as %s, %s',
    async ([login, path], { page }) => {
      await logIn(page, login);
      for (const scheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme: scheme });
        await open(page, path);
        await expectAccessible(page, `${path} ${scheme}`);
      }
    },
  );

  test.for(PAGES)('fits a telephone: as %s', async ([login, paths], { page }) => {
    await logIn(page, login);
    await expectToFit(page, paths);
  });

  test('is reached by the menu of a telephone', async ({ page }) => {
    await page.setViewportSize({ width: 360, height: 740 });
    await logIn(page, 'june');
    await page.getByRole('button', { name: 'Меню' }).click();
    await page.getByRole('dialog').getByRole('link', { name: 'Звонки' }).click();
    await page.getByRole('heading', { level: 1, name: 'Звонки' }).waitFor();
  });
});
