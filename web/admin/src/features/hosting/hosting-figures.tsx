import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';

import { useFormat } from '../../format/use-format.ts';
import { useErrorText } from '../../ui/error-text.ts';
import { Figure, Figures } from '../../ui/figures.tsx';
import { financesQuery, statsQuery } from './api.ts';
import { Money } from './money.tsx';

/** How the money stands: ours at Timeweb, and what the clients bring a month. */
export function HostingFigures({ isConfigured }: { isConfigured: boolean }) {
  const { t } = useTranslation();
  const { data: stats } = useQuery(statsQuery);
  const total = stats?.total;
  const waiting = '…';
  return (
    <Figures>
      <Balance isConfigured={isConfigured} />
      <Figure
        name={t('hosting.servers')}
        value={total?.servers ?? waiting}
        note={stats && t('hosting.activeOf', { count: stats.statuses.active })}
      />
      <Figure
        name={t('hosting.costFigure')}
        value={total ? <Money value={total.cost} whole /> : waiting}
        note={
          total && total.unknown_cost > 0
            ? t('hosting.unknownOf', { count: total.unknown_cost })
            : ''
        }
      />
      <Figure
        name={t('hosting.revenueMonth')}
        value={total ? <Money value={total.revenue} whole /> : waiting}
        note={
          total && total.unknown_price > 0
            ? t('hosting.unknownPriceOf', { count: total.unknown_price })
            : ''
        }
      />
      <Figure
        name={t('hosting.marginMonth')}
        value={total ? <Money value={total.margin} signed whole /> : waiting}
        note={t('hosting.marginNote')}
      />
      <Figure
        name={t('hosting.overdue')}
        value={stats?.statuses.overdue ?? waiting}
        isBad={(stats?.statuses.overdue ?? 0) > 0}
        note={
          stats && stats.statuses.missing > 0
            ? t('hosting.missingCount', { count: stats.statuses.missing })
            : ''
        }
        to={stats?.statuses.overdue ? '?status=overdue' : undefined}
      />
    </Figures>
  );
}

function Balance({ isConfigured }: { isConfigured: boolean }) {
  const { t } = useTranslation();
  const format = useFormat();
  const errorText = useErrorText();
  const { data, error } = useQuery({ ...financesQuery, enabled: isConfigured });
  const name = t('hosting.balance');
  if (!isConfigured) return <Figure name={name} value={<Money value={null} />} note="" />;
  if (error && !data)
    return <Figure name={name} value={<Money value={null} />} note={errorText(error)} />;
  if (!data) return <Figure name={name} value="…" note="" />;
  const { balance, currency, days_left: days, is_low: isLow } = data;
  return (
    <Figure
      name={name}
      value={
        balance === null ? <Money value={null} /> : format.money(Math.round(balance), currency)
      }
      note={
        days === null
          ? t('hosting.daysUnknown')
          : t('hosting.daysLeft', { count: Math.floor(days) })
      }
      isBad={isLow}
    />
  );
}
