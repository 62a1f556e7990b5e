import { Alert, Button, Checkbox, Group, Modal, Stack, Text } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type * as z from 'zod';

import {
  type DeliveryFilters,
  replayDeliveries,
} from '../../../../../shared/integrations/deliveries.schema.ts';
import { ask } from '../../api/api-client.ts';
import { deliveriesKey } from '../../delivery/api.ts';
import { useErrorText } from '../../ui/error-text.ts';
import { JobProgress } from '../../ui/job-progress.tsx';
import { useDeliveryWords } from '../../words/delivery-words.ts';

const STATES = ['failed', 'parked', 'expired', 'skipped', 'retrying'] as const;
type State = (typeof STATES)[number];
type BulkProps = { number: string; filters: z.output<typeof DeliveryFilters> };

/** Sends again whatever fits the page's integration, step and dates; a job does it, and shows how far it is. */
export function BulkReplay({ number, filters }: BulkProps) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const words = useDeliveryWords();
  const client = useQueryClient();
  const [isOpen, setIsOpen] = useState(false);
  const [states, setStates] = useState<State[]>(['failed', 'parked']);
  const { integration, step, from, to } = filters;

  const start = useMutation({
    mutationFn: () =>
      ask(replayDeliveries, {
        params: { number },
        body: { filter: { states, integration, step, from, to } },
      }),
  });
  const jobId = start.data && 'job_id' in start.data ? start.data.job_id : undefined;
  const open = (): void => {
    start.reset();
    setIsOpen(true);
  };
  const close = (): void => {
    setIsOpen(false);
    void client.invalidateQueries({ queryKey: deliveriesKey(number) });
  };

  return (
    <>
      <Button variant="default" onClick={open}>
        {t('deliveries.bulk')}
      </Button>
      <Modal
        opened={isOpen}
        onClose={close}
        title={t('deliveries.bulkTitle')}
        closeButtonProps={{ 'aria-label': t('common.close') }}
      >
        <Stack gap="sm">
          <Text size="sm">{t('deliveries.bulkText')}</Text>
          <Text size="sm" c="dimmed">
            {[integration && words.integration(integration), step && words.step(step), from, to]
              .filter(Boolean)
              .join(' · ')}
          </Text>
          {jobId === undefined && (
            <Checkbox.Group
              label={t('deliveries.state')}
              value={states}
              onChange={(chosen) => setStates(STATES.filter((state) => chosen.includes(state)))}
            >
              <Stack gap={6} mt={6}>
                {STATES.map((state) => (
                  <Checkbox key={state} value={state} label={words.state(state)} />
                ))}
              </Stack>
            </Checkbox.Group>
          )}
          {start.error && <Alert color="red">{errorText(start.error)}</Alert>}
          {jobId !== undefined && <JobProgress id={jobId} />}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={close}>
              {jobId === undefined ? t('common.cancel') : t('common.close')}
            </Button>
            {jobId === undefined && (
              <Button
                loading={start.isPending}
                disabled={states.length === 0}
                onClick={() => start.mutate()}
              >
                {t('deliveries.replay')}
              </Button>
            )}
          </Group>
        </Stack>
      </Modal>
    </>
  );
}
