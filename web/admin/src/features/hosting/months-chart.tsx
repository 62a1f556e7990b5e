import '@mantine/core/styles/ColorSwatch.css';
import '@mantine/charts/styles.css';
import { BarChart } from '@mantine/charts';
import { useTranslation } from 'react-i18next';

import { useFormat } from '../../format/use-format.ts';
import { CURRENCY, type Stats } from './api.ts';

/** Cost, what clients owe and what they paid, by the month. A month of which something is unknown has no bar for it. */
export default function MonthsChart({ months }: { months: Stats['months'] }) {
  const { t } = useTranslation();
  const format = useFormat();
  const data = months.map(({ month, cost, revenue, received }) => ({
    month: format.shortMonth(`${month}-15`),
    cost,
    revenue,
    received,
  }));
  const sum = (value: number | null): string =>
    value === null ? t('hosting.unknown') : format.money(value, CURRENCY);
  const told = data
    .map(({ month, cost, revenue, received }) =>
      t('hosting.monthTold', {
        month,
        cost: sum(cost),
        revenue: sum(revenue),
        received: sum(received),
      }),
    )
    .join('; ');
  return (
    <div role="img" aria-label={`${t('hosting.byMonth')}. ${told}`}>
      <BarChart
        h="18rem"
        data={data}
        dataKey="month"
        withLegend
        gridAxis="x"
        tickLine="none"
        barProps={{ isAnimationActive: false, maxBarSize: 22 }}
        yAxisProps={{ width: 64 }}
        valueFormatter={format.number}
        series={[
          { name: 'cost', label: t('hosting.cost'), color: 'gray.5' },
          { name: 'revenue', label: t('hosting.revenue'), color: 'indigo.5' },
          { name: 'received', label: t('hosting.received'), color: 'teal.6' },
        ]}
      />
    </div>
  );
}
