import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';

import { useFormat } from '../../format/use-format.ts';
import { Figure, Figures } from '../../ui/figures.tsx';
import { Panel } from '../../ui/page.tsx';
import { EmptyState, Loaded } from '../../ui/states.tsx';
import { SumTable } from '../../ui/sum-table.tsx';
import { type Usage, usageQuery } from './api.ts';

import list from '../../ui/list.module.css';
import classes from './recordings.module.css';

/** What the recordings of all enterprises take, and what that costs. */
export default function UsageTab({ number }: { number: string }) {
  const { t } = useTranslation();
  const format = useFormat();
  const query = useQuery(usageQuery);
  const gigabytes = (value: number): string => t('recordings.gb', { size: format.number(value) });
  return (
    <Loaded query={query}>
      {(usage) => (
        <div className={list.stack}>
          <Figures>
            <Figure
              name={t('recordings.cost')}
              value={format.money(usage.estimated_cost_eur, 'EUR')}
              note={t('recordings.estimate')}
            />
            <Figure
              name={t('recordings.stored')}
              value={gigabytes(usage.total_size_gb)}
              note={t('recordings.left', { size: gigabytes(usage.included.storage_left_gb) })}
            />
            <Figure name={t('recordings.files')} value={format.number(usage.total_files)} />
            <Figure
              name={t('recordings.traffic')}
              value={gigabytes(usage.traffic_gb)}
              note={t('recordings.trafficNote')}
            />
            <Figure
              name={t('recordings.limits')}
              value={format.percent(
                Math.max(usage.share_of_limits.objects, usage.share_of_limits.size) * 100,
              )}
            />
            <Figure
              name={t('recordings.orphans')}
              value={format.number(usage.orphans.total)}
              isBad={usage.orphans.total > 0}
            />
          </Figures>
          <div className={classes.columns}>
            <Panel title={t('recordings.byEnterprise')}>
              <Totals
                label={t('recordings.byEnterprise')}
                rows={usage.by_enterprise.map(({ enterprise_number: key, name, ...rest }) => ({
                  key,
                  title: `${key} ${name}`,
                  isOurs: key === number,
                  ...rest,
                }))}
              />
            </Panel>
            <Panel title={t('recordings.byMonth')}>
              <Totals
                label={t('recordings.byMonth')}
                rows={usage.by_month.map(({ month, ...rest }) => ({
                  key: month,
                  title: format.month(`${month}-15`),
                  isOurs: false,
                  ...rest,
                }))}
              />
            </Panel>
          </div>
          {usage.orphans.total > 0 && <Orphans orphans={usage.orphans} />}
        </div>
      )}
    </Loaded>
  );
}

type Row = {
  key: string;
  title: string;
  isOurs: boolean;
  files: number;
  size_gb: number;
  traffic_gb: number;
};

function Totals({ label, rows }: { label: string; rows: Row[] }) {
  const { t } = useTranslation();
  const format = useFormat();
  if (rows.length === 0) return <EmptyState icon="recordings" title={t('recordings.none')} />;
  return (
    <SumTable
      label={label}
      titles={[
        t('recordings.what'),
        t('recordings.files'),
        t('recordings.sizeGb'),
        t('recordings.trafficGb'),
      ]}
    >
      {rows.map(({ key, title, isOurs, files, size_gb: size, traffic_gb: traffic }) => (
        <tr key={key} data-ours={isOurs || undefined}>
          <td>{title}</td>
          <td>{format.number(files)}</td>
          <td>{format.number(size)}</td>
          <td>{format.number(traffic)}</td>
        </tr>
      ))}
    </SumTable>
  );
}

function Orphans({ orphans }: { orphans: Usage['orphans'] }) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <Panel title={t('recordings.orphansTitle')}>
      <ul className={classes.orphans}>
        {orphans.items.map(({ key, size, found_at: at }) => (
          <li key={key}>
            <code>{key}</code>{' '}
            <span className={list.dim}>
              {format.bytes(size)} · {format.moment(at)}
            </span>
          </li>
        ))}
      </ul>
    </Panel>
  );
}
