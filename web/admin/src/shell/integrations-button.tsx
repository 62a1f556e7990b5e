import { Button } from '@mantine/core';
import { lazy, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { loadPageTexts } from '../i18n/i18n.ts';

const IntegrationsDialog = lazy(async () => {
  const [dialog] = await Promise.all([
    import('../features/integrations/integrations-dialog.tsx'),
    loadPageTexts(),
  ]);
  return dialog;
});

/** Opens the integrations of an enterprise over whatever page it stands on. */
export function IntegrationsButton({ number }: { number: string }) {
  const { t } = useTranslation();
  const [isOpen, setIsOpen] = useState(false);
  return (
    <>
      <Button variant="default" onClick={() => setIsOpen(true)}>
        {t('menu.integrations')}
      </Button>
      {isOpen && (
        <Suspense>
          <IntegrationsDialog number={number} onClose={() => setIsOpen(false)} />
        </Suspense>
      )}
    </>
  );
}
