import { NavLink } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { Link, matchPath, useLocation } from 'react-router';

import { useIsSuperadmin } from '../session/session.ts';
import { Icon } from '../ui/icons.tsx';
import { useCurrentNumber } from './current-number.ts';
import { enterpriseMenu, type MenuItem, OPERATOR_MENU } from './menu.ts';

import classes from './shell.module.css';

export function Navigation() {
  const { t } = useTranslation();
  const isSuperadmin = useIsSuperadmin();
  const number = useCurrentNumber();
  return (
    <>
      {isSuperadmin && (
        <>
          <p className={classes.sectionTitle}>{t('menu.operator')}</p>
          <Items items={OPERATOR_MENU} />
        </>
      )}
      {number !== undefined && (
        <>
          {isSuperadmin && (
            <p className={classes.sectionTitle}>{t('menu.enterprise', { number })}</p>
          )}
          <Items items={enterpriseMenu(number)} />
        </>
      )}
    </>
  );
}

function Items({ items }: { items: MenuItem[] }) {
  const { t } = useTranslation();
  const { pathname } = useLocation();
  return items.map(({ key, icon, to, end = false }) => {
    const isActive = matchPath({ path: to, end }, pathname) !== null;
    return (
      <NavLink
        key={to}
        component={Link}
        to={to}
        className={classes.nav ?? ''}
        label={t(key)}
        leftSection={<Icon name={icon} />}
        active={isActive}
        {...(isActive && { 'aria-current': 'page' as const })}
      />
    );
  });
}
