import { useTranslation } from 'react-i18next';
import { Outlet } from 'react-router';

import { EmptyState } from '../ui/states.tsx';
import { useIsSuperadmin } from './session.ts';

/** The operator's own pages. The API refuses everybody else anyway; here they are told so, and nothing is asked. */
export function OperatorArea() {
  const { t } = useTranslation();
  if (useIsSuperadmin()) return <Outlet />;
  return <EmptyState icon="lock" title={t('common.denied')} text={t('common.deniedText')} />;
}
