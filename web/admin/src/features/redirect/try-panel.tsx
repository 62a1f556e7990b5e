import { Alert, Button, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { tryRedirect } from '../../../../../shared/smart-redirect/smart-redirect.schema.ts';
import { ask } from '../../api/api-client.ts';
import { formatPhone } from '../../format/format.ts';
import { useFormat } from '../../format/use-format.ts';
import { useErrorText } from '../../ui/error-text.ts';
import { Panel } from '../../ui/page.tsx';
import type { Tried } from './api.ts';
import { Lookups } from './lookups.tsx';
import { useRedirectWords } from './redirect-words.ts';

import classes from './redirect.module.css';

/** Who would get a call from a number. Nothing is moved. */
export function TryPanel({ number }: { number: string }) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const [phone, setPhone] = useState('');
  const digits = phone.replaceAll(/\D/g, '');
  const look = useMutation({
    mutationFn: (asked: string) => ask(tryRedirect, { params: { number }, body: { phone: asked } }),
  });
  return (
    <Panel title={t('redirect.try')}>
      <form
        className={classes.try}
        onSubmit={(event) => {
          event.preventDefault();
          if (digits.length >= 3) look.mutate(digits);
        }}
      >
        <TextInput
          label={t('redirect.whoGets')}
          placeholder="+375 29 111-00-01"
          type="tel"
          autoComplete="off"
          value={phone}
          onChange={(event) => setPhone(event.currentTarget.value)}
        />
        <Button
          type="submit"
          loading={look.isPending}
          disabled={digits.length < 3 || digits.length > 15}
        >
          {t('redirect.look')}
        </Button>
      </form>
      <div className={classes.answer} aria-live="polite">
        {!look.data && !look.error && <p className={classes.dim}>{t('redirect.tryText')}</p>}
        {look.error && <Alert color="red">{errorText(look.error)}</Alert>}
        {look.data && <TriedAnswer phone={look.variables} tried={look.data} />}
      </div>
    </Panel>
  );
}

function TriedAnswer({ phone, tried }: { phone: string; tried: Tried }) {
  const { t } = useTranslation();
  const format = useFormat();
  const words = useRedirectWords();
  const { manager, manager_name: name, source, reason, client_name: client, took_ms: took } = tried;
  return (
    <>
      <p className={classes.verdict}>
        {manager === null
          ? t('redirect.goesOn')
          : t('redirect.gets', { manager: words.person(manager, name) })}
      </p>
      <span className={classes.dim}>
        {[
          [formatPhone(phone), client].filter(Boolean).join(' '),
          source && words.source(source),
          reason && words.reason(reason),
          t('common.ms', { ms: format.number(took) }),
        ]
          .filter(Boolean)
          .join(' · ')}
      </span>
      <Lookups lookups={tried.lookups} took={took} />
    </>
  );
}
