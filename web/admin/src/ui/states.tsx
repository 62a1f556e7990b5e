import { Button, Skeleton, Stack } from '@mantine/core';
import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

import { ApiError } from '../api/api-error.ts';
import { useErrorText } from './error-text.ts';
import { Icon, type IconName } from './icons.tsx';

import classes from './states.module.css';

type StateProps = {
  icon: IconName;
  title: string;
  text?: string | undefined;
  children?: ReactNode;
};

function State({ icon, title, text, children }: StateProps) {
  return (
    <div className={classes.state}>
      <span className={classes.icon}>
        <Icon name={icon} size={22} />
      </span>
      <p className={classes.title}>{title}</p>
      {text && <p className={classes.text}>{text}</p>}
      {children}
    </div>
  );
}

export function EmptyState({
  icon = 'search',
  ...rest
}: Omit<StateProps, 'icon'> & { icon?: IconName }) {
  return <State icon={icon} {...rest} />;
}

export function ErrorState({
  error,
  onRetry,
}: {
  error: unknown;
  onRetry?: (() => void) | undefined;
}) {
  const { t } = useTranslation();
  const text = useErrorText();
  const isDenied = error instanceof ApiError && error.status === 403;
  return (
    <div role="alert">
      <State
        icon={isDenied ? 'lock' : 'warning'}
        title={isDenied ? t('common.denied') : t('common.failed')}
        text={isDenied ? t('common.deniedText') : text(error)}
      >
        {onRetry && !isDenied && (
          <Button variant="default" size="sm" onClick={onRetry}>
            {t('common.again')}
          </Button>
        )}
      </State>
    </div>
  );
}

/** Grey bars in the place of what comes. */
export function LoadingState({ rows = 4, height = 20 }: { rows?: number; height?: number }) {
  const { t } = useTranslation();
  return (
    <Stack gap="sm" role="status" aria-label={t('common.loading')}>
      {Array.from({ length: rows }, (_row, index) => (
        <Skeleton key={index} height={height} radius="sm" />
      ))}
    </Stack>
  );
}

type LoadedProps<Data> = {
  query: Pick<UseQueryResult<Data>, 'data' | 'error' | 'isPending' | 'refetch'>;
  loading?: ReactNode;
  children: (data: Data) => ReactNode;
};

/** The three states of a query: it comes, it failed, it is there. What is there stays when a refresh fails. */
export function Loaded<Data>({ query, loading = <LoadingState />, children }: LoadedProps<Data>) {
  if (query.data !== undefined) return children(query.data);
  if (query.error) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  return loading;
}
