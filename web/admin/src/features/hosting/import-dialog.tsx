import { Alert, Button, Checkbox, Group, Modal, Stack } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { importServers } from '../../../../../shared/hosting/timeweb.schema.ts';
import { ask } from '../../api/api-client.ts';
import { useErrorText } from '../../ui/error-text.ts';
import { EmptyState, Loaded } from '../../ui/states.tsx';
import { toast } from '../../ui/toasts.ts';
import { hostingKey, type TimewebServer, timewebServersQuery } from './api.ts';

import list from '../../ui/list.module.css';
import classes from './hosting.module.css';

type DialogProps = { opened: boolean; onClose: () => void };

/** Chosen servers of Timeweb are taken in. */
export function ImportDialog({ opened, onClose }: DialogProps) {
  const { t } = useTranslation();
  const query = useQuery({ ...timewebServersQuery, enabled: opened });
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      size="lg"
      title={t('hosting.importTitle')}
      closeButtonProps={{ 'aria-label': t('common.close') }}
    >
      <Loaded query={query}>
        {({ servers }) =>
          servers.length === 0 ? (
            <EmptyState icon="hosting" title={t('hosting.timewebEmpty')} />
          ) : (
            <Choice servers={servers} onClose={onClose} />
          )
        }
      </Loaded>
    </Modal>
  );
}

function Choice({ servers, onClose }: { servers: TimewebServer[]; onClose: () => void }) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const client = useQueryClient();
  const [chosen, setChosen] = useState<ReadonlySet<number>>(new Set());
  const free = servers.filter((server) => !server.is_imported);
  const importing = useMutation({
    mutationFn: () => ask(importServers, { body: { server_ids: [...chosen] } }),
    onSuccess: ({ imported_count: count, errors }) => {
      void client.invalidateQueries({ queryKey: hostingKey() });
      if (count > 0) toast.success(t('hosting.imported', { count }));
      if (errors.length === 0) onClose();
      setChosen(new Set());
    },
  });
  const toggle = (id: number, isChosen: boolean): void =>
    setChosen((before) => {
      const next = new Set(before);
      if (isChosen) next.add(id);
      else next.delete(id);
      return next;
    });

  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        importing.mutate();
      }}
    >
      <Stack gap="sm">
        <Checkbox
          label={t('hosting.chooseAll', { count: free.length })}
          disabled={free.length === 0}
          checked={free.length > 0 && chosen.size === free.length}
          indeterminate={chosen.size > 0 && chosen.size < free.length}
          onChange={(event) =>
            setChosen(
              new Set(event.currentTarget.checked ? free.map(({ timeweb_id: id }) => id) : []),
            )
          }
        />
        <ul className={`${list.plain} ${classes.scroll}`}>
          {servers.map(({ timeweb_id: id, name, configuration, ip_address: ip, ...rest }) => (
            <li key={id} className={classes.item}>
              <Checkbox
                className={classes.itemMain ?? ''}
                label={name}
                description={[configuration, ip].filter(Boolean).join(' · ')}
                disabled={rest.is_imported}
                checked={rest.is_imported || chosen.has(id)}
                onChange={(event) => toggle(id, event.currentTarget.checked)}
              />
              <span className={list.dim}>
                {rest.is_imported ? t('hosting.isImported') : rest.status}
              </span>
            </li>
          ))}
        </ul>
        {importing.data && importing.data.errors.length > 0 && (
          <Alert color="yellow" title={t('hosting.importErrors')}>
            {importing.data.errors.map(({ server_id: id, error }) => (
              <div key={id}>
                {id}: {error}
              </div>
            ))}
          </Alert>
        )}
        {importing.error && <Alert color="red">{errorText(importing.error)}</Alert>}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            {t('common.close')}
          </Button>
          <Button type="submit" disabled={chosen.size === 0} loading={importing.isPending}>
            {t('hosting.importChosen', { count: chosen.size })}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
