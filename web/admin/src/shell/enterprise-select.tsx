import { Select } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { matchPath, useLocation, useNavigate } from 'react-router';

import { useEnterpriseHeads } from '../session/enterprise.ts';
import { useCurrentNumber } from './current-number.ts';

/** The superadmin's choice among all enterprises. */
export default function EnterpriseSelect() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { pathname } = useLocation();
  const number = useCurrentNumber();
  const heads = useEnterpriseHeads();

  /** The same page of the other enterprise; of a call or a delivery its list. */
  const choose = (chosen: string | null): void => {
    if (chosen === null) return;
    const page = matchPath('/e/:number/:page/*', pathname)?.params.page;
    if (matchPath('/enterprises/:number', pathname)) return void navigate(`/enterprises/${chosen}`);
    void navigate(page ? `/e/${chosen}/${page}` : `/e/${chosen}`);
  };

  return (
    <Select
      size="sm"
      aria-label={t('shell.enterprise')}
      placeholder={t('shell.enterprise')}
      data={(heads.data ?? []).map((head) => ({
        value: head.number,
        label: `${head.number} ${head.name}`,
      }))}
      value={number ?? null}
      onChange={choose}
      searchable
      allowDeselect={false}
      nothingFoundMessage={t('common.nothingFound')}
      limit={100}
      comboboxProps={{ width: 280, position: 'bottom-end' }}
    />
  );
}
