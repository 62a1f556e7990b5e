import { type ReactNode, useEffect } from 'react';

import classes from './page.module.css';

type PageProps = {
  title: string;
  subtitle?: ReactNode;
  /** Buttons at the right of the title. */
  actions?: ReactNode;
  children: ReactNode;
};

/** The frame of every page: one h1, what can be done, and the content below. */
export function Page({ title, subtitle, actions, children }: PageProps) {
  useEffect(() => {
    document.title = `${title} · Trunkline`;
  }, [title]);
  return (
    <div className={classes.page}>
      <header className={classes.head}>
        <div className={classes.titles}>
          <h1 className={classes.title} tabIndex={-1}>
            {title}
          </h1>
          {subtitle && <p className={classes.subtitle}>{subtitle}</p>}
        </div>
        {actions && <div className={classes.actions}>{actions}</div>}
      </header>
      {children}
    </div>
  );
}

type PanelProps = { title?: ReactNode; actions?: ReactNode; padded?: boolean; children: ReactNode };

/** A surface on the page. */
export function Panel({ title, actions, padded = true, children }: PanelProps) {
  return (
    <section className={padded ? `${classes.panel} ${classes.panelPadded}` : classes.panel}>
      {title && (
        <div className={classes.panelHead}>
          <h2 className={classes.panelTitle}>{title}</h2>
          {actions}
        </div>
      )}
      {children}
    </section>
  );
}
