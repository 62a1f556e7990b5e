import { Button, Checkbox } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useSearchParams } from 'react-router';

import {
  type Delivery,
  DeliveryFilters,
  listDeliveries,
} from '../../../../../shared/integrations/deliveries.schema.ts';
import { ask } from '../../api/api-client.ts';
import { deliveryListKey } from '../../delivery/api.ts';
import { DeliveryDialog, useReplay } from '../../delivery/attempt-dialog.tsx';
import { useLiveDeliveries } from '../../delivery/use-live-deliveries.ts';
import { formatPhone } from '../../format/format.ts';
import { useFormat } from '../../format/use-format.ts';
import { useEnterprise } from '../../session/enterprise.ts';
import { type Column, DataTable } from '../../ui/data-table.tsx';
import { ChoiceFilter, DateFilter, FilterBar, TextFilter, useFilters } from '../../ui/filters.tsx';
import { LiveMark } from '../../ui/live-mark.tsx';
import { Page, Panel } from '../../ui/page.tsx';
import { usePaged } from '../../ui/paged.ts';
import { EmptyState } from '../../ui/states.tsx';
import { Status } from '../../ui/status.tsx';
import { DELIVERY_TONES, useDeliveryWords } from '../../words/delivery-words.ts';
import { BulkReplay } from './bulk-replay.tsx';

import list from '../../ui/list.module.css';

const NAMES = ['from', 'to', 'integration', 'state', 'step', 'call'] as const;
const PAGE = 200;

export default function DeliveriesPage() {
  const { t } = useTranslation();
  const { number } = useEnterprise();
  const filters = useFilters(NAMES);
  const [params, setParams] = useSearchParams();
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const replay = useReplay(number);
  const live = useLiveDeliveries(number);
  const parsed = DeliveryFilters.safeParse(filters.values);
  const known = parsed.success ? parsed.data : {};

  const close = (): void =>
    setParams((before) => {
      const next = new URLSearchParams(before);
      next.delete('open');
      return next;
    });

  return (
    <Page
      title={t('deliveries.title')}
      subtitle={<LiveMark status={live} />}
      actions={
        <>
          {selected.size > 0 && (
            <Button
              loading={replay.isPending}
              onClick={() =>
                replay.mutate([...selected], { onSuccess: () => setSelected(new Set()) })
              }
            >
              {t('deliveries.replaySelected', { count: selected.size })}
            </Button>
          )}
          <BulkReplay number={number} filters={known} />
        </>
      }
    >
      <Panel padded={false}>
        <div className={list.filters}>
          <DeliveryFilterBar filters={filters} />
        </div>
        <DeliveryTable
          filters={known}
          isFiltered={filters.isFiltered}
          selected={selected}
          onSelect={setSelected}
        />
      </Panel>
      <DeliveryDialog number={number} id={params.get('open') ?? undefined} onClose={close} />
    </Page>
  );
}

function DeliveryFilterBar({
  filters,
}: {
  filters: ReturnType<typeof useFilters<(typeof NAMES)[number]>>;
}) {
  const { t } = useTranslation();
  const words = useDeliveryWords();
  const { values, set, reset, isFiltered } = filters;
  return (
    <FilterBar onReset={isFiltered ? reset : undefined}>
      <DateFilter
        label={t('deliveries.from')}
        value={values.from}
        onChange={(value) => set('from', value)}
      />
      <DateFilter
        label={t('deliveries.to')}
        value={values.to}
        onChange={(value) => set('to', value)}
      />
      <ChoiceFilter
        label={t('deliveries.integration')}
        value={values.integration}
        onChange={(value) => set('integration', value)}
        options={words.integrationOptions}
      />
      <ChoiceFilter
        label={t('deliveries.state')}
        value={values.state}
        onChange={(value) => set('state', value)}
        options={words.stateOptions}
      />
      <ChoiceFilter
        label={t('deliveries.step')}
        value={values.step}
        onChange={(value) => set('step', value)}
        options={words.stepOptions}
      />
      <TextFilter
        label={t('deliveries.callFilter')}
        value={values.call}
        onChange={(value) => set('call', value)}
      />
    </FilterBar>
  );
}

