import { Alert, Button, Group, Modal, Stack, Textarea, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { ChatSettings, putSettings } from '../../../../../shared/managers/api.schema.ts';
import { ask } from '../../api/api-client.ts';
import { useErrorText } from '../../ui/error-text.ts';
import { Loaded } from '../../ui/states.tsx';
import { toast } from '../../ui/toasts.ts';
import { settingsQuery } from './api.ts';

type DialogProps = { opened: boolean; onClose: () => void };

/** What the AI is told, and how long things wait. */
export function SettingsDialog({ opened, onClose }: DialogProps) {
  const { t } = useTranslation();
  const query = useQuery({ ...settingsQuery, enabled: opened });
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      size="lg"
      title={t('chats.settings')}
      closeButtonProps={{ 'aria-label': t('common.close') }}
    >
      <Loaded query={query}>{(stored) => <Form stored={stored} onClose={onClose} />}</Loaded>
    </Modal>
  );
}

function Form({ stored, onClose }: { stored: ChatSettings; onClose: () => void }) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const client = useQueryClient();
  const [prompt, setPrompt] = useState(stored.ai_prompt);
  const [greeting, setGreeting] = useState(stored.greeting);
  const [escalate, setEscalate] = useState(String(stored.escalate_after_seconds));
  const [idle, setIdle] = useState(String(stored.idle_close_minutes));
  const { data: body, error } = ChatSettings.safeParse({
    ai_prompt: prompt,
    greeting,
    escalate_after_seconds: Number(escalate),
    idle_close_minutes: Number(idle),
  });
  const wrong = (name: string): string | undefined =>
    error?.issues.some(({ path }) => path[0] === name) ? t('chats.wrong') : undefined;
  const save = useMutation({
    mutationFn: () => ask(putSettings, { body: body ?? {} }),
    onSuccess: (saved) => {
      client.setQueryData(settingsQuery.queryKey, saved);
      toast.success(t('chats.saved'));
      onClose();
    },
  });
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (body) save.mutate();
      }}
    >
      <Stack gap="sm">
        <Textarea
          label={t('chats.prompt')}
          description={t('chats.promptText')}
          rows={9}
          value={prompt}
          error={wrong('ai_prompt')}
          onChange={(event) => setPrompt(event.currentTarget.value)}
        />
        <Textarea
          label={t('chats.greeting')}
          rows={2}
          value={greeting}
          error={wrong('greeting')}
          onChange={(event) => setGreeting(event.currentTarget.value)}
        />
        <TextInput
          label={t('chats.escalate')}
          description={t('chats.escalateText')}
          inputMode="numeric"
          value={escalate}
          error={wrong('escalate_after_seconds')}
          onChange={(event) => setEscalate(event.currentTarget.value.trim())}
        />
        <TextInput
          label={t('chats.idle')}
          description={t('chats.idleText')}
          inputMode="numeric"
          value={idle}
          error={wrong('idle_close_minutes')}
          onChange={(event) => setIdle(event.currentTarget.value.trim())}
        />
        {save.error && <Alert color="red">{errorText(save.error)}</Alert>}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            {t('common.cancel')}
          </Button>
          <Button type="submit" loading={save.isPending} disabled={!body}>
            {t('common.save')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
