import { ActionIcon } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { lazy, Suspense, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, Outlet, useLocation } from 'react-router';

import { Icon } from '../ui/icons.tsx';
import { LoadingState } from '../ui/states.tsx';
import { EnterprisePicker } from './enterprise-picker.tsx';
import { Navigation } from './navigation.tsx';
import { PersonMenu } from './person-menu.tsx';

import classes from './shell.module.css';

const NarrowMenu = lazy(() => import('./narrow-menu.tsx'));

/** What stands around every page behind the login. */
export function Shell() {
  const { t } = useTranslation();
  const { pathname } = useLocation();
  const [isOpen, { open, close }] = useDisclosure(false);
  const [wasOpened, setWasOpened] = useState(false);
  const main = useRef<HTMLElement>(null);
  const shownBefore = useRef(pathname);

  // Whoever reads by ear or by keyboard starts at the top of the new page.
  useEffect(() => {
    if (shownBefore.current === pathname) return;
    shownBefore.current = pathname;
    close();
    window.scrollTo(0, 0);
    main.current?.focus({ preventScroll: true });
  }, [pathname, close]);

  return (
    <div className={classes.shell}>
      <a className={classes.skip} href="#main">
        {t('shell.skip')}
      </a>
      <header className={classes.bar}>
        <div className={classes.burger}>
          <ActionIcon
            variant="subtle"
            color="gray"
            size="lg"
            aria-label={t('shell.menu')}
            aria-expanded={isOpen}
            onClick={() => {
              setWasOpened(true);
              open();
            }}
          >
            <Icon name="menu" />
          </ActionIcon>
        </div>
        <Link to="/" className={classes.brand} aria-label="Trunkline">
          <img src="/ui/favicon.svg" alt="" width={28} height={28} />
          <span className={classes.brandName}>Trunkline</span>
        </Link>
        <div className={classes.grow} />
        <EnterprisePicker />
        <PersonMenu />
      </header>
      <nav className={classes.side} aria-label={t('shell.menu')}>
        <Navigation />
      </nav>
      {wasOpened && (
        <Suspense>
          <NarrowMenu opened={isOpen} onClose={close} />
        </Suspense>
      )}
      <main className={classes.main} id="main" ref={main} tabIndex={-1}>
        <Suspense fallback={<LoadingState rows={6} height={32} />}>
          <Outlet />
        </Suspense>
      </main>
    </div>
  );
}
