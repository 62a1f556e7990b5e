import { lazy, Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';

import { useFormat } from '../../format/use-format.ts';
import { useIsSuperadmin } from '../../session/session.ts';
import { Figure, Figures } from '../../ui/figures.tsx';
import { Icon } from '../../ui/icons.tsx';
import { Panel } from '../../ui/page.tsx';
import { EmptyState, LoadingState } from '../../ui/states.tsx';
import { INTEGRATION_TITLES } from '../../words/integration-titles.ts';
import type { Attention, Overview } from './api.ts';

import classes from './overview.module.css';

const HoursChart = lazy(() => import('./hours-chart.tsx'));

/** Today in figures. `number` is the enterprise; undefined: all of them. */
export function OverviewContent({
  overview,
  number,
}: {
  overview: Overview;
  number: string | undefined;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  const { calls, deliveries } = overview;
  const callsPage = number === undefined ? undefined : `/e/${number}/calls`;
  const today = callsPage && `${callsPage}?from=${overview.date}`;
  return (
    <>
      <Figures>
        <Figure name={t('overview.live')} value={format.number(calls.live)} to={callsPage} />
        <Figure
          name={t('overview.calls')}
          value={format.number(calls.total)}
          note={t('overview.directions', {
            incoming: calls.incoming,
            outgoing: calls.outgoing,
            internal: calls.internal,
          })}
          to={today}
        />
        <Figure
          name={t('overview.answered')}
          value={format.number(calls.answered)}
          to={today && `${today}&status=answered`}
        />
        <Figure
          name={t('overview.missed')}
          value={format.number(calls.missed)}
          to={today && `${today}&status=missed`}
        />
        <Figure
          name={t('overview.delivered')}
          value={format.percent(deliveries.success_rate)}
          note={t('overview.attempts', { count: deliveries.total_events })}
          to={number === undefined ? undefined : `/e/${number}/deliveries`}
        />
      </Figures>
      <div className={classes.columns}>
        <Panel title={t('overview.byHour')}>
          <div className={classes.chart}>
            {calls.by_hour.length === 0 ? (
              <EmptyState icon="calls" title={t('overview.noCalls')} />
            ) : (
              <Suspense fallback={<LoadingState rows={1} height={240} />}>
                <HoursChart hours={calls.by_hour} />
              </Suspense>
            )}
          </div>
        </Panel>
        <Panel title={t('overview.attention')}>
          <AttentionList items={overview.attention} />
        </Panel>
      </div>
      <Panel title={t('overview.byCrm')}>
        <CrmTable integrations={deliveries.integrations} number={number} />
      </Panel>
    </>
  );
}

function AttentionList({ items }: { items: Attention[] }) {
  const { t } = useTranslation();
  const format = useFormat();
  const isSuperadmin = useIsSuperadmin();
  if (items.length === 0) return <EmptyState icon="check" title={t('overview.allWell')} />;
  return (
    <ul className={classes.list}>
      {items.map((item) => (
        <li key={`${item.kind}${item.enterprise_number}${item.item}`}>
          <Link className={classes.item} to={pageOf(item, isSuperadmin)}>
            <Icon name="warning" />
            <span>
              {t(`overview.attentions.${item.kind}`, {
                item: INTEGRATION_TITLES[item.item ?? ''] ?? item.item ?? '',
              })}
              {item.enterprise_number && (
                <>
                  {' '}
                  · {item.enterprise_number} {item.enterprise_name}
                </>
              )}
              <span className={classes.figureNote}>
                {[item.reason, item.since && format.ago(item.since)].filter(Boolean).join(' · ')}
              </span>
            </span>
          </Link>
        </li>
      ))}
    </ul>
  );
}

/** Where it is seen and set right. What only the operator can set right leads an enterprise's admin nowhere else. */
function pageOf({ page, enterprise_number: number }: Attention, isSuperadmin: boolean): string {
  if ((page === 'integrations' || page === 'box') && number !== null) return `/e/${number}/${page}`;
  if (!isSuperadmin) return number === null ? '/' : `/e/${number}`;
  return page === 'enterprises' && number !== null ? `/enterprises/${number}` : `/${page}`;
}

function CrmTable({
  integrations,
  number,
}: {
  integrations: Overview['deliveries']['integrations'];
  number: string | undefined;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <div role="table" aria-label={t('overview.byCrm')}>
      <div role="row" className={`${classes.crm} ${classes.crmHead}`}>
        <span role="columnheader">{t('overview.crm')}</span>
        <span role="columnheader">{t('overview.tried')}</span>
        <span role="columnheader">{t('overview.errors')}</span>
        <span role="columnheader">{t('overview.p95')}</span>
      </div>
      {Object.entries(integrations).map(([type, { events, errors, p95_ms: p95 }]) => (
        <div role="row" key={type} className={classes.crm}>
          <span role="cell">
            {number === undefined ? (
              (INTEGRATION_TITLES[type] ?? type)
            ) : (
              <Link to={`/e/${number}/deliveries?integration=${type}`}>
                {INTEGRATION_TITLES[type] ?? type}
              </Link>
            )}
          </span>
          <span role="cell">{format.number(events)}</span>
          <span role="cell">{format.number(errors)}</span>
          <span role="cell">{p95 === null ? '—' : t('common.ms', { ms: format.number(p95) })}</span>
        </div>
      ))}
    </div>
  );
}
