import { Button, Modal, Stack } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { redriveQueue } from '../../../../../shared/operations/services.schema.ts';
import { ask } from '../../api/api-client.ts';
import { useFormat } from '../../format/use-format.ts';
import { useConfirm } from '../../ui/confirm.tsx';
import { useErrorText } from '../../ui/error-text.ts';
import { JobProgress } from '../../ui/job-progress.tsx';
import { Panel } from '../../ui/page.tsx';
import { type PlainColumn, PlainTable } from '../../ui/plain-table.tsx';
import { toast } from '../../ui/toasts.ts';
import { type Queue, servicesQuery } from './api.ts';

import classes from './services.module.css';

/** How deep the queues are, and what crashed on its way. */
export function QueuesPanel({ queues }: { queues: Queue[] }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { askFirst, begun, close, isStarting } = useRedrive();
  const count = (value: number | null) => (value === null ? '—' : format.number(value));
  const columns: PlainColumn<Queue>[] = [
    {
      key: 'name',
      title: t('services.queue'),
      render: ({ name, function: worker, problem }) => (
        <span>
          <span className={classes.what}>{name}</span>
          <span className={problem === null ? classes.note : classes.bad}>{problem ?? worker}</span>
        </span>
      ),
    },
    {
      key: 'depth',
      title: t('services.depth'),
      align: 'end',
      render: ({ depth }) => count(depth),
    },
    {
      key: 'flight',
      title: t('services.inFlight'),
      align: 'end',
      render: ({ in_flight: inFlight }) => count(inFlight),
    },
    {
      key: 'oldest',
      title: t('services.oldest'),
      align: 'end',
      render: ({ oldest_seconds: seconds }) => (seconds === null ? '—' : format.span(seconds)),
    },
    {
      key: 'dead',
      title: t('services.dead'),
      align: 'end',
      render: ({ dead_letters: dead }) => (
        <span className={dead ? classes.bad : undefined}>{count(dead)}</span>
      ),
    },
    {
      key: 'redrive',
      title: '',
      align: 'end',
      control: true,
      render: (queue) => (
        <Button
          variant="default"
          size="compact-sm"
          disabled={!queue.dead_letters || isStarting}
          aria-label={`${t('services.redrive')}: ${queue.name}`}
          onClick={() => void askFirst(queue)}
        >
          {t('services.redrive')}
        </Button>
      ),
    },
  ];
  return (
    <Panel title={t('services.queues')}>
      <PlainTable
        label={t('services.queues')}
        rows={queues}
        rowKey={({ name }) => name}
        columns={columns}
      />
      <Modal
        opened={begun !== undefined}
        onClose={close}
        title={t('services.redriving', { queue: begun?.queue })}
        closeButtonProps={{ 'aria-label': t('common.close') }}
      >
        <Stack gap="sm">{begun && <JobProgress id={begun.jobId} />}</Stack>
      </Modal>
    </Panel>
  );
}

function useRedrive() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const confirm = useConfirm();
  const errorText = useErrorText();
  const [begun, setBegun] = useState<{ queue: string; jobId: string }>();
  const refresh = () => client.invalidateQueries({ queryKey: servicesQuery.queryKey });
  const start = useMutation({
    mutationFn: (queue: string) => ask(redriveQueue, { params: { queue } }),
    onSuccess: ({ job_id: jobId }, queue) => setBegun({ queue, jobId }),
    onError: (error) => toast.error(errorText(error)),
    onSettled: refresh,
  });
  return {
    begun,
    isStarting: start.isPending,
    askFirst: async ({ name, dead_letters: dead }: Queue): Promise<void> => {
      const question = {
        title: t('services.redriveTitle', { queue: name }),
        text: t('services.redriveText', { count: dead ?? 0 }),
        action: t('services.redrive'),
      };
      if (await confirm(question)) start.mutate(name);
    },
    close: (): void => {
      setBegun(undefined);
      void refresh();
    },
  };
}
