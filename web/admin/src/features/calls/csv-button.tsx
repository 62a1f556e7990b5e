import { Button } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { lazy, Suspense } from 'react';
import { useTranslation } from 'react-i18next';

import { exportCalls } from '../../../../../shared/calls/call-list.schema.ts';
import { askForFile } from '../../api/api-client.ts';
import { useErrorText } from '../../ui/error-text.ts';
import { Icon } from '../../ui/icons.tsx';
import { toast } from '../../ui/toasts.ts';
import type { Filters } from './api.ts';

const ExportDialog = lazy(() => import('./export-dialog.tsx'));

/** The calls as a table: at once, or from a job that is watched when they are very many. */
export function CsvButton({ number, filters }: { number: string; filters: Filters }) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const start = useMutation({
    mutationFn: async (): Promise<string | undefined> => {
      const { file, answer } = await askForFile(exportCalls, {
        params: { number },
        query: filters,
      });
      if (file) save(file, `calls-${number}.csv`);
      return answer?.job_id;
    },
    onError: (error) => toast.error(errorText(error)),
  });
  const jobId = start.data;
  return (
    <>
      <Button
        variant="default"
        leftSection={<Icon name="download" size={16} />}
        loading={start.isPending}
        onClick={() => start.mutate()}
      >
        {t('calls.csv')}
      </Button>
      {jobId !== undefined && (
        <Suspense>
          <ExportDialog number={number} jobId={jobId} onClose={start.reset} />
        </Suspense>
      )}
    </>
  );
}

function save(file: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(file);
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}
