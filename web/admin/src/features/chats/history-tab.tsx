import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';

import { endOfDay, isDay, startOfDay } from '../../format/day-range.ts';
import { useTimezone } from '../../session/timezone.ts';
import { ChoiceFilter, DateFilter, FilterBar, TextFilter, useFilters } from '../../ui/filters.tsx';
import { Panel } from '../../ui/page.tsx';
import { usePaged } from '../../ui/paged.ts';
import { EmptyState } from '../../ui/states.tsx';
import { chatsKey, loadChats, managersQuery } from './api.ts';
import { ChatTable } from './chat-table.tsx';

import list from '../../ui/list.module.css';

const NAMES = ['search', 'manager', 'from', 'to'] as const;

export default function HistoryTab() {
  const { t } = useTranslation();
  const timezone = useTimezone();
  const { values, set, reset, isFiltered } = useFilters(NAMES);
  const { data: managers } = useQuery(managersQuery);
  const filters = {
    search: values.search,
    manager: /^[1-9]\d{0,15}$/.test(values.manager ?? '') ? values.manager : undefined,
    from: isDay(values.from) ? startOfDay(values.from, timezone) : undefined,
    to: isDay(values.to) ? endOfDay(values.to, timezone) : undefined,
  };
  const rows = usePaged({
    queryKey: chatsKey('list', 'history', filters),
    loadPage: (cursor, signal) => loadChats(filters, cursor, signal),
  });
  return (
    <Panel padded={false}>
      <div className={list.filters}>
        <FilterBar onReset={isFiltered ? reset : undefined}>
          <TextFilter
            label={t('chats.search')}
            value={values.search}
            onChange={(value) => set('search', value)}
          />
          <ChoiceFilter
            label={t('chats.manager')}
            value={values.manager}
            onChange={(value) => set('manager', value)}
            options={(managers ?? []).map(({ telegram_id: value, name }) => ({
              value,
              label: name,
            }))}
          />
          <DateFilter
            label={t('chats.from')}
            value={values.from}
            onChange={(value) => set('from', value)}
          />
          <DateFilter
            label={t('chats.to')}
            value={values.to}
            onChange={(value) => set('to', value)}
          />
        </FilterBar>
      </div>
      <ChatTable
        kind="closed"
        rows={rows}
        empty={
          <EmptyState
            icon="chats"
            title={isFiltered ? t('common.nothingFound') : t('chats.none')}
            text={isFiltered ? t('chats.noneFiltered') : t('chats.noneText')}
          />
        }
      />
    </Panel>
  );
}
