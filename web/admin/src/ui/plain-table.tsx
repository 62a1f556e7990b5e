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
      <table className={classes.table} role="table" aria-label={label}>
        <thead role="rowgroup">
          <tr role="row">
            {columns.map(({ key, title, align, control }) => (
              <th key={key} role={control ? 'cell' : 'columnheader'} data-align={align}>
                {!control && title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody role="rowgroup">
          {rows.map((row) => (
            <tr key={rowKey(row)} role="row">
              {columns.map(({ key, title, align, control, render }) => (
                <td
                  key={key}
                  role="cell"
                  data-align={align}
                  data-control={control}
                  data-title={control ? undefined : title}
                >
                  {render(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
