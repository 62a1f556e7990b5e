import { Button, Tabs } from '@mantine/core';
import { lazy, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useSearchParams } from 'react-router';

import { useEnterprise } from '../../session/enterprise.ts';
import { useIsSuperadmin } from '../../session/session.ts';
import { Page } from '../../ui/page.tsx';
import { LoadingState } from '../../ui/states.tsx';
import { RecordingsTab } from './recordings-tab.tsx';
import { SettingsDialog } from './settings-dialog.tsx';

const GapsTab = lazy(() => import('./gaps-tab.tsx'));
const UsageTab = lazy(() => import('./usage-tab.tsx'));

const TABS = ['list', 'gaps', 'usage'] as const;

export default function RecordingsPage() {
  const { t } = useTranslation();
  const { number } = useEnterprise();
  const isSuperadmin = useIsSuperadmin();
  const [params, setParams] = useSearchParams();
  const [isOpen, setIsOpen] = useState(false);
  // What all recordings cost is the operator's business.
  const tabs = TABS.filter((name) => name !== 'usage' || isSuperadmin);
  const tab = tabs.find((name) => name === params.get('tab')) ?? 'list';
  return (
    <Page
      title={t('recordings.title')}
      actions={
        <Button variant="default" onClick={() => setIsOpen(true)}>
          {t('recordings.settings')}
        </Button>
      }
    >
      <Tabs
        value={tab}
        onChange={(name) => setParams(name === null || name === 'list' ? {} : { tab: name })}
        keepMounted={false}
      >
        <Tabs.List mb="md">
          {tabs.map((name) => (
            <Tabs.Tab key={name} value={name}>
              {t(`recordings.tabs.${name}`)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Suspense fallback={<LoadingState rows={6} height={32} />}>
          <Tabs.Panel value="list">
            <RecordingsTab />
          </Tabs.Panel>
          <Tabs.Panel value="gaps">
            <GapsTab number={number} />
          </Tabs.Panel>
          {isSuperadmin && (
            <Tabs.Panel value="usage">
              <UsageTab number={number} />
            </Tabs.Panel>
          )}
        </Suspense>
      </Tabs>
      <SettingsDialog number={number} opened={isOpen} onClose={() => setIsOpen(false)} />
    </Page>
  );
}
