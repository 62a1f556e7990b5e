import { Button } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { runSchedule } from '../../../../../shared/operations/services.schema.ts';
import { ask } from '../../api/api-client.ts';
import { useFormat } from '../../format/use-format.ts';
import { useErrorText } from '../../ui/error-text.ts';
import { Panel } from '../../ui/page.tsx';
import { type PlainColumn, PlainTable } from '../../ui/plain-table.tsx';
import { Status, type Tone } from '../../ui/status.tsx';
import { toast } from '../../ui/toasts.ts';
import { type Schedule, servicesQuery } from './api.ts';
import { useServiceWords } from './service-words.ts';

import classes from './services.module.css';

type Run = NonNullable<Schedule['last_run']>;

/** What runs by the clock: when it last did, what came of it, and the button that does not wait for the clock. */
export function SchedulesPanel({ schedules }: { schedules: Schedule[] }) {
  const { t } = useTranslation();
  const words = useServiceWords();
  const { run, isBegun } = useRunNow(schedules);
  const columns: PlainColumn<Schedule>[] = [
    {
      key: 'name',
      title: t('services.name'),
      render: (schedule) => (
        <span>
          <span className={classes.what}>{schedule.name}</span>
          <span className={classes.note}>{words.describe(schedule)}</span>
        </span>
      ),
    },
    { key: 'rate', title: t('services.rate'), render: ({ rate }) => words.rate(rate) },
    {
      key: 'last',
      title: t('services.lastRun'),
      render: ({ last_run: last }) => (last ? <RunState run={last} /> : t('services.neverRan')),
    },
    {
      key: 'failure',
      title: t('services.lastFailure'),
      render: ({ last_failure: failure }) => (failure ? <Failure run={failure} /> : '—'),
    },
    {
      key: 'run',
      title: '',
      align: 'end',
      control: true,
      render: (schedule) => (
        <Button
          variant="default"
          size="compact-sm"
          loading={isBegun(schedule)}
          aria-label={`${t('services.run')}: ${schedule.name}`}
          onClick={() => run(schedule)}
        >
          {t('services.run')}
        </Button>
      ),
    },
  ];
  return (
    <Panel title={t('services.schedules')}>
      <PlainTable
        label={t('services.schedules')}
        rows={schedules}
        rowKey={({ name }) => name}
        columns={columns}
      />
    </Panel>
  );
}

function RunState({ run }: { run: Run }) {
  const { t } = useTranslation();
  const format = useFormat();
  const state = run.ok === null ? 'running' : run.ok ? 'done' : 'failed';
  const tones: Record<typeof state, Tone> = { running: 'blue', done: 'green', failed: 'red' };
  const counts = Object.entries(run.counts)
    .filter(([, count]) => count !== 0)
    .map(([name, count]) => `${name} ${format.number(count)}`);
  return (
    <span className={classes.run}>
      <Status tone={tones[state]} label={t(`services.runs.${state}`)} />{' '}
      <time dateTime={run.started_at}>{format.ago(run.started_at)}</time>
      <span className={`${classes.what} ${classes.note}`}>{counts.join(' · ')}</span>
    </span>
  );
}

function Failure({ run }: { run: Run }) {
  const format = useFormat();
  return (
    <span>
      <time dateTime={run.started_at}>{format.moment(run.started_at)}</time>
      <span className={`${classes.what} ${classes.note}`}>
        {run.result?.replace(/^failed: */, '')}
      </span>
    </span>
  );
}

/** A run that was asked for goes on until the list shows another one than before, and how that ended. */
function useRunNow(schedules: Schedule[]) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const errorText = useErrorText();
  const [before, setBefore] = useState<Record<string, string | undefined>>({});
  const start = useMutation({
    mutationFn: ({ name }: Schedule) => ask(runSchedule, { params: { job: name } }),
    onSuccess: (_answer, { name }) => toast.success(t('services.begun', { name })),
    onError: (error, { name }) => {
      setBefore(({ [name]: _gone, ...rest }) => rest);
      toast.error(errorText(error));
    },
    onSettled: () => client.invalidateQueries({ queryKey: servicesQuery.queryKey }),
  });
  return {
    run: (schedule: Schedule): void => {
      setBefore((known) => ({ ...known, [schedule.name]: schedule.last_run?.id }));
      start.mutate(schedule);
    },
    isBegun: ({ name }: Schedule): boolean => {
      if (!Object.hasOwn(before, name)) return false;
      const last = schedules.find((schedule) => schedule.name === name)?.last_run;
      return last?.id === before[name] || last?.ok === null;
    },
  };
}
