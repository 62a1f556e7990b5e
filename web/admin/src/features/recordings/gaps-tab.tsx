import { Alert } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';

import { useFormat } from '../../format/use-format.ts';
import { Figure, Figures } from '../../ui/figures.tsx';
import { Panel } from '../../ui/page.tsx';
import { EmptyState, Loaded } from '../../ui/states.tsx';
import { SumTable } from '../../ui/sum-table.tsx';
import { type Gaps, gapsQuery } from './api.ts';

import list from '../../ui/list.module.css';

/** Calls that never came as events, and what was found on the box afterwards. */
export default function GapsTab({ number }: { number: string }) {
  const { t } = useTranslation();
  const query = useQuery(gapsQuery(number));
  return (
    <Loaded query={query}>
      {(gaps) => (
        <div className={list.stack}>
          <BoxState box={gaps.box} />
          <Figures>
            <Figure name={t('recordings.callsInMonth')} value={gaps.total.calls} />
            <Figure
              name={t('recordings.onlyFromBox')}
              value={gaps.total.downloaded}
              isBad={gaps.total.downloaded > 0}
              to={`/e/${number}/calls?source=downloaded`}
            />
          </Figures>
          <Panel title={t('recordings.byDay')}>
            {gaps.days.length === 0 ? (
              <EmptyState icon="calls" title={t('recordings.noDays')} />
            ) : (
              <Days days={gaps.days} number={number} />
            )}
          </Panel>
        </div>
      )}
    </Loaded>
  );
}

function BoxState({ box }: { box: Gaps['box'] }) {
  const { t } = useTranslation();
  const format = useFormat();
  if (!box) return <Alert color="gray">{t('recordings.neverLooked')}</Alert>;
  const { ran_at: ran, reached_at: reached, problem } = box;
  const at = ran ? format.moment(ran) : '—';
  return (
    <>
      {problem ? (
        <Alert color="red" title={t('recordings.boxProblem', { at })}>
          {problem}
          {reached && <div>{t('recordings.reachedAt', { at: format.moment(reached) })}</div>}
        </Alert>
      ) : (
        <Alert color="teal">{t('recordings.boxFine', { at })}</Alert>
      )}
      {box.cdr_without_unique_ids && <Alert color="yellow">{t('recordings.noUniqueIds')}</Alert>}
    </>
  );
}

function Days({ days, number }: { days: Gaps['days']; number: string }) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <SumTable
      label={t('recordings.gapsByDay')}
      titles={[t('recordings.day'), t('recordings.calls'), t('recordings.onlyFromBox')]}
    >
      {days.map(({ date, calls, downloaded }) => (
        <tr key={date}>
          <td>
            <time dateTime={date}>{format.weekday(date)}</time>
          </td>
          <td>{format.number(calls)}</td>
          <td>
            {downloaded === 0 ? (
              format.number(0)
            ) : (
              <Link to={`/e/${number}/calls?source=downloaded&from=${date}&to=${date}`}>
                {format.number(downloaded)}
              </Link>
            )}
          </td>
        </tr>
      ))}
    </SumTable>
  );
}
