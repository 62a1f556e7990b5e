import { Button, Switch } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';

import { saveConfig } from '../../../../../shared/integrations/config.schema.ts';
import { ask } from '../../api/api-client.ts';
import { ApiError } from '../../api/api-error.ts';
import { useFormat } from '../../format/use-format.ts';
import { Status, type Tone } from '../../ui/status.tsx';
import { toast } from '../../ui/toasts.ts';
import { INTEGRATION_TITLES } from '../../words/integration-titles.ts';
import { type Integration, integrationsQuery } from './api.ts';

import classes from './integrations.module.css';

const TONES: Record<Integration['state'], Tone> = {
  active: 'green',
  off: 'grey',
  error: 'red',
  paused: 'amber',
  not_configured: 'grey',
};

type CardProps = { number: string; integration: Integration; onSettings: () => void };

export function IntegrationCard({ number, integration, onSettings }: CardProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const { type, state, reason, since } = integration;
  const { isEnabled, turn, isSaving } = useSwitch(number, integration, onSettings);
  const title = INTEGRATION_TITLES[type] ?? integration.title;

  return (
    <article className={classes.card} aria-label={integration.title}>
      <div className={classes.cardHead}>
        <h2 className={classes.cardTitle}>{title}</h2>
        <Switch
          label={t('integrations.enabled')}
          labelPosition="left"
          classNames={{ label: classes.enabled ?? '' }}
          checked={isEnabled}
          disabled={isSaving}
          onChange={(event) => turn(event.currentTarget.checked)}
        />
      </div>
      <Status tone={TONES[state]} label={t(`integrations.states.${state}`)} />
      <p className={classes.reason}>
        {reason}
        {reason && since && <> · {t('integrations.since', { when: format.moment(since) })}</>}
      </p>
      <Button variant="default" disabled={!isEnabled} onClick={onSettings}>
        {t('integrations.configure')}
      </Button>
    </article>
  );
}

/** Saves at once, and flips back when that failed. Turning one on leads to its settings. */
function useSwitch(number: string, { type, settings }: Integration, onSettings: () => void) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const { queryKey } = integrationsQuery(number);
  const save = useMutation({
    mutationFn: (enabled: boolean) =>
      ask(saveConfig, { params: { number }, body: { [type]: { enabled } } }),
    onSuccess: ({ warnings }, enabled) => {
      for (const { message } of warnings) toast.warning(message);
      if (enabled) onSettings();
    },
    onError: (error) => {
      const isUnreached = error instanceof ApiError && error.status === 0;
      toast.error(t(isUnreached ? 'integrations.connectionError' : 'integrations.saveError'));
    },
    onSettled: () => client.invalidateQueries({ queryKey }),
  });
  return {
    isEnabled: save.isPending ? save.variables : settings.enabled,
    isSaving: save.isPending,
    turn: save.mutate,
  };
}
