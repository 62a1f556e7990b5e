import { Button } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';

import {
  changeEnterprise,
  deleteEnterprise,
} from '../../../../../shared/enterprises/enterprises.schema.ts';
import { ask } from '../../api/api-client.ts';
import { useConfirm } from '../../ui/confirm.tsx';
import { useErrorText } from '../../ui/error-text.ts';
import { Panel } from '../../ui/page.tsx';
import { toast } from '../../ui/toasts.ts';
import { type Enterprise, ENTERPRISES } from './api.ts';

import classes from './enterprises.module.css';

/** Ends an enterprise, or lets it begin again. Nothing of it is deleted. */
export function ActivePanel({ enterprise: { number, active } }: { enterprise: Enterprise }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const confirm = useConfirm();
  const errorText = useErrorText();
  const turn = useMutation({
    mutationFn: async () => {
      if (active) await ask(deleteEnterprise, { params: { number } });
      else await ask(changeEnterprise, { params: { number }, body: { active: true } });
    },
    onSuccess: () => toast.success(t(active ? 'enterprises.deactivated' : 'enterprises.activated')),
    onError: (error) => toast.error(errorText(error)),
    onSettled: () => client.invalidateQueries({ queryKey: ENTERPRISES }),
  });
  const askFirst = async (): Promise<void> => {
    const question = {
      title: t('enterprises.deactivateTitle', { number }),
      text: t('enterprises.deactivateText'),
      action: t('enterprises.deactivate'),
      danger: true,
      typed: number,
    };
    if (!active || (await confirm(question))) turn.mutate();
  };
  return (
    <Panel>
      <div className={classes.danger}>
        <p className={classes.note}>
          {t(active ? 'enterprises.deactivateText' : 'enterprises.inactiveText')}
        </p>
        <Button
          variant={active ? 'default' : 'filled'}
          loading={turn.isPending}
          onClick={() => void askFirst()}
        >
          {t(active ? 'enterprises.deactivate' : 'enterprises.activate')}
        </Button>
      </div>
    </Panel>
  );
}
