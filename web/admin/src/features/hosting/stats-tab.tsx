import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense } from 'react';
import { useTranslation } from 'react-i18next';

import { Panel } from '../../ui/page.tsx';
import { EmptyState, Loaded, LoadingState } from '../../ui/states.tsx';
import { type Stats, statsQuery } from './api.ts';
import { Money } from './money.tsx';

import classes from './hosting.module.css';

const MonthsChart = lazy(() => import('./months-chart.tsx'));

/** Cost, revenue and margin: month by month, client by client. */
export default function StatsTab() {
  const { t } = useTranslation();
  const query = useQuery(statsQuery);
  return (
    <Loaded query={query} loading={<LoadingState rows={6} height={48} />}>
      {({ months, clients }) => (
        <div className={classes.stack}>
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
    // It may scroll sideways, so the keyboard must reach it.
    /* eslint-disable jsx-a11y/no-noninteractive-tabindex */
    <div
      className={classes.wideTable}
      tabIndex={0}
      role="region"
      aria-label={t('hosting.byClient')}
    >
      {/* eslint-enable jsx-a11y/no-noninteractive-tabindex */}
      <table className={classes.table}>
        <thead>
          <tr>
            <th scope="col">{t('hosting.client')}</th>
            <th scope="col">{t('hosting.servers')}</th>
            <th scope="col">{t('hosting.cost')}</th>
            <th scope="col">{t('hosting.revenue')}</th>
            <th scope="col">{t('hosting.margin')}</th>
          </tr>
        </thead>
        <tbody>
          {clients.map(({ client, servers, cost, revenue, margin, ...rest }) => (
            <tr key={client ?? ''}>
              <td>
                {client ?? <span className={classes.dim}>{t('hosting.noClient')}</span>}
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
        </tbody>
      </table>
    </div>
  );
}
