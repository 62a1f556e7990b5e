import { Button } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { rotateSecret, rotateToken } from '../../../../../shared/enterprises/enterprises.schema.ts';
import { ask } from '../../api/api-client.ts';
import { useFormat } from '../../format/use-format.ts';
import { useConfirm } from '../../ui/confirm.tsx';
import { useErrorText } from '../../ui/error-text.ts';
import { Panel } from '../../ui/page.tsx';
import { SecretsOnce } from '../../ui/secrets-once.tsx';
import { toast } from '../../ui/toasts.ts';
import { type Enterprise, enterpriseQuery } from './api.ts';

import classes from './enterprises.module.css';

type Kind = 'token' | 'secret';

/** What opens the API for this enterprise; shown when it is made, and never again. */
export function AccessPanel({ enterprise }: { enterprise: Enterprise }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { number, token, secret, previous_token_until: until } = enterprise;
  const { rotate, isRotating, shown, close } = useRotation(number);
  return (
    <Panel title={t('enterprises.access')}>
      <div className={classes.secret}>
        <div>
          <span className={classes.secretName}>{t('enterprises.token')}</span>
          <code>{token}</code>
          {until !== null && (
            <p className={classes.note}>
              {t('enterprises.previousToken', { when: format.moment(until) })}
            </p>
          )}
        </div>
        <Button
          variant="default"
          size="compact-sm"
          disabled={isRotating}
          onClick={() => void rotate('token')}
        >
          {t('enterprises.rotateToken')}
        </Button>
      </div>
      <div className={classes.secret}>
        <div>
          <span className={classes.secretName}>{t('enterprises.secret')}</span>
          <code>{secret}</code>
        </div>
        <Button
          variant="default"
          size="compact-sm"
          disabled={isRotating}
          onClick={() => void rotate('secret')}
        >
          {t('enterprises.rotateSecret')}
        </Button>
      </div>
      <SecretsOnce
        title={t(shown?.kind === 'secret' ? 'enterprises.newSecret' : 'enterprises.newToken')}
        text={t(
          shown?.kind === 'secret' ? 'enterprises.newSecretText' : 'enterprises.newTokenText',
        )}
        secrets={shown && [{ label: t(`enterprises.${shown.kind}`), value: shown.value }]}
        onClose={close}
      />
    </Panel>
  );
}

function useRotation(number: string) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const confirm = useConfirm();
  const errorText = useErrorText();
  const [shown, setShown] = useState<{ kind: Kind; value: string }>();
  const change = useMutation({
    mutationFn: async (kind: Kind) =>
      kind === 'token'
        ? (await ask(rotateToken, { params: { number } })).token
        : (await ask(rotateSecret, { params: { number } })).secret,
    onSuccess: (value, kind) => setShown({ kind, value }),
    onError: (error) => toast.error(errorText(error)),
    onSettled: () => client.invalidateQueries({ queryKey: enterpriseQuery(number).queryKey }),
  });
  const rotate = async (kind: Kind): Promise<void> => {
    const isToken = kind === 'token';
    const question = {
      title: t(isToken ? 'enterprises.rotateToken' : 'enterprises.rotateSecret'),
      text: t(isToken ? 'enterprises.rotateTokenText' : 'enterprises.rotateSecretText'),
      action: t('enterprises.rotate'),
      danger: !isToken,
    };
    if (await confirm(question)) change.mutate(kind);
  };
  return { rotate, isRotating: change.isPending, shown, close: () => setShown(undefined) };
}
