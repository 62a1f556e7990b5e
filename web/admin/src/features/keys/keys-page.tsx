import { Alert, Button, Checkbox, Group, Modal, Stack, TextInput } from '@mantine/core';
import { queryOptions, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import {
  type ApiKey,
  createKey,
  deleteKey,
  KEY_SCOPES,
  type KeyScope,
  listKeys,
} from '../../../../../shared/auth/keys.schema.ts';
import { ask } from '../../api/api-client.ts';
import { useFormat } from '../../format/use-format.ts';
import { useConfirm } from '../../ui/confirm.tsx';
import { useErrorText } from '../../ui/error-text.ts';
import { Icon } from '../../ui/icons.tsx';
import { Page, Panel } from '../../ui/page.tsx';
import { type PlainColumn, PlainTable } from '../../ui/plain-table.tsx';
import { SecretsOnce } from '../../ui/secrets-once.tsx';
import { EmptyState, Loaded } from '../../ui/states.tsx';
import { toast } from '../../ui/toasts.ts';

const keysQuery = queryOptions({
  queryKey: ['api-keys'],
  queryFn: async ({ signal }) => (await ask(listKeys, { signal })).items,
});

const SCOPE_KEYS = { 'chats:read': 'read', 'chats:write': 'write' } as const satisfies Record<
  KeyScope,
  string
>;

/** The keys of programs. */
export default function KeysPage() {
  const { t } = useTranslation();
  const query = useQuery(keysQuery);
  const [isOpen, setIsOpen] = useState(false);
  const [key, setKey] = useState<{ name: string; key: string }>();
  return (
    <Page
      title={t('keys.title')}
      subtitle={t('keys.subtitle')}
      actions={
        <Button leftSection={<Icon name="plus" size={16} />} onClick={() => setIsOpen(true)}>
          {t('keys.add')}
        </Button>
      }
    >
      <Panel>
        <Loaded query={query}>
          {(keys) =>
            keys.length === 0 ? (
              <EmptyState icon="keys" title={t('keys.none')} text={t('keys.noneText')} />
            ) : (
              <KeyTable keys={keys} />
            )
          }
        </Loaded>
      </Panel>
      <Modal
        opened={isOpen}
        onClose={() => setIsOpen(false)}
        title={t('keys.addTitle')}
        closeButtonProps={{ 'aria-label': t('common.close') }}
      >
        <KeyForm onClose={() => setIsOpen(false)} onMade={setKey} />
      </Modal>
      <SecretsOnce
        title={t('keys.madeTitle')}
        text={t('keys.madeText')}
        secrets={key && [{ label: key.name, value: key.key }]}
        onClose={() => setKey(undefined)}
      />
    </Page>
  );
}

function KeyTable({ keys }: { keys: ApiKey[] }) {
  const { t } = useTranslation();
  const format = useFormat();
  const confirm = useConfirm();
  const errorText = useErrorText();
  const client = useQueryClient();
  const end = useMutation({
    mutationFn: (id: string) => ask(deleteKey, { params: { id } }),
    onSuccess: () => toast.success(t('keys.ended')),
    onError: (error) => toast.error(errorText(error)),
    onSettled: () => client.invalidateQueries({ queryKey: keysQuery.queryKey }),
  });
  const askFirst = async ({ id, name }: ApiKey): Promise<void> => {
    const question = {
      title: t('keys.endTitle', { name }),
      text: t('keys.endText'),
      action: t('keys.end'),
      danger: true,
    };
    if (await confirm(question)) end.mutate(id);
  };
  const columns: PlainColumn<ApiKey>[] = [
    { key: 'name', title: t('keys.name'), render: ({ name }) => name },
    { key: 'prefix', title: t('keys.prefix'), render: ({ prefix }) => <code>{prefix}…</code> },
    {
      key: 'scopes',
      title: t('keys.scopes'),
      render: ({ scopes }) =>
        scopes.map((scope) => t(`keys.scopeNames.${SCOPE_KEYS[scope]}`)).join(', '),
    },
    {
      key: 'created',
      title: t('keys.created'),
      render: ({ created_at: at, created_by: by }) => (
        <>
          <time dateTime={at}>{format.date(at)}</time>
          {by && ` · ${by}`}
        </>
      ),
    },
    {
      key: 'used',
      title: t('keys.used'),
      render: ({ last_used_at: at }) =>
        at === null ? t('keys.neverUsed') : <time dateTime={at}>{format.ago(at)}</time>,
    },
    {
      key: 'end',
      title: '',
      align: 'end',
      control: true,
      render: (key) => (
        <Button
          variant="subtle"
          color="red"
          size="compact-sm"
          aria-label={`${t('keys.end')}: ${key.name}`}
          onClick={() => void askFirst(key)}
        >
          {t('keys.end')}
        </Button>
      ),
    },
  ];
  return (
    <PlainTable label={t('keys.title')} rows={keys} rowKey={({ id }) => id} columns={columns} />
  );
}

type FormProps = { onClose: () => void; onMade: (key: { name: string; key: string }) => void };

function KeyForm({ onClose, onMade }: FormProps) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const client = useQueryClient();
  const [name, setName] = useState('');
  const [scopes, setScopes] = useState<KeyScope[]>(['chats:read']);
  const make = useMutation({
    mutationFn: () => ask(createKey, { body: { name, scopes } }),
    onSuccess: (made) => {
      onClose();
      onMade(made);
    },
    onSettled: () => client.invalidateQueries({ queryKey: keysQuery.queryKey }),
  });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        make.mutate();
      }}
    >
      <Stack gap="sm">
        <TextInput
          label={t('keys.name')}
          description={t('keys.nameText')}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          maxLength={100}
          required
          data-autofocus
        />
        <Checkbox.Group
          label={t('keys.scopes')}
          value={scopes}
          onChange={(chosen) => setScopes(KEY_SCOPES.filter((scope) => chosen.includes(scope)))}
        >
          <Stack gap={6} mt={6}>
            {KEY_SCOPES.map((scope) => (
              <Checkbox
                key={scope}
                value={scope}
                label={t(`keys.scopeNames.${SCOPE_KEYS[scope]}`)}
                description={scope}
              />
            ))}
          </Stack>
        </Checkbox.Group>
        {make.error && <Alert color="red">{errorText(make.error)}</Alert>}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            {t('common.cancel')}
          </Button>
          <Button
            type="submit"
            loading={make.isPending}
            disabled={name.trim() === '' || scopes.length === 0}
          >
            {t('keys.add')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
