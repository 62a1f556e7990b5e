import type { ReactNode } from 'react';
import { Link } from 'react-router';

import classes from './figures.module.css';

/** A row of figures that says how things stand. */
export function Figures({ children }: { children: ReactNode }) {
  return <div className={classes.figures}>{children}</div>;
}

type FigureProps = {
  name: string;
  value: ReactNode;
  note?: ReactNode;
  to?: string | undefined;
  isBad?: boolean;
};

export function Figure({ name, value, note, to, isBad = false }: FigureProps) {
  const content = (
    <>
      <span className={classes.name}>{name}</span>
      <span className={classes.value} data-bad={isBad || undefined}>
        {value}
      </span>
      {note !== undefined && <span className={classes.note}>{note}</span>}
    </>
  );
  if (to === undefined) return <div className={classes.figure}>{content}</div>;
  return (
    <Link className={classes.figure} to={to}>
      {content}
    </Link>
  );
}
