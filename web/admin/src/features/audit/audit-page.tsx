import { useTranslation } from 'react-i18next';
import { useSearchParams } from 'react-router';

import { listAudit } from '../../../../../shared/audit/audit.schema.ts';
import { ask } from '../../api/api-client.ts';
import { useFormat } from '../../format/use-format.ts';
import { useEnterpriseHeads } from '../../session/enterprise.ts';
import { type Column, DataTable } from '../../ui/data-table.tsx';
import { ChoiceFilter, DateFilter, FilterBar, TextFilter, useFilters } from '../../ui/filters.tsx';
import { Page, Panel } from '../../ui/page.tsx';
import { usePaged } from '../../ui/paged.ts';
import { EmptyState } from '../../ui/states.tsx';
import type { Entry } from './api.ts';
import { useAuditWords } from './audit-words.ts';
import { EntryDialog } from './entry-dialog.tsx';

import list from '../../ui/list.module.css';
import classes from './audit.module.css';

const NAMES = ['from', 'to', 'enterprise', 'actor', 'action'] as const;
const PAGE = 200;

/** Who changed what, when and from where. */
export default function AuditPage() {
  const { t } = useTranslation();
  const [params, setParams] = useSearchParams();
  const filters = useFilters(NAMES);
  const rows = usePaged<Entry>({
    queryKey: ['audit', filters.values],
    loadPage: (cursor, signal) =>
      ask(listAudit, { query: { ...filters.values, cursor, limit: PAGE }, signal }),
  });
  const opened = rows.items.find(({ id }) => id === params.get('open'));
  const withOpen = (id: string | undefined): URLSearchParams => {
    const next = new URLSearchParams(params);
    if (id === undefined) next.delete('open');
    else next.set('open', id);
    return next;
  };
  return (
    <Page title={t('audit.title')} subtitle={t('audit.subtitle')}>
      <Panel padded={false}>
        <div className={list.filters}>
          <AuditFilters filters={filters} />
        </div>
        <DataTable
          label={t('audit.title')}
          rows={rows}
          rowKey={({ id }) => id}
          columns={useColumns()}
          to={({ id }) => `?${withOpen(id).toString()}`}
          height="max(20rem, calc(100dvh - 16rem))"
          narrow={(entry) => <Narrow entry={entry} />}
          empty={
            <EmptyState
              icon="audit"
              title={filters.isFiltered ? t('common.nothingFound') : t('audit.none')}
            />
          }
        />
      </Panel>
      <EntryDialog entry={opened} onClose={() => setParams(withOpen(undefined))} />
    </Page>
  );
}

function AuditFilters({
  filters: { values, set, reset, isFiltered },
}: {
  filters: ReturnType<typeof useFilters<(typeof NAMES)[number]>>;
}) {
  const { t } = useTranslation();
  const words = useAuditWords();
  const heads = useEnterpriseHeads();
  return (
    <FilterBar onReset={isFiltered ? reset : undefined}>
      <DateFilter
        label={t('calls.from')}
        value={values.from}
        onChange={(value) => set('from', value)}
      />
      <DateFilter label={t('calls.to')} value={values.to} onChange={(value) => set('to', value)} />
      <ChoiceFilter
        label={t('shell.enterprise')}
        value={values.enterprise}
        onChange={(value) => set('enterprise', value)}
        options={(heads.data ?? []).map(({ number, name }) => ({
          value: number,
          label: `${number} ${name}`,
        }))}
      />
      <TextFilter
        label={t('audit.actor')}
        value={values.actor}
        onChange={(value) => set('actor', value)}
      />
      <ChoiceFilter
        label={t('audit.action')}
        value={values.action}
        onChange={(value) => set('action', value)}
        options={words.actionOptions}
      />
    </FilterBar>
  );
}

function useColumns(): Column<Entry>[] {
  const { t } = useTranslation();
  const format = useFormat();
  const words = useAuditWords();
  const actorOf = useActor();
  return [
    {
      key: 'at',
      title: t('audit.at'),
      width: 'minmax(9rem, 0.700fr)',
      render: ({ at }) => <time dateTime={at}>{format.moment(at)}</time>,
    },
    {
      key: 'actor',
      title: t('audit.actor'),
      width: 'minmax(7rem, 0.700fr)',
      render: (entry) => actorOf(entry),
    },
    {
      key: 'action',
      title: t('audit.action'),
      width: 'minmax(10rem, 1.300fr)',
      render: ({ action }) => <span title={action}>{words.action(action)}</span>,
    },
    {
      key: 'enterprise',
      title: t('shell.enterprise'),
      width: '7rem',
      render: ({ enterprise_number: number }) => number ?? '—',
    },
    {
      key: 'what',
      title: t('audit.what'),
      width: 'minmax(10rem, 1.600fr)',
      render: (entry) => <span title={whatOf(entry)}>{whatOf(entry)}</span>,
    },
    {
      key: 'address',
      title: t('audit.address'),
      width: 'minmax(7rem, 0.600fr)',
      align: 'end',
      render: ({ address }) => address,
    },
  ];
}

function Narrow({ entry }: { entry: Entry }) {
  const format = useFormat();
  const words = useAuditWords();
  const actorOf = useActor();
  return (
    <span className={list.lines}>
      <span className={list.line}>
        <span className={classes.cut}>{words.action(entry.action)}</span>
        <time dateTime={entry.at}>{format.moment(entry.at)}</time>
      </span>
      <span className={`${list.line} ${list.dim}`}>
        <span className={classes.cut}>
          {[actorOf(entry), whatOf(entry)].filter(Boolean).join(' · ')}
        </span>
        <span>{entry.enterprise_number}</span>
      </span>
    </span>
  );
}

function useActor(): (entry: Entry) => string {
  const { t } = useTranslation();
  return ({ actor, actor_kind: kind }) =>
    actor ?? t(kind === 'program' ? 'audit.program' : 'audit.nobody');
}

/** The thing and its fields that changed, in one line. */
const whatOf = ({ subject, changes }: Entry): string =>
  [subject, changes.map(({ field }) => field).join(', ')].filter(Boolean).join(': ');
