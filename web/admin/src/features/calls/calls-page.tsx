import { useTranslation } from 'react-i18next';

import { CallFilters } from '../../../../../shared/calls/call-list.schema.ts';
import { END_STATUSES, LIVE_STATUSES } from '../../../../../shared/calls/call.ts';
import { formatDuration } from '../../format/format.ts';
import { useFormat } from '../../format/use-format.ts';
import { useEnterprise } from '../../session/enterprise.ts';
import { type Column, DataTable } from '../../ui/data-table.tsx';
import { ChoiceFilter, DateFilter, FilterBar, TextFilter, useFilters } from '../../ui/filters.tsx';
import { Page, Panel } from '../../ui/page.tsx';
import { usePaged } from '../../ui/paged.ts';
import { EmptyState } from '../../ui/states.tsx';
import { Status } from '../../ui/status.tsx';
import { useLineName } from '../../words/names.ts';
import { type Call, callsKey, type Filters, loadCalls } from './api.ts';
import { TONES, useOurSide } from './call-words.ts';
import { CsvButton } from './csv-button.tsx';
import { LiveCalls } from './live-calls.tsx';
import { Party } from './party.tsx';

import list from '../../ui/list.module.css';

const NAMES = ['from', 'to', 'phone', 'extension', 'direction', 'status', 'source'] as const;

export default function CallsPage() {
  const { t } = useTranslation();
  const { number } = useEnterprise();
  const filters = useFilters(NAMES);
  // What is only half typed ("+3") is not asked for.
  const known = CallFilters.safeParse(filters.values).success ? filters.values : {};

  return (
    <Page title={t('calls.title')} actions={<CsvButton number={number} filters={known} />}>
      <LiveCalls />
      <Panel padded={false}>
        <div className={list.filters}>
          <CallFilterBar filters={filters} />
        </div>
        <History filters={known} isFiltered={filters.isFiltered} />
      </Panel>
    </Page>
  );
}

function CallFilterBar({
  filters,
}: {
  filters: ReturnType<typeof useFilters<(typeof NAMES)[number]>>;
}) {
  const { t } = useTranslation();
  const { values, set, reset, isFiltered } = filters;
  const wrong = (name: (typeof NAMES)[number]): string | undefined =>
    values[name] !== undefined && !CallFilters.shape[name].safeParse(values[name]).success
      ? t('calls.notANumber')
      : undefined;
  return (
    <FilterBar onReset={isFiltered ? reset : undefined}>
      <DateFilter
        label={t('calls.from')}
        value={values.from}
        onChange={(value) => set('from', value)}
      />
      <DateFilter label={t('calls.to')} value={values.to} onChange={(value) => set('to', value)} />
      <TextFilter
        label={t('calls.phone')}
        inputMode="tel"
        value={values.phone}
        error={wrong('phone')}
        onChange={(value) => set('phone', value)}
      />
      <TextFilter
        label={t('calls.extension')}
        inputMode="numeric"
        value={values.extension}
        error={wrong('extension')}
        onChange={(value) => set('extension', value)}
      />
      <ChoiceFilter
        label={t('calls.direction')}
        value={values.direction}
        onChange={(value) => set('direction', value)}
        options={(['in', 'out', 'internal'] as const).map((value) => ({
          value,
          label: t(`calls.directions.${value}`),
        }))}
      />
      <ChoiceFilter
        label={t('calls.status')}
        value={values.status}
        onChange={(value) => set('status', value)}
        options={[...END_STATUSES, ...LIVE_STATUSES].map((value) => ({
          value,
          label: t(`calls.statuses.${value}`),
        }))}
      />
      <ChoiceFilter
        label={t('calls.source')}
        value={values.source}
        onChange={(value) => set('source', value)}
        options={(['live', 'downloaded'] as const).map((value) => ({
          value,
          label: t(`calls.sources.${value}`),
        }))}
      />
    </FilterBar>
  );
}

function History({ filters, isFiltered }: { filters: Filters; isFiltered: boolean }) {
  const { t } = useTranslation();
  const { number } = useEnterprise();
  const format = useFormat();
  const ourSide = useOurSide();
  const lineName = useLineName();
  const rows = usePaged({
    queryKey: callsKey(number, 'history', filters),
    loadPage: (cursor, signal) => loadCalls(number, filters, cursor, signal),
  });

  const talk = ({ talk_seconds: seconds }: Call): string =>
    seconds ? formatDuration(seconds) : '—';
  const columns: Column<Call>[] = [
    {
      key: 'party',
      title: t('calls.client'),
      width: 'minmax(12rem, 1.400fr)',
      render: (call) => <Party call={call} />,
    },
    {
      key: 'status',
      title: t('calls.status'),
      width: 'minmax(9rem, 1fr)',
      render: ({ status }) => <Status tone={TONES[status]} label={t(`calls.statuses.${status}`)} />,
    },
    { key: 'ours', title: t('calls.employee'), width: 'minmax(8rem, 1.200fr)', render: ourSide },
    {
      key: 'line',
      title: t('calls.line'),
      width: 'minmax(7rem, 0.900fr)',
      render: ({ line }) => (line === null ? '—' : <span title={line}>{lineName(line)}</span>),
    },
    {
      key: 'wait',
      title: t('calls.wait'),
      width: '5rem',
      align: 'end',
      render: ({ wait_seconds: wait }) => (wait === null ? '—' : formatDuration(wait)),
    },
    { key: 'talk', title: t('calls.talk'), width: '5rem', align: 'end', render: talk },
    {
      key: 'started',
      title: t('calls.started'),
      width: 'minmax(9rem, 0.800fr)',
      align: 'end',
      render: ({ started_at: started }) => <time dateTime={started}>{format.moment(started)}</time>,
    },
  ];

  return (
    <DataTable
      label={t('calls.history')}
      rows={rows}
      rowKey={({ id }) => id}
      columns={columns}
      to={({ id }) => `/e/${number}/calls/${id}`}
      narrow={(call) => (
        <span className={list.lines}>
          <span className={list.line}>
            <Party call={call} />
            <time dateTime={call.started_at}>{format.moment(call.started_at)}</time>
          </span>
          <span className={list.line}>
            <Status tone={TONES[call.status]} label={t(`calls.statuses.${call.status}`)} />
            <span className={list.dim}>
              {ourSide(call)} · {talk(call)}
            </span>
          </span>
        </span>
      )}
      empty={
        <EmptyState
          icon="calls"
          title={isFiltered ? t('common.nothingFound') : t('calls.none')}
          text={isFiltered ? t('calls.noneFiltered') : t('calls.noneText')}
        />
      }
    />
  );
}
