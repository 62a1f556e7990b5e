import { Text } from '@mantine/core';
import { lazy, Suspense } from 'react';

import { useMe } from '../session/session.ts';

import classes from './shell.module.css';

const EnterpriseSelect = lazy(() => import('./enterprise-select.tsx'));

/** Which enterprise is looked at. Who has one only sees its name. */
export function EnterprisePicker() {
  const { role, enterprise } = useMe();
  if (role === 'superadmin')
    return (
      <div className={classes.picker}>
        <Suspense>
          <EnterpriseSelect />
        </Suspense>
      </div>
    );
  return (
    <Text size="sm" fw={600} truncate>
      {enterprise?.name}{' '}
      <Text span c="dimmed" inherit>
        {enterprise?.number}
      </Text>
    </Text>
  );
}
