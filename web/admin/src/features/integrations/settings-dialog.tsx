import { Alert, Button, Group, Modal, Stack } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import {
  putMapping,
  saveConfig,
  testConnection,
} from '../../../../../shared/integrations/config.schema.ts';
import { ask } from '../../api/api-client.ts';
import { ApiError } from '../../api/api-error.ts';
import { useErrorText } from '../../ui/error-text.ts';
import { toast } from '../../ui/toasts.ts';
import { INTEGRATION_TITLES } from '../../words/integration-titles.ts';
import { type Integration, integrationsQuery, mappingQuery } from './api.ts';
import { ExtensionMap, type Mapped } from './extension-map.tsx';
import { SettingsField } from './settings-field.tsx';
import { complaintOf, settingsOf, type Values, valuesOf } from './settings-values.ts';

type DialogProps = { number: string; integration: Integration | undefined; onClose: () => void };

export function SettingsDialog({ number, integration, onClose }: DialogProps) {
  const { t } = useTranslation();
  return (
    <Modal
      opened={integration !== undefined}
      onClose={onClose}
      size="lg"
      title={`${t('integrations.settings')} · ${INTEGRATION_TITLES[integration?.type ?? ''] ?? ''}`}
      closeButtonProps={{ 'aria-label': t('common.close') }}
    >
      {integration && <SettingsForm number={number} integration={integration} onClose={onClose} />}
    </Modal>
  );
}

function SettingsForm({
  number,
  integration,
  onClose,
}: {
  number: string;
  integration: Integration;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const client = useQueryClient();
  const { type, fields, settings } = integration;
  const [values, setValues] = useState<Values>(() => valuesOf(fields, settings));
  const [touched, setTouched] = useState<ReadonlySet<string>>(new Set());
  const [mapping, setMapping] = useState<Mapped[]>();

  const test = useMutation({
    mutationFn: () =>
      ask(testConnection, { params: { number, type }, body: settingsOf(fields, values) }),
    onSettled: () => client.invalidateQueries({ queryKey: integrationsQuery(number).queryKey }),
  });
  const save = useMutation({
    mutationFn: async () => {
      // The map first: saving the settings tells the CRM of it.
      const stored =
        mapping && (await ask(putMapping, { params: { number, type }, body: { items: mapping } }));
      const body = { [type]: { enabled: true, ...settingsOf(fields, values) } };
      const { warnings } = await ask(saveConfig, { params: { number }, body });
      return [
        ...(stored?.warning ? [stored.warning] : []),
        ...warnings.map(({ message }) => message),
      ];
    },
    onSuccess: (warnings) => {
      if (warnings.length === 0) toast.success(t('integrations.saved'));
      for (const warning of warnings) toast.warning(warning);
      void client.invalidateQueries({ queryKey: mappingQuery(number, type).queryKey });
      onClose();
    },
    onSettled: () => client.invalidateQueries({ queryKey: integrationsQuery(number).queryKey }),
  });

  const complaints = fields.flatMap((field) => {
    const complaint = complaintOf(field, values[field.name], settings[field.name]);
    return complaint ? [{ name: field.name, complaint }] : [];
  });
  const refused = [save.error, test.error].flatMap((error) =>
    error instanceof ApiError ? error.errors : [],
  );
  const errorOf = (name: string): string | undefined => {
    const found = complaints.find((each) => each.name === name);
    if (found && touched.has(name)) return t(`integrations.complaints.${found.complaint}`);
    return refused.find(({ path }) => path === name || path === `${type}.${name}`)?.message;
  };
  const change = (name: string, value: Values[string]): void => {
    setValues((before) => ({ ...before, [name]: value }));
    setTouched((before) => new Set(before).add(name));
    save.reset();
    test.reset();
  };
  const isReady = complaints.length === 0;

  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        setTouched(new Set(fields.map(({ name }) => name)));
        if (isReady) save.mutate();
      }}
    >
      <Stack gap="sm">
        {fields.map((field) => (
          <SettingsField
            key={field.name}
            field={field}
            value={values[field.name] ?? ''}
            error={errorOf(field.name)}
            onChange={(value) => change(field.name, value)}
          />
        ))}
        <ExtensionMap number={number} type={type} value={mapping} onChange={setMapping} />
        <div aria-live="polite">
          {test.data && <TestAnswer answer={test.data} />}
          {test.error && <Alert color="red">{errorText(test.error)}</Alert>}
          {save.error && <Alert color="red">{errorText(save.error)}</Alert>}
        </div>
        <Group justify="space-between" gap="xs">
          <Button
            variant="default"
            loading={test.isPending}
            disabled={!isReady}
            onClick={() => test.mutate()}
          >
            {t('integrations.test')}
          </Button>
          <Group gap="xs">
            <Button variant="default" onClick={onClose}>
              {t('integrations.cancel')}
            </Button>
            <Button type="submit" loading={save.isPending}>
              {t('integrations.save')}
            </Button>
          </Group>
        </Group>
      </Stack>
    </form>
  );
}

type Answer = {
  ok: boolean;
  problem?: string | undefined;
  hint?: string | undefined;
  took_ms: number;
};

function TestAnswer({ answer: { ok, problem, hint, took_ms: took } }: { answer: Answer }) {
  const { t } = useTranslation();
  if (ok) return <Alert color="teal" title={t('integrations.testOk', { took })} />;
  return (
    <Alert color="red" title={problem ?? t('errors.unknown')}>
      {hint}
    </Alert>
  );
}
