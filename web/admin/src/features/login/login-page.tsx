import { Button, PasswordInput, Stack, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { logIn } from '../../../../../shared/auth/auth.schema.ts';
import { ask } from '../../api/api-client.ts';
import { ApiError } from '../../api/api-error.ts';
import { changeLanguage } from '../../i18n/i18n.ts';
import { meQuery } from '../../session/session.ts';
import { useErrorText } from '../../ui/error-text.ts';

import classes from './login-page.module.css';

/** Stands in the place of every page while nobody is logged in; the address stays, so that one lands where one wanted. */
export default function LoginPage() {
  const { t, i18n } = useTranslation();
  const client = useQueryClient();
  const errorText = useErrorText();
  const [login, setLogin] = useState('');
  const [password, setPassword] = useState('');
  const other = i18n.language === 'ru' ? 'en' : 'ru';

  useEffect(() => {
    document.title = `${t('login.title')} · Trunkline`;
  }, [t]);

  const enter = useMutation({
    mutationFn: () => ask(logIn, { body: { login, password } }),
    onSuccess: (me) => client.setQueryData(meQuery.queryKey, me),
    onError: () => setPassword(''),
  });

  const messageOf = (error: Error): string => {
    if (!(error instanceof ApiError)) return errorText(error);
    if (error.status === 401) return t('login.wrong');
    if (error.status !== 429) return errorText(error);
    const minutes = Math.max(1, Math.ceil((error.retryAfterSeconds ?? 900) / 60));
    return t('login.tooMany', { count: minutes });
  };

  return (
    <main className={classes.screen}>
      <div className={classes.card}>
        <h1 className={classes.brand}>
          <img src="/ui/favicon.svg" alt="" /> Trunkline
        </h1>
        <form
          onSubmit={(event) => {
            event.preventDefault();
            enter.mutate();
          }}
        >
          <Stack gap="sm">
            <TextInput
              label={t('login.login')}
              name="login"
              autoComplete="username"
              autoCapitalize="none"
              spellCheck={false}
              value={login}
              onChange={(event) => setLogin(event.currentTarget.value)}
              autoFocus
              required
              withAsterisk={false}
            />
            <PasswordInput
              label={t('login.password')}
              name="password"
              autoComplete="current-password"
              value={password}
              onChange={(event) => setPassword(event.currentTarget.value)}
              required
              withAsterisk={false}
            />
            <p className={classes.message} role="alert">
              {enter.error && messageOf(enter.error)}
            </p>
            <Button type="submit" fullWidth loading={enter.isPending}>
              {t('login.enter')}
            </Button>
          </Stack>
        </form>
        <div className={classes.foot}>
          <Button
            variant="subtle"
            color="gray"
            size="compact-sm"
            lang={other}
            onClick={() => void changeLanguage(other)}
          >
            {other === 'en' ? 'English' : 'Русский'}
          </Button>
        </div>
      </div>
    </main>
  );
}
