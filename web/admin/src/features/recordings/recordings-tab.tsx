import { useTranslation } from 'react-i18next';
import { useSearchParams } from 'react-router';

import {
  AdminFilters,
  type RecordingItem,
} from '../../../../../shared/recordings/recordings.schema.ts';
import { formatDuration, formatPhone } from '../../format/format.ts';
import { useFormat } from '../../format/use-format.ts';
import { useEnterprise } from '../../session/enterprise.ts';
import { type Column, DataTable } from '../../ui/data-table.tsx';
import { DateFilter, FilterBar, TextFilter, useFilters } from '../../ui/filters.tsx';
import { Icon } from '../../ui/icons.tsx';
import { Panel } from '../../ui/page.tsx';
import { usePaged } from '../../ui/paged.ts';
import { EmptyState } from '../../ui/states.tsx';
import { useExtensionName } from '../../words/names.ts';
import { loadRecordings, recordingsKey } from './api.ts';
import { Kept } from './kept.tsx';
import { RecordingDialog } from './recording-dialog.tsx';

import list from '../../ui/list.module.css';
import classes from './recordings.module.css';

const NAMES = ['from', 'to', 'phone', 'extension'] as const;

export function RecordingsTab() {
  const { t } = useTranslation();
  const { number } = useEnterprise();
  const [params, setParams] = useSearchParams();
  const { values, set, reset, isFiltered } = useFilters(NAMES);
  // What is only half typed ("+3") is not asked for.
  const known = AdminFilters.safeParse(values).success ? values : {};
  const rows = usePaged({
    queryKey: recordingsKey(number, 'list', known),
    loadPage: (cursor, signal) => loadRecordings(number, known, cursor, signal),
  });
  const wrong = (name: (typeof NAMES)[number]): string | undefined =>
    values[name] !== undefined && !AdminFilters.shape[name].safeParse(values[name]).success
      ? t('calls.notANumber')
      : undefined;
  const openId = params.get('open') ?? undefined;
  const addressOfRow = ({ id }: RecordingItem): string => {
    const next = new URLSearchParams(params);
    next.set('open', id);
    return `?${next.toString()}`;
  };
  const close = (): void =>
    setParams((before) => {
      const next = new URLSearchParams(before);
      next.delete('open');
      return next;
    });

  return (
    <Panel padded={false}>
      <div className={list.filters}>
        <FilterBar onReset={isFiltered ? reset : undefined}>
          <DateFilter
            label={t('recordings.from')}
            value={values.from}
            onChange={(value) => set('from', value)}
          />
          <DateFilter
            label={t('recordings.to')}
            value={values.to}
            onChange={(value) => set('to', value)}
          />
          <TextFilter
            label={t('recordings.phone')}
            inputMode="tel"
            value={values.phone}
            error={wrong('phone')}
            onChange={(value) => set('phone', value)}
          />
          <TextFilter
            label={t('recordings.extension')}
            inputMode="numeric"
            value={values.extension}
            error={wrong('extension')}
            onChange={(value) => set('extension', value)}
          />
        </FilterBar>
      </div>
      <DataTable
        label={t('recordings.title')}
        rows={rows}
        rowKey={({ id }) => id}
        columns={useColumns()}
        to={addressOfRow}
        height="max(20rem, calc(100dvh - 18rem))"
        narrow={(recording) => <NarrowRecording recording={recording} />}
        empty={
          <EmptyState
            icon="recordings"
            title={isFiltered ? t('common.nothingFound') : t('recordings.none')}
            text={isFiltered ? t('recordings.noneFiltered') : t('recordings.noneText')}
          />
        }
      />
      <RecordingDialog
        number={number}
        isOpen={openId !== undefined}
        isPending={rows.isPending}
        recording={rows.items.find(({ id }) => id === openId)}
        onClose={close}
      />
    </Panel>
  );
}

function useColumns(): Column<RecordingItem>[] {
  const { t } = useTranslation();
  const format = useFormat();
  const nameOf = useExtensionName();
  return [
    {
      key: 'phone',
      title: t('recordings.client'),
      width: 'minmax(11rem, 1.300fr)',
      render: (recording) => <Who recording={recording} />,
    },
    {
      key: 'extension',
      title: t('recordings.extension'),
      width: 'minmax(7rem, 0.800fr)',
      render: ({ extension }) => (extension === null ? '—' : nameOf(extension)),
    },
    {
      key: 'kept',
      title: t('recordings.kept'),
      width: 'minmax(10rem, 1fr)',
      render: (recording) => <Kept recording={recording} />,
    },
    {
      key: 'duration',
      title: t('recordings.duration'),
      width: '7rem',
      align: 'end',
      render: ({ duration }) => (duration === null ? '—' : formatDuration(duration)),
    },
    {
      key: 'size',
      title: t('recordings.size'),
      width: '5.500rem',
      align: 'end',
      render: ({ size }) => format.bytes(size),
    },
    {
      key: 'opens',
      title: t('recordings.opens'),
      width: '6rem',
      align: 'end',
      render: ({ opens }) => format.number(opens),
    },
    {
      key: 'started',
      title: t('recordings.started'),
      width: 'minmax(9rem, 0.800fr)',
      align: 'end',
      render: ({ started_at: at }) => <time dateTime={at}>{format.moment(at)}</time>,
    },
  ];
}

function Who({ recording: { phone, direction } }: { recording: RecordingItem }) {
  const { t } = useTranslation();
  const icon =
    direction === 'out' ? 'outgoing' : direction === 'internal' ? 'internal' : 'incoming';
  return (
    <span className={classes.who}>
      <Icon name="play" size={14} />
      <span>{phone ? formatPhone(phone) : t('recordings.noPhone')}</span>
      {direction && (
        <span
          className={`${list.dim} ${classes.direction}`}
          title={t(`calls.directions.${direction}`)}
        >
          <Icon name={icon} size={14} />
        </span>
      )}
    </span>
  );
}

function NarrowRecording({ recording }: { recording: RecordingItem }) {
  const format = useFormat();
  const nameOf = useExtensionName();
  const { duration, size, extension, started_at: at } = recording;
  return (
    <span className={list.lines}>
      <span className={list.line}>
        <Who recording={recording} />
        <time dateTime={at}>{format.moment(at)}</time>
      </span>
      <span className={list.line}>
        <Kept recording={recording} />
        <span className={list.dim}>
          {[
            extension && nameOf(extension),
            duration !== null && formatDuration(duration),
            format.bytes(size),
          ]
            .filter(Boolean)
            .join(' · ')}
        </span>
      </span>
    </span>
  );
}
