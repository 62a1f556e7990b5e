import { Alert, Button, Group, Modal, Stack } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { createServer } from '../../../../../shared/hosting/servers.schema.ts';
import { ask } from '../../api/api-client.ts';
import { useErrorText } from '../../ui/error-text.ts';
import { toast } from '../../ui/toasts.ts';
import { hostingKey } from './api.ts';
import { ServerFields } from './server-fields.tsx';
import { bodyOf, EMPTY_SERVER } from './server-values.ts';

type DialogProps = { opened: boolean; onClose: () => void };

/** Adds a server that Timeweb does not have. */
export function NewServerDialog({ opened, onClose }: DialogProps) {
  const { t } = useTranslation();
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      size="lg"
      title={t('hosting.addTitle')}
      closeButtonProps={{ 'aria-label': t('common.close') }}
    >
      <NewServerForm onClose={onClose} />
    </Modal>
  );
}

function NewServerForm({ onClose }: Pick<DialogProps, 'onClose'>) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const client = useQueryClient();
  const [values, setValues] = useState(EMPTY_SERVER);
  const [isTried, setIsTried] = useState(false);
  const { body, wrong } = bodyOf(values);
  const create = useMutation({
    mutationFn: () => ask(createServer, { body }),
    onSuccess: ({ server }) => {
      toast.success(t('hosting.added', { name: server.server_name }));
      void client.invalidateQueries({ queryKey: hostingKey() });
      onClose();
    },
  });
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        setIsTried(true);
        if (wrong.size === 0) create.mutate();
      }}
    >
      <Stack gap="md">
        <ServerFields
          values={values}
          wrong={isTried ? wrong : new Set()}
          onChange={(name, value) => setValues((before) => ({ ...before, [name]: value }))}
        />
        {create.error && <Alert color="red">{errorText(create.error)}</Alert>}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            {t('common.cancel')}
          </Button>
          <Button type="submit" loading={create.isPending}>
            {t('hosting.add')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
