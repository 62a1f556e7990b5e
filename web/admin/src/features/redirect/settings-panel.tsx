import { Alert, Button, NumberInput, Select, TagsInput, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { LOOKUP_TYPES } from '../../../../../shared/crm/crm.schema.ts';
import { SmartRedirectSettings } from '../../../../../shared/smart-redirect/settings.schema.ts';
import { putSettings } from '../../../../../shared/smart-redirect/smart-redirect.schema.ts';
import { ask } from '../../api/api-client.ts';
import { useErrorText } from '../../ui/error-text.ts';
import { Panel } from '../../ui/page.tsx';
import { Loaded, LoadingState } from '../../ui/states.tsx';
import { toast } from '../../ui/toasts.ts';
import { type Settings, settingsQuery } from './api.ts';
import { OrderList } from './order-list.tsx';

import classes from './redirect.module.css';

/** As it stands in the form: a number that was cleared is none, a context may be half typed. */
type Values = Omit<Settings, 'ring_seconds' | 'target_context' | 'wait_contexts'> & {
  ring_seconds: number | '';
  target_context: string;
  wait_contexts: string[];
};

/** How the calls of an enterprise find their manager. */
export function SettingsPanel({ number }: { number: string }) {
  const { t } = useTranslation();
  const query = useQuery(settingsQuery(number));
  return (
    <Panel title={t('redirect.settings')}>
      <Loaded query={query} loading={<LoadingState rows={6} height={48} />}>
        {(settings) => <SettingsForm number={number} stored={settings} />}
      </Loaded>
    </Panel>
  );
}

/** The CRMs that are left out come last: so they are shown. */
const valuesOf = (settings: Settings): Values => ({
  ...settings,
  order: [...new Set([...settings.order, ...LOOKUP_TYPES])],
});

function SettingsForm({ number, stored }: { number: string; stored: Settings }) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const client = useQueryClient();
  const [values, setValues] = useState(() => valuesOf(stored));
  const parsed = SmartRedirectSettings.safeParse(values);
  const wrong = new Set(parsed.error?.issues.map(({ path }) => String(path[0])));
  const isChanged = JSON.stringify(values) !== JSON.stringify(valuesOf(stored));
  const { queryKey } = settingsQuery(number);
  const save = useMutation({
    mutationFn: (body: Settings) => ask(putSettings, { params: { number }, body }),
    onSuccess: (saved) => {
      client.setQueryData(queryKey, saved);
      setValues(valuesOf(saved));
      toast.success(t('redirect.saved'));
    },
  });
  const set = <Name extends keyof Values>(name: Name, value: Values[Name]): void => {
    setValues((before) => ({ ...before, [name]: value }));
    save.reset();
  };
  const choice = <Name extends 'mode' | 'fallback' | 'technology'>(
    name: Name,
    options: { value: Values[Name] & string; label: string }[],
  ) => ({
    data: options,
    value: values[name],
    onChange: (chosen: string | null) => {
      const option = options.find(({ value }) => value === chosen);
      if (option) set(name, option.value);
    },
    allowDeselect: false,
  });

  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (parsed.success) save.mutate(parsed.data);
      }}
    >
      <div className={classes.fields}>
        <Select
          className={classes.wide ?? ''}
          label={t('redirect.mode')}
          description={t(`redirect.modeTexts.${values.mode}`)}
          inputWrapperOrder={['label', 'input', 'description', 'error']}
          {...choice(
            'mode',
            (['endpoint', 'waitredirect', 'off'] as const).map((value) => ({
              value,
              label: t(`redirect.modes.${value}`),
            })),
          )}
        />
        <div className={classes.wide}>
          <span className={classes.legend}>{t('redirect.order')}</span>
          <OrderList
            label={t('redirect.order')}
            items={values.order}
            onChange={(order) => set('order', order)}
          />
        </div>
        <Select
          label={t('redirect.fallback')}
          {...choice(
            'fallback',
            (['none', 'last_talked', 'first_talked'] as const).map((value) => ({
              value,
              label: t(`redirect.fallbacks.${value}`),
            })),
          )}
        />
        <NumberInput
          label={t('redirect.ring')}
          value={values.ring_seconds}
          onChange={(value) => set('ring_seconds', typeof value === 'number' ? value : '')}
          error={wrong.has('ring_seconds') && t('redirect.ringWrong')}
          allowDecimal={false}
          min={5}
          max={120}
          clampBehavior="none"
        />
        <Select
          label={t('redirect.technology')}
          {...choice('technology', [
            { value: 'auto', label: t('redirect.technologyAuto') },
            { value: 'SIP', label: 'SIP' },
            { value: 'PJSIP', label: 'PJSIP' },
          ])}
        />
        <TextInput
          label={t('redirect.target')}
          value={values.target_context}
          onChange={(event) => set('target_context', event.currentTarget.value.trim())}
          error={wrong.has('target_context') && t('redirect.contextWrong')}
          autoComplete="off"
          spellCheck={false}
        />
        <TagsInput
          className={classes.wide ?? ''}
          label={t('redirect.waiting')}
          description={t('redirect.waitingText')}
          inputWrapperOrder={['label', 'input', 'description', 'error']}
          value={values.wait_contexts}
          onChange={(contexts) => set('wait_contexts', contexts)}
          error={wrong.has('wait_contexts') && t('redirect.contextWrong')}
          maxTags={10}
        />
      </div>
      {save.error && (
        <Alert mt="sm" color="red">
          {errorText(save.error)}
        </Alert>
      )}
      <div className={classes.save}>
        <Button
          variant="default"
          disabled={!isChanged || save.isPending}
          onClick={() => setValues(valuesOf(stored))}
        >
          {t('common.cancel')}
        </Button>
        <Button type="submit" loading={save.isPending} disabled={!isChanged || wrong.size > 0}>
          {t('common.save')}
        </Button>
      </div>
    </form>
  );
}
