import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';

import { useFormat } from '../../format/use-format.ts';
import { Panel } from '../../ui/page.tsx';
import { type PlainColumn, PlainTable } from '../../ui/plain-table.tsx';
import { EmptyState } from '../../ui/states.tsx';
import { Status } from '../../ui/status.tsx';
import { useBoxProblem } from '../box/box-words.ts';
import type { Box } from './api.ts';

import classes from './services.module.css';

/** The boxes as the check of every five minutes last saw them. */
export function BoxesPanel({ boxes }: { boxes: Box[] }) {
  const { t } = useTranslation();
  const format = useFormat();
  const ago = (at: string | null) =>
    at === null ? '—' : <time dateTime={at}>{format.ago(at)}</time>;
  const columns: PlainColumn<Box>[] = [
    {
      key: 'name',
      title: t('services.box'),
      render: ({ enterprise_number: number, name }) => (
        <Link to={`/enterprises/${number}`}>
          {number} {name}
        </Link>
      ),
    },
    { key: 'state', title: t('services.state'), render: (box) => <BoxState box={box} /> },
    { key: 'seen', title: t('services.seen'), render: ({ last_seen_at: at }) => ago(at) },
    { key: 'event', title: t('services.lastEvent'), render: ({ last_event_at: at }) => ago(at) },
    { key: 'version', title: 'Asterisk', render: ({ asterisk }) => asterisk ?? '—' },
    {
      key: 'channels',
      title: t('services.channels'),
      align: 'end',
      render: ({ channels }) => channels ?? '—',
    },
    {
      key: 'latency',
      title: t('services.latency'),
      align: 'end',
      render: ({ latency_ms: ms }) =>
        ms === null ? '—' : t('common.ms', { ms: format.number(ms) }),
    },
  ];
  return (
    <Panel title={t('services.boxes')}>
      {boxes.length === 0 ? (
        <EmptyState icon="box" title={t('services.noBoxes')} />
      ) : (
        <PlainTable
          label={t('services.boxes')}
          rows={boxes}
          rowKey={({ enterprise_number: number }) => number}
          columns={columns}
        />
      )}
    </Panel>
  );
}

function BoxState({ box: { checked_at: checked, problem } }: { box: Box }) {
  const { t } = useTranslation();
  const problemText = useBoxProblem();
  if (checked === null) return <Status tone="grey" label={t('services.neverChecked')} />;
  if (problem === null) return <Status tone="green" label={t('box.reachable')} />;
  return (
    <span>
      <Status tone="red" label={t('box.unreachable')} />
      <span className={`${classes.what} ${classes.note}`}>{problemText(problem)}</span>
    </span>
  );
}
