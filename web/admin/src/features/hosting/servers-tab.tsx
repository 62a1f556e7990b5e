import { Checkbox } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';

import { ChoiceFilter, FilterBar, TextFilter, useFilters } from '../../ui/filters.tsx';
import { Panel } from '../../ui/page.tsx';
import { usePaged } from '../../ui/paged.ts';
import { hostingKey, loadServers, projectsQuery } from './api.ts';
import { ServerTable } from './server-table.tsx';
import { SERVER_STATUSES, useServerWords } from './server-words.ts';

import list from '../../ui/list.module.css';
import classes from './hosting.module.css';

const NAMES = ['q', 'status', 'project', 'missing'] as const;

export function ServersTab() {
  const { t } = useTranslation();
  const words = useServerWords();
  const { values, set, reset, isFiltered } = useFilters(NAMES);
  const { data: projects } = useQuery(projectsQuery);
  const filters = {
    q: values.q,
    status: SERVER_STATUSES.find((status) => status === values.status),
    project_id: values.project,
    missing: values.missing ? ('true' as const) : undefined,
  };
  const rows = usePaged({
    queryKey: hostingKey('servers', filters),
    loadPage: (cursor, signal) => loadServers(filters, cursor, signal),
  });

  return (
    <Panel padded={false}>
      <div className={list.filters}>
        <FilterBar onReset={isFiltered ? reset : undefined}>
          <TextFilter
            label={t('hosting.search')}
            value={values.q}
            onChange={(value) => set('q', value)}
          />
          <ChoiceFilter
            label={t('hosting.status')}
            value={values.status}
            onChange={(value) => set('status', value)}
            options={words.statusOptions}
          />
          <ChoiceFilter
            label={t('hosting.project')}
            value={values.project}
            onChange={(value) => set('project', value)}
            options={(projects ?? []).map(({ id, name }) => ({ value: String(id), label: name }))}
          />
          <Checkbox
            className={classes.check ?? ''}
            label={t('hosting.onlyMissing')}
            checked={values.missing !== undefined}
            onChange={(event) => set('missing', event.currentTarget.checked ? 'true' : null)}
          />
        </FilterBar>
      </div>
      <ServerTable rows={rows} projects={projects ?? []} isFiltered={isFiltered} />
    </Panel>
  );
}
