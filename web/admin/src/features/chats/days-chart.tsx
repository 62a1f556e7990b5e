import '@mantine/core/styles/ColorSwatch.css';
import '@mantine/charts/styles.css';
import { BarChart } from '@mantine/charts';
import { useTranslation } from 'react-i18next';

import { useFormat } from '../../format/use-format.ts';
import type { Stats } from './api.ts';

/** Visitors, chats with people, and those that were accepted, by the day. */
export default function DaysChart({ days }: { days: Stats['days'] }) {
  const { t } = useTranslation();
  const format = useFormat();
  const data = days.map(({ day, ...counts }) => ({
    day: format.digits(day).slice(0, 5),
    ...counts,
  }));
  const told = data
    .map(({ day, sessions, chats, accepted }) =>
      t('chats.dayTold', { day, sessions, chats, accepted }),
    )
    .join('; ');
  return (
    <div role="img" aria-label={`${t('chats.byDay')}. ${told}`}>
      <BarChart
        h="16rem"
        data={data}
        dataKey="day"
        withLegend
        gridAxis="x"
        tickLine="none"
        barProps={{ isAnimationActive: false, maxBarSize: 22 }}
        yAxisProps={{ allowDecimals: false, width: 34 }}
        series={[
          { name: 'sessions', label: t('chats.sessions'), color: 'gray.5' },
          { name: 'chats', label: t('chats.toPeople'), color: 'indigo.5' },
          { name: 'accepted', label: t('chats.accepted'), color: 'teal.6' },
        ]}
      />
    </div>
  );
}
