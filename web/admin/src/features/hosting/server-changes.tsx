import { Button } from '@mantine/core';
import { useTranslation } from 'react-i18next';

import { useFormat } from '../../format/use-format.ts';
import { usePaged } from '../../ui/paged.ts';
import { EmptyState, ErrorState, LoadingState } from '../../ui/states.tsx';
import { type Change, hostingKey, loadChanges } from './api.ts';

import list from '../../ui/list.module.css';
import classes from './hosting.module.css';

/** What happened to a server, newest first. */
export function ServerChanges({ id }: { id: number }) {
  const { t } = useTranslation();
  const changes = usePaged({
    queryKey: hostingKey('changes', id),
    loadPage: (cursor, signal) => loadChanges(id, cursor, signal),
  });
  if (changes.isPending) return <LoadingState />;
  if (changes.error && changes.items.length === 0)
    return <ErrorState error={changes.error} onRetry={changes.refetch} />;
  if (changes.items.length === 0) return <EmptyState icon="audit" title={t('hosting.noChanges')} />;
  return (
    // It scrolls, so the keyboard must reach it.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div className={classes.scroll} tabIndex={0} role="region" aria-label={t('hosting.changes')}>
      <ul className={list.plain}>
        {changes.items.map((change) => (
          <ChangeItem key={change.id} change={change} />
        ))}
      </ul>
      {changes.hasMore && (
        <Button
          variant="default"
          size="xs"
          loading={changes.isLoadingMore}
          onClick={changes.loadMore}
        >
          {t('hosting.more')}
        </Button>
      )}
    </div>
  );
}

const FIELDS = [
  'cost_price',
  'client_price',
  'service_fee',
  'configuration',
  'ip_address',
  'status',
  'timeweb_status',
  'missing_since',
  'client_name',
  'project_id',
  'next_payment_date',
  'server_name',
] as const;

function ChangeItem({ change }: { change: Change }) {
  const { t } = useTranslation();
  const format = useFormat();
  const field = FIELDS.find((name) => name === change.field);
  return (
    <li className={classes.item}>
      <span className={classes.itemMain}>
        <strong>{field ? t(`hosting.fields.${field}`) : change.field}</strong>:{' '}
        <span className={list.dim}>{change.old ?? t('hosting.unknown')}</span> →{' '}
        {change.new ?? t('hosting.unknown')}
      </span>
      <span className={list.dim}>
        {t(`hosting.sources.${change.source}`)} ·{' '}
        <time dateTime={change.changed_at}>{format.moment(change.changed_at)}</time>
      </span>
    </li>
  );
}
