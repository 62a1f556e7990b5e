import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense } from 'react';
import { useTranslation } from 'react-i18next';

import { getStats } from '../../../../../shared/managers/api.schema.ts';
import { addressOf } from '../../api/api-client.ts';
import { endOfDay, isDay, startOfDay } from '../../format/day-range.ts';
import { useFormat } from '../../format/use-format.ts';
import { useTimezone } from '../../session/timezone.ts';
import { Figure, Figures } from '../../ui/figures.tsx';
import { DateFilter, FilterBar, useFilters } from '../../ui/filters.tsx';
import { Icon } from '../../ui/icons.tsx';
import { Panel } from '../../ui/page.tsx';
import { EmptyState, Loaded, LoadingState } from '../../ui/states.tsx';
import { SumTable } from '../../ui/sum-table.tsx';
import { type Stats, statsQuery } from './api.ts';
import { useChatWords } from './chat-words.ts';

import list from '../../ui/list.module.css';
import classes from './chats.module.css';

const DaysChart = lazy(() => import('./days-chart.tsx'));
const NAMES = ['from', 'to'] as const;

/** How chats went: the last seven days, or those that are chosen. */
export default function StatsTab() {
  const { t } = useTranslation();
  const timezone = useTimezone();
  const { values, set, reset, isFiltered } = useFilters(NAMES);
  const period = {
    from: isDay(values.from) ? startOfDay(values.from, timezone) : undefined,
    to: isDay(values.to) ? endOfDay(values.to, timezone) : undefined,
  };
  const query = useQuery(statsQuery(period));
  return (
    <div className={list.stack}>
      <Panel>
        <div className={classes.bar}>
          <FilterBar onReset={isFiltered ? reset : undefined}>
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
          <Button
            component="a"
            href={addressOf(getStats, {}, { ...period, format: 'csv' })}
            download="chats.csv"
            variant="default"
            leftSection={<Icon name="download" size={16} />}
          >
            {t('chats.csv')}
          </Button>
        </div>
      </Panel>
      <Loaded query={query} loading={<LoadingState rows={4} height={72} />}>
        {(stats) => <Content stats={stats} />}
      </Loaded>
    </div>
  );
}

function Content({ stats: { totals, days, managers } }: { stats: Stats }) {
  const { t } = useTranslation();
  const format = useFormat();
  const words = useChatWords();
  const share = totals.ai_resolved_share;
  return (
    <>
      <Figures>
        <Figure name={t('chats.sessions')} value={format.number(totals.sessions)} />
        <Figure
          name={t('chats.toPeople')}
          value={format.number(totals.chats)}
          note={t('chats.offlineRequests', { count: totals.offline_requests })}
        />
        <Figure
          name={t('chats.accepted')}
          value={format.number(totals.accepted)}
          note={t('chats.closedCount', { count: totals.closed })}
        />
        <Figure name={t('chats.toAccept')} value={words.seconds(totals.accept_seconds)} />
        <Figure name={t('chats.toAnswer')} value={words.seconds(totals.first_answer_seconds)} />
        <Figure name={t('chats.byAi')} value={share === null ? '—' : format.percent(share * 100)} />
        <Figure
          name={t('chats.rating')}
          value={words.stars(rounded(totals.rating))}
          note={t('chats.ratings', { count: totals.ratings })}
        />
      </Figures>
      <Panel title={t('chats.byDay')}>
        <div className={classes.chart}>
          {days.length === 0 ? (
            <EmptyState icon="chats" title={t('chats.noDays')} />
          ) : (
            <Suspense fallback={<LoadingState rows={1} height={240} />}>
              <DaysChart days={days} />
            </Suspense>
          )}
        </div>
      </Panel>
      <Panel title={t('chats.byManager')}>
        {managers.length === 0 ? (
          <EmptyState icon="users" title={t('chats.noManagers')} />
        ) : (
          <ManagersTable managers={managers} />
        )}
      </Panel>
    </>
  );
}

const rounded = (value: number | null): number | null =>
  value === null ? null : Math.round(value * 10) / 10;

function ManagersTable({ managers }: { managers: Stats['managers'] }) {
  const { t } = useTranslation();
  const format = useFormat();
  const words = useChatWords();
  return (
    <SumTable
      label={t('chats.byManager')}
      titles={[
        t('chats.manager'),
        t('chats.accepted'),
        t('chats.toAccept'),
        t('chats.toAnswer'),
        t('chats.rating'),
        t('chats.shiftHours'),
      ]}
    >
      {managers.map((manager) => (
        <tr key={manager.id}>
          <td>{manager.name}</td>
          <td>{format.number(manager.accepted)}</td>
          <td>{words.seconds(manager.accept_seconds)}</td>
          <td>{words.seconds(manager.first_answer_seconds)}</td>
          <td>{words.stars(rounded(manager.rating))}</td>
          <td>{format.number(rounded(manager.shift_hours) ?? 0)}</td>
        </tr>
      ))}
    </SumTable>
  );
}
