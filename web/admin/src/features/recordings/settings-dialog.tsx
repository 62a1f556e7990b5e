import { Alert, Button, Group, Modal, NativeSelect, Stack, Switch, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { putSettings } from '../../../../../shared/recordings/recordings.schema.ts';
import { ask } from '../../api/api-client.ts';
import { useConfirm } from '../../ui/confirm.tsx';
import { useErrorText } from '../../ui/error-text.ts';
import { Loaded } from '../../ui/states.tsx';
import { toast } from '../../ui/toasts.ts';
import { type RecordingSettings, recordingsKey, settingsQuery } from './api.ts';

type DialogProps = { number: string; opened: boolean; onClose: () => void };

/** How recordings of an enterprise are fetched and how long they are kept. */
export function SettingsDialog({ number, opened, onClose }: DialogProps) {
  const { t } = useTranslation();
  const query = useQuery({ ...settingsQuery(number), enabled: opened });
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={t('recordings.settingsTitle')}
      closeButtonProps={{ 'aria-label': t('common.close') }}
    >
      <Loaded query={query}>
        {(settings) => <Form number={number} settings={settings} onClose={onClose} />}
      </Loaded>
    </Modal>
  );
}

type FormProps = { number: string; settings: RecordingSettings; onClose: () => void };

function Form({ number, settings, onClose }: FormProps) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const confirm = useConfirm();
  const client = useQueryClient();
  const [values, setValues] = useState(settings);
  const [days, setDays] = useState(String(settings.retention_days));
  const set = (patch: Partial<RecordingSettings>): void =>
    setValues((before) => ({ ...before, ...patch }));
  const body = { ...values, retention_days: /^\d{1,4}$/.test(days) ? Number(days) : Number.NaN };
  const { error } = putSettings.body.safeParse(body);
  const wrong = (name: string): string | undefined =>
    error?.issues.some(({ path }) => path[0] === name) ? t('recordings.wrong') : undefined;

  const save = useMutation({
    mutationFn: () => ask(putSettings, { params: { number }, body }),
    onSuccess: (saved) => {
      client.setQueryData(settingsQuery(number).queryKey, saved);
      void client.invalidateQueries({ queryKey: recordingsKey(number, 'list') });
      toast.success(t('recordings.saved'));
      onClose();
    },
  });
  const submit = async (): Promise<void> => {
    if (error) return;
    const keptUntilNow = settings.retention_days || Infinity;
    const isShorter = body.retention_days > 0 && body.retention_days < keptUntilNow;
    const isSure =
      !isShorter ||
      (await confirm({
        title: t('recordings.shorterTitle'),
        text: t('recordings.shorterText', { count: body.retention_days }),
        action: t('common.save'),
        danger: true,
      }));
    if (isSure) save.mutate();
  };

  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      <Stack gap="md">
        <Switch
          label={t('recordings.copy')}
          checked={values.copy}
          onChange={(event) => set({ copy: event.currentTarget.checked })}
        />
        <TextInput
          label={t('recordings.retention')}
          description={t('recordings.retentionText')}
          inputMode="numeric"
          value={days}
          error={wrong('retention_days')}
          onChange={(event) => setDays(event.currentTarget.value.trim())}
        />
        <NativeSelect
          label={t('recordings.format')}
          description={t('recordings.formatText')}
          value={values.format}
          data={['wav', 'mp3'].map((value) => ({ value, label: value.toUpperCase() }))}
          onChange={(event) => set({ format: event.currentTarget.value === 'mp3' ? 'mp3' : 'wav' })}
        />
        <TextInput
          label={t('recordings.folder')}
          value={values.folder}
          error={wrong('folder')}
          onChange={(event) => set({ folder: event.currentTarget.value.trim() })}
        />
        <TextInput
          label={t('recordings.cdrFile')}
          value={values.cdr_file}
          error={wrong('cdr_file')}
          onChange={(event) => set({ cdr_file: event.currentTarget.value.trim() })}
        />
        <Switch
          label={t('recordings.deleteAfter')}
          description={t('recordings.deleteAfterText')}
          checked={values.delete_after_upload}
          onChange={(event) => set({ delete_after_upload: event.currentTarget.checked })}
        />
        {save.error && <Alert color="red">{errorText(save.error)}</Alert>}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            {t('common.cancel')}
          </Button>
          <Button type="submit" loading={save.isPending} disabled={error !== undefined}>
            {t('common.save')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
