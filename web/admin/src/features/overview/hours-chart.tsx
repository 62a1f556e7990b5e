import '@mantine/core/styles/ColorSwatch.css';
import '@mantine/charts/styles.css';
import { BarChart } from '@mantine/charts';
import { useTranslation } from 'react-i18next';

import { useFormat } from '../../format/use-format.ts';
import type { Overview } from './api.ts';
import { hoursOf } from './hours.ts';

/** Calls by the hour, answered ones below and missed ones on top. */
export default function HoursChart({ hours }: { hours: Overview['calls']['by_hour'] }) {
  const { t } = useTranslation();
  const format = useFormat();
  const data = hoursOf(hours, format.hour);
  const told = data
    .filter(({ total }) => total > 0)
    .map(({ hour, total, missed }) => t('overview.hourTold', { hour, total, missed }))
    .join('; ');
  return (
    <div role="img" aria-label={`${t('overview.byHour')}. ${told}`}>
      <BarChart
        h="16rem"
        data={data}
        dataKey="hour"
        type="stacked"
        withLegend
        gridAxis="x"
        tickLine="none"
        barProps={{ isAnimationActive: false, maxBarSize: 34 }}
        yAxisProps={{ allowDecimals: false, width: 34 }}
        series={[
          { name: 'other', label: t('overview.otherCalls'), color: 'gray.5' },
          { name: 'answered', label: t('overview.answered'), color: 'teal.6' },
          { name: 'missed', label: t('overview.missed'), color: 'red.6' },
        ]}
      />
    </div>
  );
}
