import { Button } from '@mantine/core';
import { lazy, type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { useEnterprise } from '../../session/enterprise.ts';
import { useIsSuperadmin } from '../../session/session.ts';
import { PageTabs } from '../../ui/page-tabs.tsx';
import { Page } from '../../ui/page.tsx';
import { RecordingsTab } from './recordings-tab.tsx';
import { SettingsDialog } from './settings-dialog.tsx';

const GapsTab = lazy(() => import('./gaps-tab.tsx'));
const UsageTab = lazy(() => import('./usage-tab.tsx'));

const TABS = ['list', 'gaps', 'usage'] as const;

export default function RecordingsPage() {
  const { t } = useTranslation();
  const { number } = useEnterprise();
  const isSuperadmin = useIsSuperadmin();
  const [isOpen, setIsOpen] = useState(false);
  // What all recordings cost is the operator's business.
  const tabs = TABS.filter((name) => name !== 'usage' || isSuperadmin);
  const contents: Record<(typeof TABS)[number], ReactNode> = {
    list: <RecordingsTab />,
    gaps: <GapsTab number={number} />,
    usage: <UsageTab number={number} />,
  };
  return (
    <Page
      title={t('recordings.title')}
      actions={
        <Button variant="default" onClick={() => setIsOpen(true)}>
          {t('recordings.settings')}
        </Button>
      }
    >
      <PageTabs
        tabs={tabs.map((name) => ({
          name,
          title: t(`recordings.tabs.${name}`),
          content: contents[name],
        }))}
      />
      <SettingsDialog number={number} opened={isOpen} onClose={() => setIsOpen(false)} />
    </Page>
  );
}
