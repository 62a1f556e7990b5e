import { Button, Group } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { changeUser, deleteUser } from '../../../../../shared/auth/users.schema.ts';
import { ask } from '../../api/api-client.ts';
import { useFormat } from '../../format/use-format.ts';
import { useMe } from '../../session/session.ts';
import { useConfirm } from '../../ui/confirm.tsx';
import { useErrorText } from '../../ui/error-text.ts';
import { Icon } from '../../ui/icons.tsx';
import { Panel } from '../../ui/page.tsx';
import { type PlainColumn, PlainTable } from '../../ui/plain-table.tsx';
import { SecretsOnce, type Shown } from '../../ui/secrets-once.tsx';
import { EmptyState, Loaded } from '../../ui/states.tsx';
import { Status } from '../../ui/status.tsx';
import { toast } from '../../ui/toasts.ts';
import { type User, usersQuery } from './api.ts';
import { UserDialog } from './user-dialog.tsx';

/** Who may log in for an enterprise. */
export function UsersPanel({ number }: { number: string }) {
  const { t } = useTranslation();
  const format = useFormat();
  const query = useQuery(usersQuery(number));
  const [edited, setEdited] = useState<User | 'new'>();
  const [secrets, setSecrets] = useState<Shown[]>();
  const { renew, turn, remove, isOwn } = useUserActions(number, setSecrets);

  const columns: PlainColumn<User>[] = [
    { key: 'login', title: t('users.login'), render: ({ login }) => login },
    { key: 'name', title: t('users.name'), render: ({ name }) => name ?? '—' },
    {
      key: 'state',
      title: t('users.state'),
      render: ({ active }) => (
        <Status tone={active ? 'green' : 'grey'} label={t(active ? 'users.active' : 'users.off')} />
      ),
    },
    {
      key: 'seen',
      title: t('users.seen'),
      render: ({ last_seen_at: at }) =>
        at === null ? '—' : <time dateTime={at}>{format.ago(at)}</time>,
    },
    {
      key: 'actions',
      title: '',
      align: 'end',
      control: true,
      render: (user) => (
        <Group gap={4} justify="flex-end">
          <Button variant="subtle" size="compact-sm" onClick={() => setEdited(user)}>
            {t('users.edit')}
          </Button>
          <Button variant="subtle" size="compact-sm" onClick={() => void renew(user)}>
            {t('users.newPassword')}
          </Button>
          {!isOwn(user) && (
            <>
              <Button variant="subtle" size="compact-sm" onClick={() => void turn(user)}>
                {t(user.active ? 'users.turnOff' : 'users.turnOn')}
              </Button>
              <Button
                variant="subtle"
                color="red"
                size="compact-sm"
                onClick={() => void remove(user)}
              >
                {t('common.delete')}
              </Button>
            </>
          )}
        </Group>
      ),
    },
  ];

  return (
    <Panel
      title={t('users.who')}
      actions={
        <Button
          size="compact-sm"
          variant="default"
          leftSection={<Icon name="plus" size={14} />}
          onClick={() => setEdited('new')}
        >
          {t('users.add')}
        </Button>
      }
    >
      <Loaded query={query}>
        {(users) =>
          users.length === 0 ? (
            <EmptyState icon="users" title={t('users.none')} text={t('users.noneText')} />
          ) : (
            <PlainTable
              label={t('users.who')}
              rows={users}
              rowKey={({ id }) => String(id)}
              columns={columns}
            />
          )
        }
      </Loaded>
      <UserDialog
        number={number}
        user={edited}
        onClose={() => setEdited(undefined)}
        onSecrets={setSecrets}
      />
      <SecretsOnce
        title={t('users.passwordTitle')}
        text={t('users.passwordText')}
        secrets={secrets}
        onClose={() => setSecrets(undefined)}
      />
    </Panel>
  );
}

function useUserActions(number: string, onSecrets: (secrets: Shown[]) => void) {
  const { t } = useTranslation();
  const me = useMe();
  const client = useQueryClient();
  const confirm = useConfirm();
  const errorText = useErrorText();
  const { queryKey } = usersQuery(number);
  const after = {
    onError: (error: unknown) => toast.error(errorText(error)),
    onSettled: () => client.invalidateQueries({ queryKey }),
  };
  const change = useMutation({
    mutationFn: ({ id, ...body }: { id: number; active?: boolean; password?: null }) =>
      ask(changeUser, { params: { number, id }, body }),
    onSuccess: ({ login, password }) => {
      if (password !== null)
        onSecrets([
          { label: t('users.login'), value: login },
          { label: t('users.password'), value: password },
        ]);
    },
    ...after,
  });
  const drop = useMutation({
    mutationFn: (id: number) => ask(deleteUser, { params: { number, id } }),
    onSuccess: () => toast.success(t('users.deleted')),
    ...after,
  });

  return {
    isOwn: ({ login }: User) => me.role === 'enterprise' && me.login === login,
    renew: async ({ id, login }: User): Promise<void> => {
      const title = t('users.newPasswordTitle', { login });
      const text = t('users.newPasswordText');
      if (await confirm({ title, text, action: t('users.newPassword') }))
        change.mutate({ id, password: null });
    },
    turn: async ({ id, login, active }: User): Promise<void> => {
      const question = {
        title: t('users.turnOffTitle', { login }),
        text: t('users.turnOffText'),
        action: t('users.turnOff'),
        danger: true,
      };
      if (!active || (await confirm(question))) change.mutate({ id, active: !active });
    },
    remove: async ({ id, login }: User): Promise<void> => {
      const question = {
        title: t('users.deleteTitle', { login }),
        text: t('users.deleteText'),
        action: t('common.delete'),
        danger: true,
      };
      if (await confirm(question)) drop.mutate(id);
    },
  };
}
