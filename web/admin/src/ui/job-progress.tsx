import { Alert, Progress } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';

import { jobQuery } from '../api/job.ts';
import { useErrorText } from './error-text.ts';

/** How far a long piece of work has come, and how it ended. */
export function JobProgress({ id }: { id: string }) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const { data: job, error } = useQuery(jobQuery(id));
  if (error && !job) return <Alert color="red">{errorText(error)}</Alert>;
  const { done, total } = job?.progress ?? { done: 0, total: null };
  if (job?.state === 'failed')
    return <Alert color="red">{t('jobs.failed', { error: job.error })}</Alert>;
  if (job?.state === 'done') return <Alert color="teal">{t('jobs.done', { done })}</Alert>;
  const share = total ? (done / total) * 100 : 100;
  return (
    <div role="status">
      <p>
        {total === null ? t('jobs.runningUnknown', { done }) : t('jobs.running', { done, total })}
      </p>
      <Progress value={share} animated aria-label={t('jobs.progress')} />
    </div>
  );
}
