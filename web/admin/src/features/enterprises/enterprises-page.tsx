import { Button } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { listEnterprises } from '../../../../../shared/enterprises/enterprises.schema.ts';
import { ask } from '../../api/api-client.ts';
import { type Column, DataTable } from '../../ui/data-table.tsx';
import { ChoiceFilter, FilterBar, TextFilter, useFilters } from '../../ui/filters.tsx';
import { Icon } from '../../ui/icons.tsx';
import { Page, Panel } from '../../ui/page.tsx';
import { usePaged } from '../../ui/paged.ts';
import { EmptyState } from '../../ui/states.tsx';
import { Status, type Tone } from '../../ui/status.tsx';
import { type Enterprise, ENTERPRISES } from './api.ts';
import { CreateDialog } from './create-dialog.tsx';

import list from '../../ui/list.module.css';
import classes from './enterprises.module.css';

const NAMES = ['search', 'active'] as const;
const PAGE = 200;

export default function EnterprisesPage() {
  const { t } = useTranslation();
  const { values, set, reset, isFiltered } = useFilters(NAMES);
  const [isOpen, setIsOpen] = useState(false);
  const rows = usePaged({
    queryKey: [...ENTERPRISES, 'list', values],
    loadPage: (cursor, signal) =>
      ask(listEnterprises, { query: { ...values, cursor, limit: PAGE }, signal }),
  });
  const columns = useColumns();
  return (
    <Page
      title={t('enterprises.title')}
      actions={
        <Button leftSection={<Icon name="plus" size={16} />} onClick={() => setIsOpen(true)}>
          {t('enterprises.add')}
        </Button>
      }
    >
      <Panel padded={false}>
        <div className={list.filters}>
          <FilterBar onReset={isFiltered ? reset : undefined}>
            <TextFilter
              label={t('enterprises.search')}
              value={values.search}
              onChange={(value) => set('search', value)}
            />
            <ChoiceFilter
              label={t('enterprises.state')}
              value={values.active}
              onChange={(value) => set('active', value)}
              options={[
                { value: 'true', label: t('enterprises.active') },
                { value: 'false', label: t('enterprises.inactive') },
              ]}
            />
          </FilterBar>
        </div>
        <DataTable
          label={t('enterprises.title')}
          rows={rows}
          rowKey={({ number }) => number}
          columns={columns}
          to={({ number }) => `/enterprises/${number}`}
          height="max(20rem, calc(100dvh - 15rem))"
          narrow={(enterprise) => <Narrow enterprise={enterprise} />}
          empty={
            <EmptyState
              icon="enterprises"
              title={isFiltered ? t('common.nothingFound') : t('enterprises.none')}
              text={isFiltered ? undefined : t('enterprises.noneText')}
            />
          }
        />
      </Panel>
      <CreateDialog opened={isOpen} onClose={() => setIsOpen(false)} />
    </Page>
  );
}

function useColumns(): Column<Enterprise>[] {
  const { t } = useTranslation();
  return [
    { key: 'number', title: t('enterprises.number'), width: '6rem', render: (row) => row.number },
    {
      key: 'name',
      title: t('enterprises.name'),
      width: 'minmax(8rem, 1.500fr)',
      render: ({ name }) => <span title={name}>{name}</span>,
    },
    {
      key: 'state',
      title: t('enterprises.state'),
      width: 'minmax(8rem, 0.800fr)',
      render: (row) => <ActiveState enterprise={row} />,
    },
    {
      key: 'box',
      title: t('enterprises.box'),
      width: 'minmax(9rem, 1fr)',
      render: ({ ip, host, ssh_port: port }) => {
        const address = ip ?? host;
        return address ? `${address}${port === null ? '' : `:${port}`}` : '—';
      },
    },
    {
      key: 'telegram',
      title: 'Telegram',
      width: 'minmax(9rem, 0.900fr)',
      render: (row) => <TelegramState enterprise={row} />,
    },
    {
      key: 'timezone',
      title: t('enterprises.timezone'),
      width: 'minmax(8rem, 0.900fr)',
      render: ({ timezone }) => timezone,
    },
  ];
}

function Narrow({ enterprise }: { enterprise: Enterprise }) {
  const { number, name } = enterprise;
  return (
    <span className={list.lines}>
      <span className={list.line}>
        <span className={classes.name}>
          {number} {name}
        </span>
        <ActiveState enterprise={enterprise} />
      </span>
      <span className={list.line}>
        <span className={list.dim}>{enterprise.ip ?? enterprise.host ?? '—'}</span>
        <TelegramState enterprise={enterprise} />
      </span>
    </span>
  );
}

function ActiveState({ enterprise: { active } }: { enterprise: Enterprise }) {
  const { t } = useTranslation();
  return (
    <Status
      tone={active ? 'green' : 'grey'}
      label={t(active ? 'enterprises.active' : 'enterprises.inactive')}
    />
  );
}

function TelegramState({ enterprise }: { enterprise: Enterprise }) {
  const { t } = useTranslation();
  const { bot_token: bot, chat_id: chat, telegram_paused_reason: paused } = enterprise;
  const state = paused !== null ? 'paused' : bot && chat ? 'on' : 'off';
  const tones: Record<typeof state, Tone> = { paused: 'amber', on: 'green', off: 'grey' };
  return <Status tone={tones[state]} label={t(`enterprises.telegramStates.${state}`)} />;
}
