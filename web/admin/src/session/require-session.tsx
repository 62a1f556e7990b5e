import { Center, Loader } from '@mantine/core';
import { lazy, Suspense, type ReactNode } from 'react';

import { ErrorState } from '../ui/states.tsx';
import { MeContext, useMeQuery } from './session.ts';

const LoginPage = lazy(() => import('../features/login/login-page.tsx'));

/** The login instead of the page while nobody is logged in. */
export function RequireSession({ children }: { children: ReactNode }) {
  const { data: me, error, refetch } = useMeQuery();
  if (me) return <MeContext value={me}>{children}</MeContext>;
  if (me === null)
    return (
      <Suspense fallback={<Waiting />}>
        <LoginPage />
      </Suspense>
    );
  if (error) return <ErrorState error={error} onRetry={() => void refetch()} />;
  return <Waiting />;
}

function Waiting() {
  return (
    <Center h="100dvh">
      <Loader />
    </Center>
  );
}
