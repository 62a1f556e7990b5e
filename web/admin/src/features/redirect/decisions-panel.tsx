import { Modal } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useSearchParams } from 'react-router';

import { listRedirects } from '../../../../../shared/smart-redirect/smart-redirect.schema.ts';
import { ask } from '../../api/api-client.ts';
import { formatPhone } from '../../format/format.ts';
import { useFormat } from '../../format/use-format.ts';
import { type Column, DataTable } from '../../ui/data-table.tsx';
import { Facts } from '../../ui/facts.tsx';
import { Panel } from '../../ui/page.tsx';
import { usePaged } from '../../ui/paged.ts';
import { EmptyState } from '../../ui/states.tsx';
import { Status } from '../../ui/status.tsx';
import type { Redirect } from './api.ts';
import { Lookups } from './lookups.tsx';
import { useRedirectWords } from './redirect-words.ts';

import classes from './redirect.module.css';

const PAGE = 100;
const LOOK_AGAIN_MS = 10_000;

/** What was done with the calls that asked for their manager, and how long it took. */
export function DecisionsPanel({ number }: { number: string }) {
  const { t } = useTranslation();
  const [params, setParams] = useSearchParams();
  const rows = usePaged<Redirect>({
    queryKey: ['redirect', number, 'decisions'],
    loadPage: (cursor, signal) =>
      ask(listRedirects, { params: { number }, query: { cursor, limit: PAGE }, signal }),
    refetchInterval: LOOK_AGAIN_MS,
  });
  const opened = rows.items.find(({ id }) => id === params.get('open'));
  return (
    <Panel padded={false}>
      <div className={classes.head}>
        <h2 className={classes.verdict}>{t('redirect.decisions')}</h2>
      </div>
      <DataTable
        label={t('redirect.decisions')}
        rows={rows}
        rowKey={({ id }) => id}
        columns={useColumns()}
        to={({ id }) => `?open=${id}`}
        height="26rem"
        narrow={(redirect) => <Narrow redirect={redirect} />}
        empty={
          <EmptyState icon="redirect" title={t('redirect.none')} text={t('redirect.noneText')} />
        }
      />
      <Modal
        opened={opened !== undefined}
        onClose={() => setParams({})}
        size="lg"
        title={t('redirect.one')}
        closeButtonProps={{ 'aria-label': t('common.close') }}
      >
        {opened && <Decision redirect={opened} />}
      </Modal>
    </Panel>
  );
}

function useColumns(): Column<Redirect>[] {
  const { t } = useTranslation();
  const format = useFormat();
  const words = useRedirectWords();
  return [
    {
      key: 'at',
      title: t('redirect.at'),
      width: 'minmax(8rem, 0.800fr)',
      render: ({ created_at: at }) => <time dateTime={at}>{format.moment(at)}</time>,
    },
    {
      key: 'phone',
      title: t('calls.phone'),
      width: 'minmax(9rem, 1fr)',
      render: ({ phone }) => formatPhone(phone),
    },
    {
      key: 'what',
      title: t('redirect.what'),
      width: 'minmax(14rem, 2fr)',
      render: (redirect) => <Verdict redirect={redirect} />,
    },
    {
      key: 'source',
      title: t('redirect.source'),
      width: 'minmax(8rem, 0.900fr)',
      render: ({ source, cached }) =>
        source === null
          ? '—'
          : `${words.source(source)}${cached ? `, ${t('redirect.cached')}` : ''}`,
    },
    {
      key: 'took',
      title: t('redirect.took'),
      width: '6rem',
      align: 'end',
      render: ({ took_ms: ms }) => t('common.ms', { ms: format.number(ms) }),
    },
  ];
}

function Verdict({ redirect }: { redirect: Redirect }) {
  const { t } = useTranslation();
  const words = useRedirectWords();
  const { action, manager, manager_name: name, reason } = redirect;
  if (action === 'redirected')
    return (
      <Status
        tone="green"
        label={t('redirect.redirected', { manager: words.person(manager, name) })}
      />
    );
  const label = [t('redirect.went'), reason && words.reason(reason)].filter(Boolean).join(': ');
  return <Status tone={reason === 'asterisk_error' ? 'red' : 'grey'} label={label} />;
}

function Narrow({ redirect }: { redirect: Redirect }) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <span className={classes.lines}>
      <span className={classes.line}>
        <span>{formatPhone(redirect.phone)}</span>
        <time dateTime={redirect.created_at}>{format.moment(redirect.created_at)}</time>
      </span>
      <span className={classes.line}>
        <Verdict redirect={redirect} />
        <span className={classes.dim}>
          {t('common.ms', { ms: format.number(redirect.took_ms) })}
        </span>
      </span>
    </span>
  );
}

function Decision({ redirect }: { redirect: Redirect }) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <div className={classes.answer}>
      <Verdict redirect={redirect} />
      <Facts
        facts={[
          [t('redirect.at'), format.moment(redirect.created_at)],
          [t('calls.phone'), formatPhone(redirect.phone)],
          [t('calls.line'), redirect.trunk],
          [t('redirect.askedBy'), t(`redirect.askers.${redirect.asked_by}`)],
          [t('redirect.took'), t('common.ms', { ms: format.number(redirect.took_ms) })],
          [t('calls.uniqueId'), redirect.unique_id],
          [t('redirect.channel'), redirect.channel],
        ]}
      />
      {redirect.warning !== null && <p className={classes.dim}>{redirect.warning}</p>}
      <Lookups lookups={redirect.lookups} took={redirect.took_ms} />
    </div>
  );
}
