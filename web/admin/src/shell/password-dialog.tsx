import { Button, Group, Modal, PasswordInput, Stack } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { changePassword, NewPassword } from '../../../../shared/auth/auth.schema.ts';
import { ask } from '../api/api-client.ts';
import { useErrorText } from '../ui/error-text.ts';
import { toast } from '../ui/toasts.ts';

type PasswordDialogProps = { opened: boolean; onClose: () => void };

export default function PasswordDialog({ opened, onClose }: PasswordDialogProps) {
  const { t } = useTranslation();
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={t('shell.password')}
      closeButtonProps={{ 'aria-label': t('common.close') }}
    >
      <PasswordForm onClose={onClose} />
    </Modal>
  );
}

function PasswordForm({ onClose }: Pick<PasswordDialogProps, 'onClose'>) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const [current, setCurrent] = useState('');
  const [next, setNext] = useState('');
  const [again, setAgain] = useState('');
  const isShort = next !== '' && !NewPassword.safeParse(next).success;
  const isOther = again !== '' && again !== next;
  const change = useMutation({
    mutationFn: () =>
      ask(changePassword, { body: { current_password: current, new_password: next } }),
    onSuccess: () => {
      toast.success(t('shell.passwordChanged'));
      onClose();
    },
  });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        change.mutate();
      }}
    >
      <Stack gap="sm">
        <PasswordInput
          label={t('shell.currentPassword')}
          autoComplete="current-password"
          value={current}
          onChange={(event) => setCurrent(event.currentTarget.value)}
          error={change.error && errorText(change.error)}
          data-autofocus
          required
        />
        <PasswordInput
          label={t('shell.newPassword')}
          description={t('shell.passwordRule')}
          autoComplete="new-password"
          value={next}
          onChange={(event) => setNext(event.currentTarget.value)}
          error={isShort && t('shell.passwordRule')}
          required
        />
        <PasswordInput
          label={t('shell.newPasswordAgain')}
          autoComplete="new-password"
          value={again}
          onChange={(event) => setAgain(event.currentTarget.value)}
          error={isOther && t('shell.passwordsDiffer')}
          required
        />
        <Group justify="flex-end" gap="xs" mt="xs">
          <Button variant="default" onClick={onClose}>
            {t('common.cancel')}
          </Button>
          <Button
            type="submit"
            loading={change.isPending}
            disabled={current === '' || next === '' || isShort || again !== next}
          >
            {t('common.save')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
