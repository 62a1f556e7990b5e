import { useTranslation } from 'react-i18next';
import { useSearchParams } from 'react-router';

import type { Project } from '../../../../../shared/hosting/payments.schema.ts';
import type { Server } from '../../../../../shared/hosting/servers.schema.ts';
import { useFormat } from '../../format/use-format.ts';
import { useToday } from '../../format/use-today.ts';
import { type Column, DataTable } from '../../ui/data-table.tsx';
import { Editable } from '../../ui/editable.tsx';
import type { Paged } from '../../ui/paged.ts';
import { EmptyState } from '../../ui/states.tsx';
import { Status } from '../../ui/status.tsx';
import { usePatchServer } from './api.ts';
import { Money, readMoney, writeMoney } from './money.tsx';
import { SERVER_TONES } from './server-words.ts';

import list from '../../ui/list.module.css';
import classes from './hosting.module.css';

type TableProps = { rows: Paged<Server>; projects: Project[]; isFiltered: boolean };

export function ServerTable({ rows, projects, isFiltered }: TableProps) {
  const { t } = useTranslation();
  const columns = useColumns(projects);
  const [params] = useSearchParams();
  return (
    <DataTable
      label={t('hosting.servers')}
      rows={rows}
      rowKey={({ id }) => String(id)}
      columns={columns}
      minWidth="71.500rem"
      height="max(22rem, calc(100dvh - 25.500rem))"
      narrowHeight={96}
      to={({ id }) => {
        const next = new URLSearchParams(params);
        next.set('server', String(id));
        return `?${next.toString()}`;
      }}
      narrow={(server) => <NarrowServer server={server} />}
      empty={
        <EmptyState
          icon="hosting"
          title={isFiltered ? t('common.nothingFound') : t('hosting.none')}
          text={isFiltered ? t('hosting.noneFiltered') : t('hosting.noneText')}
        />
      }
    />
  );
}

function useColumns(projects: Project[]): Column<Server>[] {
  const { t } = useTranslation();
  const patch = usePatchServer();
  const save = (server: Server, fields: Parameters<typeof patch.mutateAsync>[0]['patch']) =>
    patch.mutateAsync({ server, patch: fields });
  const projectOptions = [
    { value: '', label: t('hosting.noProject') },
    ...projects.map(({ id, name }) => ({ value: String(id), label: name })),
  ];
  const labelOf = (what: string, server: Server): string =>
    t('hosting.changeOf', { what, server: server.server_name });

  return [
    {
      key: 'name',
      title: t('hosting.name'),
      width: 'minmax(7.750rem, 1.400fr)',
      render: (server) => (
        <span className={classes.two}>
          <strong className={classes.one} title={server.server_name}>
            {server.server_name}
          </strong>
          {server.missing_since && <small className={classes.bad}>{t('hosting.missing')}</small>}
        </span>
      ),
    },
    {
      key: 'client',
      title: t('hosting.client'),
      width: 'minmax(7rem, 1.200fr)',
      render: (server) => (
        <Editable
          label={labelOf(t('hosting.client'), server)}
          value={server.client_name ?? ''}
          onSave={(text) => save(server, { client_name: text || null })}
        >
          {server.client_name ?? <Nothing />}
        </Editable>
      ),
    },
    {
      key: 'project',
      title: t('hosting.project'),
      width: 'minmax(6rem, 1fr)',
      render: (server) => (
        <Editable
          label={labelOf(t('hosting.project'), server)}
          value={server.project_id === null ? '' : String(server.project_id)}
          options={projectOptions}
          onSave={(id) => save(server, { project_id: id ? Number(id) : null })}
        >
          {server.project_name ?? <Nothing />}
        </Editable>
      ),
    },
    {
      key: 'configuration',
      title: t('hosting.configuration'),
      width: 'minmax(7.400rem, 1.400fr)',
      render: ({ configuration }) => (
        <span className={classes.small} title={configuration ?? ''}>
          {configuration ?? <Nothing />}
        </span>
      ),
    },
    {
      key: 'ip',
      title: t('hosting.ip'),
      width: 'minmax(6.750rem, 0.700fr)',
      render: ({ ip_address: ip }) => (ip ? <span title={ip}>{ip}</span> : <Nothing />),
    },
    {
      key: 'status',
      title: t('hosting.status'),
      width: 'minmax(7rem, 0.700fr)',
      render: ({ status }) => (
        <Status tone={SERVER_TONES[status]} label={t(`hosting.statuses.${status}`)} />
      ),
    },
    {
      key: 'cost',
      title: t('hosting.cost'),
      width: 'minmax(4.850rem, 0.500fr)',
      align: 'end',
      render: ({ cost_price: cost }) => <Money value={cost} />,
    },
    {
      key: 'price',
      title: t('hosting.clientPrice'),
      width: 'minmax(4.850rem, 0.500fr)',
      align: 'end',
      render: (server) => (
        <Editable
          label={labelOf(t('hosting.clientPrice'), server)}
          kind="money"
          align="end"
          value={writeMoney(server.client_price)}
          isValid={(text) => readMoney(text) !== undefined}
          onSave={(text) => save(server, { client_price: readMoney(text) ?? null })}
        >
          <Money value={server.client_price} />
        </Editable>
      ),
    },
    {
      key: 'margin',
      title: t('hosting.margin'),
      width: 'minmax(4.850rem, 0.500fr)',
      align: 'end',
      render: ({ margin }) => <Money value={margin} signed />,
    },
    {
      key: 'next',
      title: t('hosting.nextPayment'),
      width: 'minmax(6.350rem, 0.600fr)',
      align: 'end',
      render: (server) => (
        <Editable
          label={labelOf(t('hosting.nextPayment'), server)}
          kind="date"
          align="end"
          value={server.next_payment_date ?? ''}
          onSave={(date) => save(server, { next_payment_date: date || null })}
        >
          <PaymentDay server={server} />
        </Editable>
      ),
    },
  ];
}

const Nothing = () => <span className={classes.unknown}>—</span>;

function PaymentDay({ server }: { server: Server }) {
  const format = useFormat();
  const today = useToday();
  const { next_payment_date: date, status } = server;
  if (date === null) return <Nothing />;
  const isOver = status !== 'closed' && date < today;
  return <span className={isOver ? classes.bad : undefined}>{format.digits(date)}</span>;
}

function NarrowServer({ server }: { server: Server }) {
  const { t } = useTranslation();
  return (
    <span className={list.lines}>
      <span className={list.line}>
        <strong>{server.server_name}</strong>
        <Status tone={SERVER_TONES[server.status]} label={t(`hosting.statuses.${server.status}`)} />
      </span>
      <span className={list.line}>
        <span className={list.dim}>
          {[server.client_name, server.ip_address].filter(Boolean).join(' · ') || '—'}
        </span>
        <PaymentDay server={server} />
      </span>
      <span className={list.line}>
        <span>
          <Money value={server.cost_price} /> → <Money value={server.client_price} />
        </span>
        <Money value={server.margin} signed />
      </span>
    </span>
  );
}
