import { Button, Loader } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { lazy, type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useSearchParams } from 'react-router';

import { useFormat } from '../../format/use-format.ts';
import { Icon } from '../../ui/icons.tsx';
import { PageTabs } from '../../ui/page-tabs.tsx';
import { Page } from '../../ui/page.tsx';
import { hostingKey, lastSyncQuery, timewebStatusQuery } from './api.ts';
import { HostingFigures } from './hosting-figures.tsx';
import { ImportDialog } from './import-dialog.tsx';
import { NewServerDialog } from './new-server-dialog.tsx';
import { ServerDialog } from './server-dialog.tsx';
import { ServersTab } from './servers-tab.tsx';
import { useSync } from './use-sync.ts';

import classes from './hosting.module.css';

const CalendarTab = lazy(() => import('./calendar-tab.tsx'));
const ProjectsTab = lazy(() => import('./projects-tab.tsx'));
const StatsTab = lazy(() => import('./stats-tab.tsx'));

const TABS = ['servers', 'payments', 'projects', 'stats'] as const;
const CONTENTS: Record<(typeof TABS)[number], ReactNode> = {
  servers: <ServersTab />,
  payments: <CalendarTab />,
  projects: <ProjectsTab />,
  stats: <StatsTab />,
};

export default function HostingPage() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [params, setParams] = useSearchParams();
  const sync = useSync();
  const timeweb = useQuery(timewebStatusQuery);
  const [dialog, setDialog] = useState<'new' | 'import'>();
  const isConfigured = timeweb.data?.configured ?? true;

  const closeServer = (): void =>
    setParams((before) => {
      const next = new URLSearchParams(before);
      next.delete('server');
      return next;
    });

  return (
    <Page
      title={t('hosting.title')}
      subtitle={<LastSync isRunning={sync.isPending} isConfigured={isConfigured} />}
      actions={
        <>
          <Button
            variant="default"
            onClick={() => void client.invalidateQueries({ queryKey: hostingKey() })}
          >
            {t('common.refresh')}
          </Button>
          <Button
            variant="default"
            loading={sync.isPending}
            disabled={!isConfigured}
            onClick={() => sync.mutate(false)}
          >
            {t('hosting.sync')}
          </Button>
          <Button variant="default" disabled={!isConfigured} onClick={() => setDialog('import')}>
            {t('hosting.import')}
          </Button>
          <Button leftSection={<Icon name="plus" size={16} />} onClick={() => setDialog('new')}>
            {t('hosting.add')}
          </Button>
        </>
      }
    >
      <HostingFigures isConfigured={isConfigured} />
      <PageTabs
        tabs={TABS.map((name) => ({
          name,
          title: t(`hosting.tabs.${name}`),
          content: CONTENTS[name],
        }))}
      />
      <NewServerDialog opened={dialog === 'new'} onClose={() => setDialog(undefined)} />
      <ImportDialog opened={dialog === 'import'} onClose={() => setDialog(undefined)} />
      <ServerDialog id={params.get('server') ?? undefined} onClose={closeServer} />
    </Page>
  );
}

function LastSync({ isRunning, isConfigured }: { isRunning: boolean; isConfigured: boolean }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { data: last } = useQuery(lastSyncQuery);
  if (!isConfigured) return t('hosting.noToken');
  if (isRunning)
    return (
      <span className={classes.running} role="status">
        <Loader size={12} /> {t('hosting.syncing')}
      </span>
    );
  if (!last) return t('hosting.neverSynced');
  const at = format.moment(last.finished_at);
  if (last.result === 'failed')
    return (
      <span className={classes.bad}>
        {t('hosting.lastSyncFailed', { at, reason: last.error ?? '' })}
      </span>
    );
  return t('hosting.lastSync', { at });
}
