import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';

import { getExport } from '../../../../../shared/calls/call-list.schema.ts';
import { addressOf } from '../../api/api-client.ts';
import { jobQuery } from '../../api/job.ts';
import { Icon } from '../../ui/icons.tsx';
import { JobProgress } from '../../ui/job-progress.tsx';

type DialogProps = { number: string; jobId: string; onClose: () => void };

/** How far a long table is, and where it can be fetched when it is ready. */
export default function ExportDialog({ number, jobId, onClose }: DialogProps) {
  const { t } = useTranslation();
  const { data: job } = useQuery(jobQuery(jobId));
  return (
    <Modal
      opened
      onClose={onClose}
      title={t('calls.export')}
      closeButtonProps={{ 'aria-label': t('common.close') }}
    >
      <Stack gap="sm">
        <Text size="sm">{t('calls.exportText')}</Text>
        <JobProgress id={jobId} />
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            {t('common.close')}
          </Button>
          {job?.state === 'done' && (
            <Button
              component="a"
              href={addressOf(getExport, { number, id: jobId })}
              download
              leftSection={<Icon name="download" size={16} />}
            >
              {t('calls.exportFetch')}
            </Button>
          )}
        </Group>
      </Stack>
    </Modal>
  );
}
