import { Alert, Button, Group, Modal, Stack, Switch, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import {
  createManager,
  type ManagerItem,
  patchManagerById,
} from '../../../../../shared/managers/api.schema.ts';
import { ask } from '../../api/api-client.ts';
import { useErrorText } from '../../ui/error-text.ts';
import { toast } from '../../ui/toasts.ts';
import { chatsKey } from './api.ts';

type DialogProps = { edited: ManagerItem | 'new' | undefined; onClose: () => void };

export function ManagerDialog({ edited, onClose }: DialogProps) {
  const { t } = useTranslation();
  return (
    <Modal
      opened={edited !== undefined}
      onClose={onClose}
      title={edited === 'new' ? t('chats.addManager') : (edited?.name ?? '')}
      closeButtonProps={{ 'aria-label': t('common.close') }}
    >
      {edited && <Form manager={edited === 'new' ? undefined : edited} onClose={onClose} />}
    </Modal>
  );
}

const MOST_CHATS = 5;

function Form({ manager, onClose }: { manager: ManagerItem | undefined; onClose: () => void }) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const client = useQueryClient();
  const [id, setId] = useState(manager?.telegram_id ?? '');
  const [name, setName] = useState(manager?.name ?? '');
  const [extension, setExtension] = useState(manager?.extension ?? '');
  const [most, setMost] = useState(String(manager?.max_active_chats ?? MOST_CHATS));
  const [isAdmin, setIsAdmin] = useState(manager?.is_admin ?? false);
  const [isTried, setIsTried] = useState(false);

  const fields = {
    name,
    extension: extension || null,
    is_admin: isAdmin,
    max_active_chats: /^\d+$/.test(most) ? Number(most) : Number.NaN,
  };
  const { error } = createManager.body.safeParse({ telegram_id: id, ...fields });
  const wrong = (field: string): string | undefined =>
    isTried && error?.issues.some(({ path }) => path[0] === field) ? t('chats.wrong') : undefined;
  const save = useMutation({
    mutationFn: async () => {
      if (manager) await ask(patchManagerById, { params: { id }, body: fields });
      else await ask(createManager, { body: { telegram_id: id, ...fields } });
    },
    onSuccess: () => {
      toast.success(t('chats.saved'));
      void client.invalidateQueries({ queryKey: chatsKey('managers') });
      onClose();
    },
  });

  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        setIsTried(true);
        if (!error) save.mutate();
      }}
    >
      <Stack gap="sm">
        <TextInput
          label={t('chats.telegramId')}
          description={t('chats.telegramIdText')}
          inputMode="numeric"
          value={id}
          disabled={manager !== undefined}
          error={wrong('telegram_id')}
          onChange={(event) => setId(event.currentTarget.value.trim())}
        />
        <TextInput
          label={t('chats.name')}
          description={t('chats.nameText')}
          value={name}
          error={wrong('name')}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <TextInput
          label={t('chats.extension')}
          inputMode="tel"
          value={extension}
          error={wrong('extension')}
          onChange={(event) => setExtension(event.currentTarget.value.trim())}
        />
        <TextInput
          label={t('chats.mostChats')}
          inputMode="numeric"
          value={most}
          error={wrong('max_active_chats')}
          onChange={(event) => setMost(event.currentTarget.value.trim())}
        />
        <Switch
          label={t('chats.adminOfBot')}
          checked={isAdmin}
          onChange={(event) => setIsAdmin(event.currentTarget.checked)}
        />
        {save.error && <Alert color="red">{errorText(save.error)}</Alert>}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            {t('common.cancel')}
          </Button>
          <Button type="submit" loading={save.isPending}>
            {t('common.save')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
