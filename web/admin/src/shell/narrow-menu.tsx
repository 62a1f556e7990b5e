import { Drawer } from '@mantine/core';
import { useTranslation } from 'react-i18next';

import { Navigation } from './navigation.tsx';

/** The menu where there is no room beside the page. */
export default function NarrowMenu({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const { t } = useTranslation();
  return (
    <Drawer
      opened={opened}
      onClose={onClose}
      size="17rem"
      title="Trunkline"
      closeButtonProps={{ 'aria-label': t('common.close') }}
    >
      <nav aria-label={t('shell.menu')}>
        <Navigation />
      </nav>
    </Drawer>
  );
}
