import { NativeSelect, Textarea, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';

import { projectsQuery } from './api.ts';
import type { ServerValues } from './server-values.ts';
import { useServerWords } from './server-words.ts';

import classes from './hosting.module.css';

type FieldsProps = {
  values: ServerValues;
  wrong: ReadonlySet<string>;
  onChange: (name: keyof ServerValues, value: string) => void;
};

/** Everything about a server that is set by hand. */
export function ServerFields({ values, wrong, onChange }: FieldsProps) {
  const { t } = useTranslation();
  const words = useServerWords();
  const { data: projects } = useQuery(projectsQuery);
  const common = (name: keyof ServerValues, label: string) => ({
    label,
    value: values[name],
    error: wrong.has(name) ? t('hosting.wrong') : undefined,
    onChange: (event: { currentTarget: { value: string } }) =>
      onChange(name, event.currentTarget.value),
  });
  return (
    <div className={classes.form}>
      <TextInput
        {...common('server_name', t('hosting.name'))}
        required
        data-autofocus
        className={classes.wide ?? ''}
      />
      <TextInput {...common('client_name', t('hosting.client'))} />
      <TextInput {...common('client_company', t('hosting.company'))} />
      <TextInput {...common('client_telegram_id', t('hosting.telegram'))} inputMode="numeric" />
      <NativeSelect
        {...common('project_id', t('hosting.project'))}
        data={[
          { value: '', label: t('hosting.noProject') },
          ...(projects ?? []).map(({ id, name }) => ({ value: String(id), label: name })),
        ]}
      />
      <TextInput {...common('configuration', t('hosting.configuration'))} />
      <TextInput {...common('ip_address', t('hosting.ip'))} />
      <TextInput
        {...common('cost_price', t('hosting.costMonth'))}
        inputMode="decimal"
        placeholder={t('hosting.unknown')}
      />
      <TextInput
        {...common('client_price', t('hosting.priceMonth'))}
        inputMode="decimal"
        placeholder={t('hosting.unknown')}
      />
      <TextInput {...common('service_fee', t('hosting.fee'))} inputMode="decimal" />
      <NativeSelect {...common('payment_period', t('hosting.period'))} data={words.periodOptions} />
      <TextInput {...common('start_date', t('hosting.start'))} type="date" />
      <TextInput {...common('next_payment_date', t('hosting.nextPayment'))} type="date" />
      <NativeSelect {...common('status', t('hosting.status'))} data={words.statusOptions} />
      <Textarea {...common('notes', t('hosting.notes'))} rows={2} className={classes.wide ?? ''} />
    </div>
  );
}
