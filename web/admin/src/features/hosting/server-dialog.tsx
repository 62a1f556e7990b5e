import { Alert, Button, Group, Modal, Stack, Switch, Tabs } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import {
  deleteServer,
  getServer,
  patchServer,
  type Server,
} from '../../../../../shared/hosting/servers.schema.ts';
import { syncServer } from '../../../../../shared/hosting/timeweb.schema.ts';
import { ask } from '../../api/api-client.ts';
import { useFormat } from '../../format/use-format.ts';
import { useConfirm } from '../../ui/confirm.tsx';
import { useErrorText } from '../../ui/error-text.ts';
import { Facts } from '../../ui/facts.tsx';
import { Loaded } from '../../ui/states.tsx';
import { toast } from '../../ui/toasts.ts';
import { hostingKey } from './api.ts';
import { ServerChanges } from './server-changes.tsx';
import { ServerFields } from './server-fields.tsx';
import { ServerPayments } from './server-payments.tsx';
import { bodyOf, changesOf, valuesOf } from './server-values.ts';

import classes from './hosting.module.css';

type DialogProps = { id: string | undefined; onClose: () => void };

/** All about one server. */
export function ServerDialog({ id, onClose }: DialogProps) {
  const { t } = useTranslation();
  const query = useQuery({
    queryKey: hostingKey('server', id),
    queryFn: async ({ signal }) =>
      (await ask(getServer, { params: { id: id ?? '' }, signal })).server,
    enabled: id !== undefined,
  });
  return (
    <Modal
      opened={id !== undefined}
      onClose={onClose}
      size="xl"
      title={query.data?.server_name ?? t('hosting.server')}
      closeButtonProps={{ 'aria-label': t('common.close') }}
    >
      <Loaded query={query}>{(server) => <ServerCard server={server} onClose={onClose} />}</Loaded>
    </Modal>
  );
}

type CardProps = { server: Server; onClose: () => void };

function ServerCard({ server, onClose }: CardProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const { timeweb_id: timewebId, timeweb_status: status } = server;
  const { last_sync_at: synced, missing_since: missing } = server;
  return (
    <Stack gap="md">
      {missing && (
        <Alert color="yellow">{t('hosting.missingSince', { at: format.moment(missing) })}</Alert>
      )}
      {timewebId !== null && (
        <Facts
          facts={[
            [t('hosting.timewebId'), timewebId],
            [t('hosting.timewebStatus'), status],
            [t('hosting.syncedAt'), synced && format.moment(synced)],
          ]}
        />
      )}
      <Tabs defaultValue="data" keepMounted={false}>
        <Tabs.List>
          <Tabs.Tab value="data">{t('hosting.data')}</Tabs.Tab>
          <Tabs.Tab value="payments">{t('hosting.payments')}</Tabs.Tab>
          <Tabs.Tab value="changes">{t('hosting.changes')}</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="data" className={classes.panel ?? ''}>
          <ServerForm key={server.updated_at} server={server} onClose={onClose} />
        </Tabs.Panel>
        <Tabs.Panel value="payments" className={classes.panel ?? ''}>
          <ServerPayments server={server} />
        </Tabs.Panel>
        <Tabs.Panel value="changes" className={classes.panel ?? ''}>
          <ServerChanges id={server.id} />
        </Tabs.Panel>
      </Tabs>
    </Stack>
  );
}

function ServerForm({ server, onClose }: CardProps) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const confirm = useConfirm();
  const client = useQueryClient();
  const params = { id: String(server.id) };
  const stored = valuesOf(server);
  const [values, setValues] = useState(stored);
  const [isAuto, setIsAuto] = useState(server.auto_sync);
  const { wrong } = bodyOf(values);
  const refresh = () => client.invalidateQueries({ queryKey: hostingKey() });

  const save = useMutation({
    mutationFn: () => {
      const auto = isAuto === server.auto_sync ? {} : { auto_sync: isAuto };
      return ask(patchServer, { params, body: { ...changesOf(stored, values), ...auto } });
    },
    onSuccess: () => {
      toast.success(t('hosting.saved'));
      void refresh();
      onClose();
    },
  });
  const sync = useMutation({
    mutationFn: () => ask(syncServer, { params }),
    onSuccess: ({ changes }) => {
      toast.success(t('hosting.serverSynced', { count: changes.length }));
      void refresh();
    },
  });
  const remove = useMutation({
    mutationFn: () => ask(deleteServer, { params }),
    onSuccess: () => {
      toast.success(t('hosting.deleted', { name: server.server_name }));
      void refresh();
      onClose();
    },
  });
  const askAndRemove = async (): Promise<void> => {
    const isSure = await confirm({
      title: t('hosting.deleteTitle', { name: server.server_name }),
      text: t('hosting.deleteText'),
      action: t('common.delete'),
      danger: true,
    });
    if (isSure) remove.mutate();
  };
  const failed = save.error ?? sync.error ?? remove.error;

  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (wrong.size === 0) save.mutate();
      }}
    >
      <Stack gap="md">
        <ServerFields
          values={values}
          wrong={wrong}
          onChange={(name, value) => setValues((before) => ({ ...before, [name]: value }))}
        />
        {server.timeweb_id !== null && (
          <Switch
            label={t('hosting.autoSync')}
            checked={isAuto}
            onChange={(event) => setIsAuto(event.currentTarget.checked)}
          />
        )}
        {failed && <Alert color="red">{errorText(failed)}</Alert>}
        <Group justify="space-between" gap="xs">
          <Group gap="xs">
            <Button
              variant="subtle"
              color="red"
              loading={remove.isPending}
              onClick={() => void askAndRemove()}
            >
              {t('common.delete')}
            </Button>
            {server.timeweb_id !== null && (
              <Button variant="default" loading={sync.isPending} onClick={() => sync.mutate()}>
                {t('hosting.syncOne')}
              </Button>
            )}
          </Group>
          <Group gap="xs">
            <Button variant="default" onClick={onClose}>
              {t('common.cancel')}
            </Button>
            <Button type="submit" loading={save.isPending}>
              {t('common.save')}
            </Button>
          </Group>
        </Group>
      </Stack>
    </form>
  );
}
