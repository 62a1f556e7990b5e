import { ActionIcon, Menu, useComputedColorScheme, useMantineColorScheme } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { lazy, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { logOut } from '../../../../shared/auth/auth.schema.ts';
import { ask } from '../api/api-client.ts';
import { changeLanguage } from '../i18n/i18n.ts';
import { meQuery, useMe } from '../session/session.ts';
import { useConfirm } from '../ui/confirm.tsx';
import { useErrorText } from '../ui/error-text.ts';
import { Icon } from '../ui/icons.tsx';
import { toast } from '../ui/toasts.ts';

import classes from './shell.module.css';

const PasswordDialog = lazy(() => import('./password-dialog.tsx'));

/** The colours, the language, and what a person does with their own account. */
export function PersonMenu() {
  const { t, i18n } = useTranslation();
  const { login, name } = useMe();
  const { setColorScheme } = useMantineColorScheme();
  const scheme = useComputedColorScheme('light');
  const client = useQueryClient();
  const confirm = useConfirm();
  const errorText = useErrorText();
  const [isChanging, setIsChanging] = useState(false);
  const other = i18n.language === 'ru' ? 'en' : 'ru';
  const otherScheme = scheme === 'dark' ? 'light' : 'dark';

  const leave = useMutation({
    mutationFn: (everywhere: boolean) => ask(logOut, { body: { everywhere } }),
    onSuccess: () => {
      client.setQueryData(meQuery.queryKey, null);
      client.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== meQuery.queryKey[0] });
    },
    onError: (error) => toast.error(errorText(error)),
  });
  const leaveEverywhere = async (): Promise<void> => {
    const question = {
      title: t('shell.logoutEverywhere'),
      text: t('shell.logoutEverywhereText'),
      action: t('shell.logoutEverywhere'),
      danger: true,
    };
    if (await confirm(question)) leave.mutate(true);
  };

  return (
    <>
      <div className={classes.wide}>
        <ActionIcon
          variant="subtle"
          color="gray"
          size="lg"
          aria-label={t(scheme === 'dark' ? 'shell.light' : 'shell.dark')}
          onClick={() => setColorScheme(otherScheme)}
        >
          <Icon name={scheme === 'dark' ? 'sun' : 'moon'} />
        </ActionIcon>
      </div>
      <Menu position="bottom-end" width={230}>
        <Menu.Target>
          <ActionIcon
            variant="subtle"
            color="gray"
            size="lg"
            aria-label={t('shell.person', { login })}
          >
            <Icon name="person" />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Label>{name ?? login}</Menu.Label>
          <Menu.Item
            leftSection={<Icon name="language" size={16} />}
            lang={other}
            onClick={() => void changeLanguage(other)}
          >
            {other === 'en' ? 'English' : 'Русский'}
          </Menu.Item>
          <Menu.Item
            leftSection={<Icon name={scheme === 'dark' ? 'sun' : 'moon'} size={16} />}
            onClick={() => setColorScheme(otherScheme)}
          >
            {t(scheme === 'dark' ? 'shell.light' : 'shell.dark')}
          </Menu.Item>
          <Menu.Item
            leftSection={<Icon name="keys" size={16} />}
            onClick={() => setIsChanging(true)}
          >
            {t('shell.password')}
          </Menu.Item>
          <Menu.Divider />
          <Menu.Item onClick={() => leave.mutate(false)}>{t('shell.logout')}</Menu.Item>
          <Menu.Item onClick={() => void leaveEverywhere()}>
            {t('shell.logoutEverywhere')}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {isChanging && (
        <Suspense>
          <PasswordDialog opened onClose={() => setIsChanging(false)} />
        </Suspense>
      )}
    </>
  );
}
