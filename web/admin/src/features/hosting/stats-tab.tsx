import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense } from 'react';
import { useTranslation } from 'react-i18next';

import { Panel } from '../../ui/page.tsx';
import { EmptyState, Loaded, LoadingState } from '../../ui/states.tsx';
import { SumTable } from '../../ui/sum-table.tsx';
import { type Stats, statsQuery } from './api.ts';
import { Money } from './money.tsx';

import list from '../../ui/list.module.css';
import classes from './hosting.module.css';

const MonthsChart = lazy(() => import('./months-chart.tsx'));

/** Cost, revenue and margin: month by month, client by client. */
export default function StatsTab() {
  const { t } = useTranslation();
  const query = useQuery(statsQuery);
  return (
    <Loaded query={query} loading={<LoadingState rows={6} height={48} />}>
      {({ months, clients }) => (
        <div className={list.stack}>
          <Panel title={t('hosting.byMonth')}>
            <div className={classes.chart}>
              <Suspense fallback={<LoadingState rows={1} height={260} />}>
                <MonthsChart months={months} />
              </Suspense>
            </div>
          </Panel>
          <Panel title={t('hosting.byClient')}>
            {clients.length === 0 ? (
              <EmptyState icon="hosting" title={t('hosting.none')} />
            ) : (
              <Clients clients={clients} />
            )}
          </Panel>
        </div>
      )}
    </Loaded>
  );
}

function Clients({ clients }: { clients: Stats['clients'] }) {
  const { t } = useTranslation();
  return (
    <SumTable
      label={t('hosting.byClient')}
      titles={[
        t('hosting.client'),
        t('hosting.servers'),
        t('hosting.cost'),
        t('hosting.revenue'),
        t('hosting.margin'),
      ]}
    >
      {clients.map(({ client, servers, cost, revenue, margin, ...rest }) => (
        <tr key={client ?? ''}>
          <td>
            {client ?? <span className={list.dim}>{t('hosting.noClient')}</span>}
            {rest.unknown_cost + rest.unknown_price > 0 && (
              <div className={classes.unknown}>
                {t('hosting.incomplete', {
                  cost: rest.unknown_cost,
                  price: rest.unknown_price,
                })}
              </div>
            )}
          </td>
          <td>{servers}</td>
          <td>
            <Money value={cost} />
          </td>
          <td>
            <Money value={revenue} />
          </td>
          <td>
            <Money value={margin} signed />
          </td>
        </tr>
      ))}
    </SumTable>
  );
}
