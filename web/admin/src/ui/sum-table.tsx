import type { ReactNode } from 'react';

import classes from './sum-table.module.css';

type SumTableProps = {
  /** What is counted, for screen readers. */
  label: string;
  titles: string[];
  /** The rows. */
  children: ReactNode;
};

/** A few rows of figures: names at the left, figures at the right. */
export function SumTable({ label, titles, children }: SumTableProps) {
  return (
    // It may scroll sideways, so the keyboard must reach it.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div className={classes.scroll} tabIndex={0} role="region" aria-label={label}>
      <table className={classes.table}>
        <thead>
          <tr>
            {titles.map((title) => (
              <th key={title} scope="col">
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}
