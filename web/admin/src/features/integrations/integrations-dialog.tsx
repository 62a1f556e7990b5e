import { Modal } from '@mantine/core';
import { useTranslation } from 'react-i18next';

import { IntegrationsManager } from './integrations-manager.tsx';

type DialogProps = { number: string; onClose: () => void };

/** The integrations over the page of an enterprise. */
export default function IntegrationsDialog({ number, onClose }: DialogProps) {
  const { t } = useTranslation();
  return (
    <Modal
      opened
      onClose={onClose}
      size="75rem"
      title={t('integrations.title')}
      closeButtonProps={{ 'aria-label': t('common.close') }}
    >
      <IntegrationsManager number={number} />
    </Modal>
  );
}
