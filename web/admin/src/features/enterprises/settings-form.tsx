import { Alert, Button } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { changeEnterprise } from '../../../../../shared/enterprises/enterprises.schema.ts';
import { ask } from '../../api/api-client.ts';
import { ApiError } from '../../api/api-error.ts';
import { useErrorText } from '../../ui/error-text.ts';
import { Panel } from '../../ui/page.tsx';
import { toast } from '../../ui/toasts.ts';
import { type Enterprise, ENTERPRISES, enterpriseQuery } from './api.ts';
import { complaintOf } from './complaints.ts';
import { changesOf, type FieldsProps, valuesOf, wrongFields } from './enterprise-values.ts';
import { BoxFields, GeneralFields, OtherFields } from './settings-fields.tsx';
import { TelegramFields } from './telegram-fields.tsx';

import classes from './enterprises.module.css';

/** All settings of an enterprise, saved together; only what was changed is sent. */
export function SettingsForm({ enterprise }: { enterprise: Enterprise }) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const client = useQueryClient();
  const { number } = enterprise;
  const [values, setValues] = useState(() => valuesOf(enterprise));
  const changes = changesOf(enterprise, values);
  const wrong = wrongFields(enterprise, values);
  const save = useMutation({
    mutationFn: () => ask(changeEnterprise, { params: { number }, body: changes }),
    onSuccess: (stored) => {
      client.setQueryData(enterpriseQuery(number).queryKey, stored);
      setValues(valuesOf(stored));
      toast.success(t('enterprises.saved'));
      return client.invalidateQueries({ queryKey: ENTERPRISES });
    },
  });
  const refused = save.error instanceof ApiError ? save.error.errors : [];
  const fields: FieldsProps = {
    enterprise,
    values,
    set: (name, value) => {
      setValues((before) => ({ ...before, [name]: value }));
      save.reset();
    },
    errorOf: (name) =>
      wrong.has(name) || refused.some(({ path }) => path === name)
        ? t(`enterprises.complaints.${complaintOf(name)}`)
        : undefined,
  };
  const isChanged = Object.keys(changes).length > 0 || wrong.size > 0;
  return (
    <form
      noValidate
      className={classes.column}
      onSubmit={(event) => {
        event.preventDefault();
        if (wrong.size === 0) save.mutate();
      }}
    >
      <Panel title={t('enterprises.general')}>
        <GeneralFields {...fields} />
      </Panel>
      <Panel title={t('enterprises.boxAndSsh')}>
        <BoxFields {...fields} />
      </Panel>
      <Panel title="Telegram">
        <TelegramFields {...fields} />
      </Panel>
      <Panel title={t('enterprises.other')}>
        <OtherFields {...fields} />
      </Panel>
      {save.error && <Alert color="red">{errorText(save.error)}</Alert>}
      <div className={classes.save}>
        <span className={classes.saveState} role="status">
          {isChanged && t('enterprises.unsaved')}
        </span>
        <Button
          variant="default"
          disabled={!isChanged || save.isPending}
          onClick={() => setValues(valuesOf(enterprise))}
        >
          {t('enterprises.undo')}
        </Button>
        <Button type="submit" loading={save.isPending} disabled={!isChanged || wrong.size > 0}>
          {t('common.save')}
        </Button>
      </div>
    </form>
  );
}
