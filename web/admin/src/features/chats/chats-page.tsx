import { Badge, Button } from '@mantine/core';
import { lazy, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { PageTabs } from '../../ui/page-tabs.tsx';
import { Page, Panel } from '../../ui/page.tsx';
import { usePaged } from '../../ui/paged.ts';
import { EmptyState } from '../../ui/states.tsx';
import { Status } from '../../ui/status.tsx';
import { chatsKey, loadChats, useLiveChats } from './api.ts';
import { ChatTable } from './chat-table.tsx';
import { SettingsDialog } from './settings-dialog.tsx';

import classes from './chats.module.css';

const HistoryTab = lazy(() => import('./history-tab.tsx'));
const ManagersTab = lazy(() => import('./managers-tab.tsx'));
const StatsTab = lazy(() => import('./stats-tab.tsx'));

export default function ChatsPage() {
  const { t } = useTranslation();
  const [isOpen, setIsOpen] = useState(false);
  const live = useLiveChats();
  const waiting = useChats('waiting');
  const active = useChats('active');

  return (
    <Page
      title={t('chats.title')}
      subtitle={
        <Status
          tone={live === 'live' ? 'green' : 'amber'}
          label={t(`chats.live.${live}`)}
          pulse={live === 'live'}
        />
      }
      actions={
        <Button variant="default" onClick={() => setIsOpen(true)}>
          {t('chats.settings')}
        </Button>
      }
    >
      <PageTabs
        tabs={[
          {
            name: 'waiting',
            title: t('chats.tabs.waiting'),
            badge: <Count rows={waiting} isUrgent />,
            content: (
              <Panel padded={false}>
                <ChatTable kind="waiting" rows={waiting} empty={<NobodyWaits />} />
              </Panel>
            ),
          },
          {
            name: 'active',
            title: t('chats.tabs.active'),
            badge: <Count rows={active} />,
            content: (
              <Panel padded={false}>
                <ChatTable
                  kind="active"
                  rows={active}
                  empty={<EmptyState icon="chats" title={t('chats.noneActive')} />}
                />
              </Panel>
            ),
          },
          { name: 'history', title: t('chats.tabs.history'), content: <HistoryTab /> },
          { name: 'managers', title: t('chats.tabs.managers'), content: <ManagersTab /> },
          { name: 'stats', title: t('chats.tabs.stats'), content: <StatsTab /> },
        ]}
      />
      <SettingsDialog opened={isOpen} onClose={() => setIsOpen(false)} />
    </Page>
  );
}

function NobodyWaits() {
  const { t } = useTranslation();
  return (
    <EmptyState icon="check" title={t('chats.nobodyWaits')} text={t('chats.nobodyWaitsText')} />
  );
}

const useChats = (state: 'waiting' | 'active') =>
  usePaged({
    queryKey: chatsKey('list', state),
    loadPage: (cursor, signal) => loadChats({ state }, cursor, signal),
  });

function Count({
  rows,
  isUrgent = false,
}: {
  rows: ReturnType<typeof useChats>;
  isUrgent?: boolean;
}) {
  const count = rows.items.length;
  return (
    <Badge
      size="sm"
      variant="light"
      color={isUrgent && count > 0 ? 'red' : 'gray'}
      className={classes.count ?? ''}
      autoContrast
    >
      {rows.isPending ? '…' : rows.hasMore ? `${count}+` : count}
    </Badge>
  );
}
