import { Alert, Button, Group, Modal, PasswordInput, Stack, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { NewPassword } from '../../../../../shared/auth/auth.schema.ts';
import { changeUser, createUser } from '../../../../../shared/auth/users.schema.ts';
import { ask } from '../../api/api-client.ts';
import { useErrorText } from '../../ui/error-text.ts';
import type { Shown } from '../../ui/secrets-once.tsx';
import { type User, usersQuery } from './api.ts';

type DialogProps = {
  number: string;
  user: User | 'new' | undefined;
  onClose: () => void;
  /** A password that was made up is told this once. */
  onSecrets: (secrets: Shown[]) => void;
};

export function UserDialog({ user, onClose, ...rest }: DialogProps) {
  const { t } = useTranslation();
  return (
    <Modal
      opened={user !== undefined}
      onClose={onClose}
      title={t(user === 'new' ? 'users.addTitle' : 'users.editTitle')}
      closeButtonProps={{ 'aria-label': t('common.close') }}
    >
      {user && <UserForm user={user} onClose={onClose} {...rest} />}
    </Modal>
  );
}

function UserForm({ number, user, onClose, onSecrets }: DialogProps & { user: User | 'new' }) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const client = useQueryClient();
  const isNew = user === 'new';
  const [login, setLogin] = useState(isNew ? '' : user.login);
  const [name, setName] = useState(isNew ? '' : (user.name ?? ''));
  const [password, setPassword] = useState('');
  const isShort = password !== '' && !NewPassword.safeParse(password).success;
  const save = useMutation({
    mutationFn: () => {
      const common = { name: name.trim() || null, ...(password && { password }) };
      return isNew
        ? ask(createUser, { params: { number }, body: { login, ...common } })
        : ask(changeUser, { params: { number, id: user.id }, body: common });
    },
    onSuccess: (saved) => {
      onClose();
      if (saved.password !== null)
        onSecrets([
          { label: t('users.login'), value: saved.login },
          { label: t('users.password'), value: saved.password },
        ]);
    },
    onSettled: () => client.invalidateQueries({ queryKey: usersQuery(number).queryKey }),
  });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate();
      }}
    >
      <Stack gap="sm">
        <TextInput
          label={t('users.login')}
          value={login}
          onChange={(event) => setLogin(event.currentTarget.value)}
          disabled={!isNew}
          required={isNew}
          autoComplete="off"
          spellCheck={false}
          maxLength={100}
          data-autofocus={isNew || undefined}
        />
        <TextInput
          label={t('users.name')}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          autoComplete="off"
          maxLength={100}
          data-autofocus={!isNew || undefined}
        />
        <PasswordInput
          label={t('users.password')}
          description={t(isNew ? 'users.passwordMade' : 'users.passwordKept')}
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
          error={isShort && t('shell.passwordRule')}
          autoComplete="new-password"
          visibilityToggleButtonProps={{ 'aria-label': t('integrations.showSecret') }}
        />
        {save.error && <Alert color="red">{errorText(save.error)}</Alert>}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            {t('common.cancel')}
          </Button>
          <Button type="submit" loading={save.isPending} disabled={login.trim() === '' || isShort}>
            {t(isNew ? 'users.add' : 'common.save')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