type TableProps = {
  filters: Partial<Record<(typeof NAMES)[number], string | undefined>>;
  isFiltered: boolean;
  selected: ReadonlySet<string>;
  onSelect: (ids: ReadonlySet<string>) => void;
};

function DeliveryTable({ filters, isFiltered, selected, onSelect }: TableProps) {
  const { t } = useTranslation();
  const { number } = useEnterprise();
  const format = useFormat();
  const words = useDeliveryWords();
  const [params] = useSearchParams();
  const rows = usePaged({
    queryKey: [...deliveryListKey(number), filters],
    loadPage: (cursor, signal) =>
      ask(listDeliveries, {
        params: { number },
        query: { ...filters, cursor, limit: PAGE },
        signal,
      }),
  });
  const toggle = (id: string, isChosen: boolean): void => {
    const next = new Set(selected);
    if (isChosen) next.add(id);
    else next.delete(id);
    onSelect(next);
  };
  const addressOfRow = ({ id }: Delivery): string => {
    const next = new URLSearchParams(params);
    next.set('open', id);
    return `?${next.toString()}`;
  };

  const columns: Column<Delivery>[] = [
    {
      key: 'select',
      title: '',
      width: '1.500rem',
      control: true,
      render: ({ id }) => (
        <Checkbox
          size="xs"
          aria-label={t('deliveries.select', { id })}
          checked={selected.has(id)}
          onChange={(event) => toggle(id, event.currentTarget.checked)}
        />
      ),
    },
    {
      key: 'integration',
      title: t('deliveries.integration'),
      width: 'minmax(8rem, 0.800fr)',
      render: ({ integration }) => words.integration(integration),
    },
    {
      key: 'step',
      title: t('deliveries.step'),
      width: 'minmax(6rem, 0.600fr)',
      render: ({ step }) => words.step(step),
    },
    {
      key: 'state',
      title: t('deliveries.state'),
      width: 'minmax(9rem, 0.800fr)',
      render: ({ state }) => (
        <Status tone={DELIVERY_TONES[state] ?? 'grey'} label={words.state(state)} />
      ),
    },
    {
      key: 'phone',
      title: t('deliveries.phone'),
      width: 'minmax(9rem, 0.800fr)',
      render: ({ phone }) => (phone ? formatPhone(phone) : '—'),
    },
    {
      key: 'reason',
      title: t('deliveries.reason'),
      width: 'minmax(8rem, 1.600fr)',
      render: ({ reason }) => <span title={reason ?? ''}>{reason ?? ''}</span>,
    },
    {
      key: 'attempts',
      title: t('deliveries.attempts'),
      width: '5rem',
      align: 'end',
      render: ({ attempts }) => format.number(attempts),
    },
    {
      key: 'created',
      title: t('deliveries.created'),
      width: 'minmax(9rem, 0.700fr)',
      align: 'end',
      render: ({ created_at: at }) => <time dateTime={at}>{format.moment(at)}</time>,
    },
  ];

  return (
    <DataTable
      label={t('deliveries.title')}
      rows={rows}
      rowKey={({ id }) => id}
      columns={columns}
      to={addressOfRow}
      height="max(20rem, calc(100dvh - 15rem))"
      narrow={(delivery) => (
        <span className={list.lines}>
          <span className={list.line}>
            <span>
              {words.integration(delivery.integration)} · {words.step(delivery.step)}
            </span>
            <time dateTime={delivery.created_at}>{format.moment(delivery.created_at)}</time>
          </span>
          <span className={list.line}>
            <Status
              tone={DELIVERY_TONES[delivery.state] ?? 'grey'}
              label={words.state(delivery.state)}
            />
            <span className={list.dim}>{delivery.phone && formatPhone(delivery.phone)}</span>
          </span>
        </span>
      )}
      empty={
        <EmptyState
          icon="deliveries"
          title={isFiltered ? t('common.nothingFound') : t('deliveries.none')}
          text={isFiltered ? t('deliveries.noneFiltered') : t('deliveries.noneText')}
        />
      }
    />
  );
}
