import { Alert, Button, Checkbox, PasswordInput, Switch } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';

import { testTelegram } from '../../../../../shared/enterprises/enterprises.schema.ts';
import { ask } from '../../api/api-client.ts';
import { useErrorText } from '../../ui/error-text.ts';
import { ENTERPRISES } from './api.ts';
import { changesOf, type FieldsProps } from './enterprise-values.ts';
import { Text } from './settings-fields.tsx';

import classes from './enterprises.module.css';

const OPTIONS = [
  'parameter_option_1',
  'parameter_option_2',
  'parameter_option_4',
  'parameter_option_5',
] as const;

export function TelegramFields(fields: FieldsProps) {
  const { t } = useTranslation();
  const { enterprise, values, set, errorOf } = fields;
  const { bot_token: storedBot, telegram_paused_reason: paused } = enterprise;
  return (
    <div className={classes.fields}>
      {paused !== null && (
        <Alert className={classes.wide ?? ''} color="yellow" title={t('enterprises.paused')}>
          {paused}
        </Alert>
      )}
      <div>
        <PasswordInput
          label={t('enterprises.fields.bot_token')}
          value={values.bot_token}
          onChange={(event) => set('bot_token', event.currentTarget.value.trim())}
          error={errorOf('bot_token')}
          placeholder={storedBot ?? '700000001:…'}
          disabled={values.removes_bot}
          autoComplete="new-password"
          visibilityToggleButtonProps={{ 'aria-label': t('integrations.showSecret') }}
        />
        {storedBot !== null && (
          <Checkbox
            mt={6}
            size="xs"
            label={t('enterprises.removeBot')}
            checked={values.removes_bot}
            onChange={(event) => {
              set('removes_bot', event.currentTarget.checked);
              set('bot_token', '');
            }}
          />
        )}
      </div>
      <Text name="chat_id" fields={fields} placeholder="-1000000000367" />
      <div className={classes.switches}>
        {OPTIONS.map((name) => (
          <Switch
            key={name}
            label={t(`enterprises.fields.${name}`)}
            checked={values[name]}
            onChange={(event) => set(name, event.currentTarget.checked)}
          />
        ))}
      </div>
      <TestMessage {...fields} />
    </div>
  );
}

/** Sends a message by what stands in the form, saved or not. */
function TestMessage({ enterprise, values, errorOf }: FieldsProps) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const client = useQueryClient();
  const { bot_token, chat_id } = changesOf(enterprise, values);
  const body = {
    ...(bot_token !== undefined && { bot_token }),
    ...(chat_id !== undefined && { chat_id }),
  };
  const test = useMutation({
    mutationFn: () => ask(testTelegram, { params: { number: enterprise.number }, body }),
    onSettled: () => client.invalidateQueries({ queryKey: ENTERPRISES }),
  });
  const isWrong = errorOf('bot_token') !== undefined || errorOf('chat_id') !== undefined;
  return (
    <div className={classes.wide}>
      <Button
        variant="default"
        size="compact-sm"
        disabled={isWrong}
        loading={test.isPending}
        onClick={() => test.mutate()}
      >
        {t('enterprises.testMessage')}
      </Button>
      <div aria-live="polite">
        {test.data?.ok && (
          <Alert mt="xs" color="teal">
            {t('enterprises.testArrived', { took: test.data.took_ms })}
          </Alert>
        )}
        {test.data && !test.data.ok && (
          <Alert mt="xs" color="red">
            {test.data.problem}
          </Alert>
        )}
        {test.error && (
          <Alert mt="xs" color="red">
            {errorText(test.error)}
          </Alert>
        )}
      </div>
    </div>
  );
}
