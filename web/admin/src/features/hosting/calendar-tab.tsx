import { ActionIcon, Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Link, useSearchParams } from 'react-router';

import { useFormat } from '../../format/use-format.ts';
import { useToday } from '../../format/use-today.ts';
import { Icon } from '../../ui/icons.tsx';
import { Panel } from '../../ui/page.tsx';
import { EmptyState, Loaded } from '../../ui/states.tsx';
import { Status, type Tone } from '../../ui/status.tsx';
import { calendarQuery, type Due } from './api.ts';
import { Money } from './money.tsx';

import list from '../../ui/list.module.css';
import classes from './hosting.module.css';

const TONES: Record<Due['state'], Tone> = { paid: 'green', overdue: 'red', due: 'blue' };

/** What clients paid and will owe, month by month; what is overdue stands on top of every month. */
export default function CalendarTab() {
  const { t } = useTranslation();
  const format = useFormat();
  const today = useToday();
  const [params, setParams] = useSearchParams();
  const month = /^20\d\d-(0[1-9]|1[0-2])$/.exec(params.get('month') ?? '')?.[0];
  const shown = month ?? today.slice(0, 7);
  const query = useQuery(calendarQuery(`${shown}-01`, lastDayOf(shown)));
  const go = (to: string | undefined): void =>
    setParams((before) => {
      const next = new URLSearchParams(before);
      if (to) next.set('month', to);
      else next.delete('month');
      return next;
    });

  return (
    <Panel
      title={<span className={classes.monthName}>{format.month(`${shown}-15`)}</span>}
      actions={
        <span className={classes.itemEnd}>
          <ActionIcon
            variant="default"
            size="lg"
            aria-label={t('hosting.monthBefore')}
            onClick={() => go(monthAfter(shown, -1))}
          >
            <Icon name="back" size={16} />
          </ActionIcon>
          <Button variant="default" size="sm" onClick={() => go(undefined)}>
            {t('hosting.thisMonth')}
          </Button>
          <ActionIcon
            variant="default"
            size="lg"
            aria-label={t('hosting.monthAfter')}
            onClick={() => go(monthAfter(shown, 1))}
          >
            <Icon name="right" size={16} />
          </ActionIcon>
        </span>
      }
    >
      <Loaded query={query}>
        {({ items }) =>
          items.length === 0 ? (
            <EmptyState icon="hosting" title={t('hosting.nothingDue')} />
          ) : (
            <Days items={items} />
          )
        }
      </Loaded>
    </Panel>
  );
}

function Days({ items }: { items: Due[] }) {
  const { t } = useTranslation();
  const format = useFormat();
  const [params] = useSearchParams();
  const days = [...Map.groupBy(items, ({ date }) => date)].toSorted(([a], [b]) =>
    a.localeCompare(b),
  );
  const serverOf = (id: number): string => {
    const next = new URLSearchParams(params);
    next.set('server', String(id));
    return `?${next.toString()}`;
  };
  return days.map(([date, dues]) => (
    <section key={date} aria-label={format.date(date)}>
      <h3 className={classes.day}>
        <time dateTime={date}>{format.weekday(date)}</time>
        <Money value={sumOf(dues)} />
      </h3>
      <ul className={list.plain}>
        {dues.map((due) => (
          <li key={`${due.state}${due.server_id}${due.payment_id}`} className={classes.item}>
            <Link className={`${classes.itemMain} ${classes.quiet}`} to={serverOf(due.server_id)}>
              {due.server_name}
              {due.client_name && <span className={list.dim}> · {due.client_name}</span>}
            </Link>
            <span className={classes.itemEnd}>
              <Status tone={TONES[due.state]} label={t(`hosting.dues.${due.state}`)} />
              <Money value={due.amount} />
            </span>
          </li>
        ))}
      </ul>
    </section>
  ));
}

/** Of what is known; null when nothing is. */
function sumOf(dues: Due[]): number | null {
  const known = dues.flatMap(({ amount }) => (amount === null ? [] : [amount]));
  return known.length === 0 ? null : known.reduce((sum, amount) => sum + amount, 0);
}

function monthAfter(month: string, count: number): string {
  const [year = 0, index = 1] = month.split('-').map(Number);
  return new Date(Date.UTC(year, index - 1 + count, 1)).toISOString().slice(0, 7);
}

function lastDayOf(month: string): string {
  const [year = 0, index = 1] = month.split('-').map(Number);
  return new Date(Date.UTC(year, index, 0)).toISOString().slice(0, 10);
}
