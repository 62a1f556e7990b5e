import { NumberInput, PasswordInput, Select, Switch, Textarea, TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';

import type { FieldsProps, NUMBERS, SshLogin, TEXTS } from './enterprise-values.ts';
import { timezonesWith } from './timezones.ts';

import classes from './enterprises.module.css';

type TextName = 'name' | (typeof TEXTS)[number];
const MOST = { ssh_port: 65_535, custom_port: 65_535, scheme_count: 9_999, gsm_line_count: 9_999 };

export function Text({
  name,
  fields: { values, set, errorOf },
  placeholder,
}: {
  name: TextName;
  fields: FieldsProps;
  placeholder?: string;
}) {
  const { t } = useTranslation();
  return (
    <TextInput
      label={t(`enterprises.fields.${name}`)}
      value={values[name]}
      onChange={(event) => set(name, event.currentTarget.value)}
      onBlur={(event) => set(name, event.currentTarget.value.trim())}
      error={errorOf(name)}
      placeholder={placeholder ?? ''}
      autoComplete="off"
      spellCheck={false}
    />
  );
}

function Count({
  name,
  fields: { values, set, errorOf },
  placeholder,
}: {
  name: (typeof NUMBERS)[number];
  fields: FieldsProps;
  placeholder?: string;
}) {
  const { t } = useTranslation();
  return (
    <NumberInput
      label={t(`enterprises.fields.${name}`)}
      value={values[name]}
      onChange={(value) => set(name, typeof value === 'number' ? value : '')}
      error={errorOf(name)}
      placeholder={placeholder ?? ''}
      allowDecimal={false}
      allowNegative={false}
      max={MOST[name]}
      hideControls
    />
  );
}

export function GeneralFields(fields: FieldsProps) {
  const { t } = useTranslation();
  const { values, set } = fields;
  return (
    <div className={classes.fields}>
      <Text name="name" fields={fields} />
      <Select
        label={t('enterprises.timezone')}
        data={timezonesWith(values.timezone)}
        value={values.timezone}
        onChange={(zone) => zone !== null && set('timezone', zone)}
        allowDeselect={false}
        searchable
        limit={50}
        nothingFoundMessage={t('common.nothingFound')}
      />
    </div>
  );
}

export function BoxFields(fields: FieldsProps) {
  const { t } = useTranslation();
  const { enterprise, values, set, errorOf } = fields;
  const kept = (login: SshLogin) =>
    enterprise.ssh_credentials === login ? t('enterprises.keptSecret') : '';
  return (
    <div className={classes.fields}>
      <Text name="ip" fields={fields} placeholder="192.0.2.19" />
      <Text name="host" fields={fields} placeholder="pbx.example.com" />
      <Count name="ssh_port" fields={fields} placeholder={t('enterprises.asAll')} />
      <Text name="ssh_user" fields={fields} placeholder={t('enterprises.asAll')} />
      <Select
        label={t('enterprises.sshLogin')}
        data={(['common', 'password', 'key'] as const).map((value) => ({
          value,
          label: t(`enterprises.sshLogins.${value}`),
        }))}
        value={values.ssh_login}
        onChange={(login) => login !== null && set('ssh_login', login)}
        allowDeselect={false}
      />
      {values.ssh_login === 'password' && (
        <PasswordInput
          label={t('enterprises.fields.ssh_password')}
          value={values.ssh_password}
          onChange={(event) => set('ssh_password', event.currentTarget.value)}
          error={errorOf('ssh_password')}
          placeholder={kept('password')}
          autoComplete="new-password"
          visibilityToggleButtonProps={{ 'aria-label': t('integrations.showSecret') }}
        />
      )}
      {values.ssh_login === 'key' && (
        <Textarea
          className={`${classes.wide} ${classes.key}`}
          label={t('enterprises.fields.ssh_key')}
          value={values.ssh_key}
          onChange={(event) => set('ssh_key', event.currentTarget.value)}
          error={errorOf('ssh_key')}
          placeholder={kept('key') || 'id_ed25519'}
          rows={5}
          autoComplete="off"
          spellCheck={false}
        />
      )}
      <Switch
        className={classes.wide ?? ''}
        label={t('enterprises.fields.parameter_option_3')}
        checked={values.parameter_option_3}
        onChange={(event) => set('parameter_option_3', event.currentTarget.checked)}
      />
    </div>
  );
}

export function OtherFields(fields: FieldsProps) {
  const { t } = useTranslation();
  const { values, set } = fields;
  return (
    <div className={classes.fields}>
      <Text name="custom_domain" fields={fields} placeholder="june.example.com" />
      <Count name="custom_port" fields={fields} />
      <Count name="scheme_count" fields={fields} />
      <Count name="gsm_line_count" fields={fields} />
      <Switch
        className={classes.wide ?? ''}
        label={t('enterprises.fields.is_enabled')}
        description={t('enterprises.isEnabledText')}
        checked={values.is_enabled}
        onChange={(event) => set('is_enabled', event.currentTarget.checked)}
      />
    </div>
  );
}
