import { useTranslation } from 'react-i18next';
import { Outlet } from 'react-router';

import { EmptyState } from '../ui/states.tsx';
import { useIsSuperadmin } from './session.ts';

/** The operator's own pages. To anybody else they say so, and ask for nothing. */
export function OperatorArea() {
  const { t } = useTranslation();
  if (useIsSuperadmin()) return <Outlet />;
  return <EmptyState icon="lock" title={t('common.denied')} text={t('common.deniedText')} />;
}
