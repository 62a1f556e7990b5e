import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';

import { useFormat } from '../../format/use-format.ts';
import { Page, Panel } from '../../ui/page.tsx';
import { type PlainColumn, PlainTable } from '../../ui/plain-table.tsx';
import { Loaded, LoadingState } from '../../ui/states.tsx';
import { Status } from '../../ui/status.tsx';
import { type Services, servicesQuery } from './api.ts';
import { BoxesPanel } from './boxes-panel.tsx';
import { QueuesPanel } from './queues-panel.tsx';
import { SchedulesPanel } from './schedules-panel.tsx';
import { useServiceWords } from './service-words.ts';
import { StoragePanel } from './storage-panel.tsx';

import classes from './services.module.css';

/** How everything that runs is; looked at again every few seconds. */
export default function ServicesPage() {
  const { t } = useTranslation();
  const query = useQuery(servicesQuery);
  return (
    <Page
      title={t('services.title')}
      subtitle={query.data && t('services.version', { version: query.data.version })}
    >
      <Loaded query={query} loading={<LoadingState rows={5} height={110} />}>
        {(services) => (
          <>
            <Figures services={services} />
            <QueuesPanel queues={services.queues} />
            <SchedulesPanel schedules={services.schedules} />
            <BoxesPanel boxes={services.boxes} />
            <StoragePanel />
            <FunctionsPanel functions={services.functions} />
          </>
        )}
      </Loaded>
    </Page>
  );
}

function Figures({ services: { database, storage, boxes, queues } }: { services: Services }) {
  const { t } = useTranslation();
  const format = useFormat();
  const seen = boxes.filter(({ checked_at: at, problem }) => at !== null && problem === null);
  const dead = queues.reduce((sum, queue) => sum + (queue.dead_letters ?? 0), 0);
  const isDown = queues.some(({ problem }) => problem !== null);
  return (
    <div className={classes.figures}>
      <div className={classes.figure}>
        <span className={classes.figureName}>{t('services.database')}</span>
        <span className={classes.figureValue}>
          <Status
            tone={database.state === 'connected' ? 'green' : 'amber'}
            label={t(`services.databaseStates.${database.state}`)}
          />
        </span>
        <span className={classes.note}>
          PostgreSQL {database.version} · {t('common.ms', { ms: database.answer_ms })} ·{' '}
          {format.bytes(database.size_bytes)} ·{' '}
          {t('services.connections', { ...database.connections })}
        </span>
      </div>
      <div className={classes.figure}>
        <span className={classes.figureName}>{t('services.queues')}</span>
        <span className={classes.figureValue}>
          <Status
            tone={isDown || dead > 0 ? 'red' : 'green'}
            label={t(isDown ? 'services.queuesDown' : 'services.queuesAnswer')}
          />
        </span>
        <span className={classes.note}>{t('services.deadLetters', { count: dead })}</span>
      </div>
      <div className={classes.figure}>
        <span className={classes.figureName}>{t('services.storage')}</span>
        <span className={classes.figureValue}>
          {storage === null ? (
            <Status tone="grey" label={t('services.storageStates.none')} />
          ) : (
            <Status
              tone={storage.state === 'connected' ? 'green' : 'red'}
              label={t(`services.storageStates.${storage.state}`)}
            />
          )}
        </span>
        <span className={classes.note}>{storage?.problem}</span>
      </div>
      <div className={classes.figure}>
        <span className={classes.figureName}>{t('services.boxes')}</span>
        <span className={classes.figureValue}>
          <Status
            tone={seen.length === boxes.length ? 'green' : 'amber'}
            label={t('services.boxesSeen', { seen: seen.length, all: boxes.length })}
          />
        </span>
      </div>
    </div>
  );
}

type Described = Services['functions'][number];

function FunctionsPanel({ functions }: { functions: Described[] }) {
  const { t } = useTranslation();
  const { describe } = useServiceWords();
  const columns: PlainColumn<Described>[] = [
    { key: 'name', title: t('services.name'), render: ({ name }) => name },
    { key: 'what', title: t('services.what'), render: describe },
    {
      key: 'triggers',
      title: t('services.triggers'),
      render: ({ triggers }) => (
        <span>
          {triggers.map((trigger) => (
            <span key={trigger} className={classes.triggers}>
              {trigger}
            </span>
          ))}
        </span>
      ),
    },
  ];
  return (
    <Panel>
      <details className={classes.functions}>
        <summary>{t('services.functions', { count: functions.length })}</summary>
        <PlainTable
          label={t('services.functionsList')}
          rows={functions}
          rowKey={({ name }) => name}
          columns={columns}
        />
      </details>
    </Panel>
  );
}
