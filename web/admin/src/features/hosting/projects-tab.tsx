import { ActionIcon, Button, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';

import {
  createProject,
  deleteProject,
  patchProject,
  type Project,
} from '../../../../../shared/hosting/payments.schema.ts';
import { ask } from '../../api/api-client.ts';
import { useConfirm } from '../../ui/confirm.tsx';
import { Editable } from '../../ui/editable.tsx';
import { useErrorText } from '../../ui/error-text.ts';
import { Icon } from '../../ui/icons.tsx';
import { Panel } from '../../ui/page.tsx';
import { EmptyState, Loaded } from '../../ui/states.tsx';
import { toast } from '../../ui/toasts.ts';
import { hostingKey, projectsQuery } from './api.ts';

import list from '../../ui/list.module.css';
import classes from './hosting.module.css';

/** What servers belong to. */
export default function ProjectsTab() {
  const { t } = useTranslation();
  const query = useQuery(projectsQuery);
  return (
    <Panel title={t('hosting.tabs.projects')}>
      <NewProject />
      <Loaded query={query}>
        {(projects) =>
          projects.length === 0 ? (
            <EmptyState icon="hosting" title={t('hosting.noProjects')} />
          ) : (
            <ul className={list.plain}>
              {projects.map((project) => (
                <ProjectItem key={project.id} project={project} />
              ))}
            </ul>
          )
        }
      </Loaded>
    </Panel>
  );
}

function useChanged() {
  const errorText = useErrorText();
  const client = useQueryClient();
  return {
    onSuccess: () => client.invalidateQueries({ queryKey: hostingKey() }),
    onError: (error: Error) => toast.error(errorText(error)),
  };
}

function NewProject() {
  const { t } = useTranslation();
  const [name, setName] = useState('');
  const changed = useChanged();
  const create = useMutation({
    mutationFn: () => ask(createProject, { body: { name } }),
    onSuccess: () => {
      setName('');
      return changed.onSuccess();
    },
    onError: changed.onError,
  });
  return (
    <form
      className={classes.inline}
      onSubmit={(event) => {
        event.preventDefault();
        if (name.trim()) create.mutate();
      }}
    >
      <TextInput
        className={classes.grow ?? ''}
        label={t('hosting.newProject')}
        maxLength={200}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <Button type="submit" variant="default" loading={create.isPending} disabled={!name.trim()}>
        {t('hosting.addProject')}
      </Button>
    </form>
  );
}

function ProjectItem({ project }: { project: Project }) {
  const { t } = useTranslation();
  const confirm = useConfirm();
  const changed = useChanged();
  const params = { id: String(project.id) };
  const rename = useMutation({
    mutationFn: (name: string) => ask(patchProject, { params, body: { name } }),
    ...changed,
  });
  const remove = useMutation({ mutationFn: () => ask(deleteProject, { params }), ...changed });
  const askAndRemove = async (): Promise<void> => {
    const isSure = await confirm({
      title: t('hosting.deleteProjectTitle', { name: project.name }),
      text: t('hosting.deleteProjectText'),
      action: t('common.delete'),
      danger: true,
    });
    if (isSure) remove.mutate();
  };
  return (
    <li className={classes.item}>
      <span className={classes.itemMain}>
        <Editable
          label={t('hosting.renameProject', { name: project.name })}
          value={project.name}
          isValid={(name) => name.trim() !== ''}
          onSave={(name) => rename.mutateAsync(name)}
        >
          {project.name}
        </Editable>
      </span>
      <span className={classes.itemEnd}>
        <Link to={`/hosting?project=${project.id}`}>
          {t('hosting.serversCount', { count: project.servers })}
        </Link>
        <ActionIcon
          variant="subtle"
          color="gray"
          aria-label={t('hosting.deleteProject', { name: project.name })}
          loading={remove.isPending}
          onClick={() => void askAndRemove()}
        >
          <Icon name="trash" size={16} />
        </ActionIcon>
      </span>
    </li>
  );
}
