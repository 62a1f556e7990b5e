import { Badge, Button, Tabs } from '@mantine/core';
import { lazy, type ReactNode, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useSearchParams } from 'react-router';

import { Page, Panel } from '../../ui/page.tsx';
import { usePaged } from '../../ui/paged.ts';
import { EmptyState, LoadingState } from '../../ui/states.tsx';
import { Status } from '../../ui/status.tsx';
import { chatsKey, loadChats, useLiveChats } from './api.ts';
import { ChatTable } from './chat-table.tsx';
import { SettingsDialog } from './settings-dialog.tsx';

import classes from './chats.module.css';

const HistoryTab = lazy(() => import('./history-tab.tsx'));
const ManagersTab = lazy(() => import('./managers-tab.tsx'));
const StatsTab = lazy(() => import('./stats-tab.tsx'));

const TABS = ['waiting', 'active', 'history', 'managers', 'stats'] as const;

export default function ChatsPage() {
  const { t } = useTranslation();
  const [params, setParams] = useSearchParams();
  const [isOpen, setIsOpen] = useState(false);
  const live = useLiveChats();
  const waiting = useChats('waiting');
  const active = useChats('active');
  const tab = TABS.find((name) => name === params.get('tab')) ?? 'waiting';
  const counts: Partial<Record<(typeof TABS)[number], ReactNode>> = {
    waiting: <Count rows={waiting} isUrgent />,
    active: <Count rows={active} />,
  };

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
      <Tabs
        value={tab}
        onChange={(name) => setParams(name === null || name === 'waiting' ? {} : { tab: name })}
        keepMounted={false}
      >
        <Tabs.List className={classes.tabs ?? ''}>
          {TABS.map((name) => (
            <Tabs.Tab key={name} value={name} rightSection={counts[name]}>
              {t(`chats.tabs.${name}`)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Suspense fallback={<LoadingState rows={6} height={32} />}>
          <Tabs.Panel value="waiting">
            <Panel padded={false}>
              <ChatTable
                kind="waiting"
                rows={waiting}
                empty={
                  <EmptyState
                    icon="check"
                    title={t('chats.nobodyWaits')}
                    text={t('chats.nobodyWaitsText')}
                  />
                }
              />
            </Panel>
          </Tabs.Panel>
          <Tabs.Panel value="active">
            <Panel padded={false}>
              <ChatTable
                kind="active"
                rows={active}
                empty={<EmptyState icon="chats" title={t('chats.noneActive')} />}
              />
            </Panel>
          </Tabs.Panel>
          <Tabs.Panel value="history">
            <HistoryTab />
          </Tabs.Panel>
          <Tabs.Panel value="managers">
            <ManagersTab />
          </Tabs.Panel>
          <Tabs.Panel value="stats">
            <StatsTab />
          </Tabs.Panel>
        </Suspense>
      </Tabs>
      <SettingsDialog opened={isOpen} onClose={() => setIsOpen(false)} />
    </Page>
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
