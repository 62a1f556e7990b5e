import { Alert, Button } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';

import { checkStorageRoute } from '../../../../../shared/recordings/storage.schema.ts';
import { type Answer, ask } from '../../api/api-client.ts';
import { useFormat } from '../../format/use-format.ts';
import { useErrorText } from '../../ui/error-text.ts';
import { Panel } from '../../ui/page.tsx';
import { type PlainColumn, PlainTable } from '../../ui/plain-table.tsx';
import { Status } from '../../ui/status.tsx';
import { servicesQuery } from './api.ts';

import classes from './services.module.css';

type Step = Answer<typeof checkStorageRoute>['steps'][number];

/** Tries everything that recordings need of the storage, and says what came of each step. */
export function StoragePanel() {
  const { t } = useTranslation();
  const format = useFormat();
  const errorText = useErrorText();
  const client = useQueryClient();
  const check = useMutation({
    mutationFn: () => ask(checkStorageRoute, {}),
    onSettled: () => client.invalidateQueries({ queryKey: servicesQuery.queryKey }),
  });
  const columns: PlainColumn<Step>[] = [
    { key: 'step', title: t('services.step'), render: ({ step }) => step },
    {
      key: 'result',
      title: t('services.result'),
      render: ({ ok, detail, hint }) => (
        <span>
          <Status
            tone={ok ? 'green' : 'red'}
            label={t(ok ? 'services.runs.done' : 'services.runs.failed')}
          />{' '}
          <span className={classes.note}>{detail}</span>
          {hint !== null && <span className={`${classes.what} ${classes.bad}`}>{hint}</span>}
        </span>
      ),
    },
    {
      key: 'took',
      title: t('services.latency'),
      align: 'end',
      render: ({ took_ms: ms }) => t('common.ms', { ms: format.number(ms) }),
    },
  ];
  return (
    <Panel
      title={t('services.storage')}
      actions={
        <Button
          variant="default"
          size="compact-sm"
          loading={check.isPending}
          onClick={() => check.mutate()}
        >
          {t('services.check')}
        </Button>
      }
    >
      <div aria-live="polite">
        {check.error && <Alert color="red">{errorText(check.error)}</Alert>}
        {!check.data && !check.error && (
          <span className={classes.note}>{t('services.checkText')}</span>
        )}
        {check.data && (
          <>
            <Alert color={check.data.ok ? 'teal' : 'red'}>{check.data.message}</Alert>
            <PlainTable
              label={t('services.steps')}
              rows={check.data.steps}
              rowKey={({ step }) => step}
              columns={columns}
            />
          </>
        )}
      </div>
    </Panel>
  );
}
