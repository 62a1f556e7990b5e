import { Button, Group } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { AttemptDialog } from '../../delivery/attempt-dialog.tsx';
import { useLiveDeliveries } from '../../delivery/use-live-deliveries.ts';
import { formatPhone } from '../../format/format.ts';
import { useFormat } from '../../format/use-format.ts';
import { ChoiceFilter, FilterBar } from '../../ui/filters.tsx';
import { LiveMark } from '../../ui/live-mark.tsx';
import { Panel } from '../../ui/page.tsx';
import { EmptyState, ErrorState } from '../../ui/states.tsx';
import { Status } from '../../ui/status.tsx';
import { useDeliveryWords } from '../../words/delivery-words.ts';
import { integrationsQuery, lastEventsQuery, type LogEntry } from './api.ts';

import classes from './integrations.module.css';

const STATUSES = ['success', 'error', 'pending'] as const;

/** What was said to the CRMs last, as it happens. */
export function LastEvents({ number }: { number: string }) {
  const { t } = useTranslation();
  const words = useDeliveryWords();
  const client = useQueryClient();
  const [type, setType] = useState<string | null>(null);
  const [status, setStatus] = useState<string | null>(null);
  const [opened, setOpened] = useState<LogEntry>();
  const live = useLiveDeliveries(number, () => {
    void client.invalidateQueries({ queryKey: integrationsQuery(number).queryKey });
  });
  const filters = { type: type ?? undefined, status: status ?? undefined };
  const query = useQuery(lastEventsQuery(number, filters, live));
  const { data: entries, error, isFetching, refetch } = query;

  return (
    <Panel
      title={t('integrations.lastEvents')}
      actions={
        <Group gap="sm">
          <LiveMark status={live} />
          <Button
            variant="default"
            size="compact-sm"
            onClick={() => void refetch()}
            disabled={isFetching && !entries}
          >
            {t('common.refresh')}
          </Button>
        </Group>
      }
    >
      <FilterBar onReset={undefined}>
        <ChoiceFilter
          label={t('integrations.integration')}
          value={type ?? undefined}
          onChange={setType}
          options={words.integrationOptions}
        />
        <ChoiceFilter
          label={t('integrations.status')}
          value={status ?? undefined}
          onChange={setStatus}
          options={STATUSES.map((value) => ({
            value,
            label: t(`integrations.logStatuses.${value}`),
          }))}
        />
      </FilterBar>
      {error && !entries && <ErrorState error={error} onRetry={() => void refetch()} />}
      {!entries && !error && <p className={classes.loading}>{t('integrations.logsLoading')}</p>}
      {entries?.length === 0 && <EmptyState icon="deliveries" title={t('integrations.noLogs')} />}
      {entries && entries.length > 0 && (
        <ul className={classes.events} aria-label={t('integrations.lastEvents')}>
          {entries.map((entry) => (
            <li key={entry.id}>
              <EventRow entry={entry} onOpen={() => setOpened(entry)} />
            </li>
          ))}
        </ul>
      )}
      <AttemptDialog number={number} entry={opened} onClose={() => setOpened(undefined)} />
    </Panel>
  );
}

function EventRow({ entry, onOpen }: { entry: LogEntry; onOpen: () => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const words = useDeliveryWords();
  const { created_at: at, integration_type: type, event_type: step, phone_number: phone } = entry;
  return (
    <button type="button" className={classes.event} onClick={onOpen} data-log={entry.id}>
      <Status {...words.logEntry(entry)} />
      <time dateTime={at}>{format.moment(at)}</time>
      <span>{words.integration(type)}</span>
      <span className={classes.what}>
        {words.step(step)}
        {phone && ` · ${formatPhone(phone)}`}
        {entry.error_message && <span className={classes.dim}> · {entry.error_message}</span>}
      </span>
      <span className={classes.dim}>
        {/* Nothing was asked when it took no time. */}
        {entry.response_time_ms ? t('common.ms', { ms: entry.response_time_ms }) : '—'}
      </span>
    </button>
  );
}
