import { Button } from '@mantine/core';
import { lazy, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';

const IntegrationsDialog = lazy(() => import('../features/integrations/integrations-dialog.tsx'));

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
