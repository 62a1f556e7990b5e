import type { ReactNode } from 'react';

import classes from './plain-table.module.css';

export type PlainColumn<Row> = {
  key: string;
  title: string;
  align?: 'end';
  /** Holds buttons: it needs no name. */
  control?: boolean;
  render: (row: Row) => ReactNode;
};

type PlainTableProps<Row> = {
  /** What is listed, for screen readers. */
  label: string;
  rows: readonly Row[];
  rowKey: (row: Row) => string;
  columns: PlainColumn<Row>[];
};

/** A short list, all of it in the document. The roles are said aloud, because as cards the rows are no table to a browser. */
export function PlainTable<Row>({ label, rows, rowKey, columns }: PlainTableProps<Row>) {
  return (
    <div className={classes.wrap}>
      <div className={classes.table} role="table" aria-label={label}>
        <div className={classes.head} role="rowgroup">
          <div className={classes.row} role="row">
            {columns.map(({ key, title, align, control }) => (
              <div
                key={key}
                className={classes.title}
                role={control ? 'cell' : 'columnheader'}
                data-align={align}
              >
                {!control && title}
              </div>
            ))}
          </div>
        </div>
        <div className={classes.body} role="rowgroup">
          {rows.map((row) => (
            <div key={rowKey(row)} className={classes.row} role="row">
              {columns.map(({ key, title, align, control, render }) => (
                <div
                  key={key}
                  className={classes.cell}
                  role="cell"
                  data-align={align}
                  data-control={control}
                  data-title={control ? undefined : title}
                >
                  {render(row)}
                </div>
              ))}
            </div>
          ))}
        </div>
      </div>
    </div>
  );
}
