import { Button, Loader } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { useVirtualizer } from '@tanstack/react-virtual';
import { type CSSProperties, type KeyboardEvent, type ReactNode, useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useNavigate } from 'react-router';

import type { Paged } from './paged.ts';
import { ErrorState, LoadingState } from './states.tsx';

import classes from './data-table.module.css';

export type Column<Row> = {
  key: string;
  title: string;
  /** A track of the CSS grid: `8rem`, `minmax(6rem, 1fr)`. */
  width: string;
  align?: 'end';
  /** Holds a control of its own (a checkbox): it is not where the row leads. */
  control?: boolean;
  render: (row: Row) => ReactNode;
};

type DataTableProps<Row> = {
  /** What is listed, for screen readers. */
  label: string;
  rows: Paged<Row>;
  rowKey: (row: Row) => string;
  columns: Column<Row>[];
  /** The same row where there is no room for columns: two or three lines. */
  narrow: (row: Row) => ReactNode;
  narrowHeight?: number;
  /** Where a row leads. Its first cell becomes the link, the rest of the row may be pressed as well. */
  to?: (row: Row) => string;
  empty: ReactNode;
  /** Of the list; by default what the window leaves. */
  height?: string;
  /** Below it the columns are scrolled sideways. */
  minWidth?: string;
};

const ROW_HEIGHT = 44;
const NARROW_HEIGHT = 72;
const FOOT_HEIGHT = 48;
const OVERSCAN = 12;
/** So many rows before the end the next page is asked for. */
const AHEAD = 30;

/** A list of any length: only what is seen is in the document, and the next page comes before the end is reached. */
export function DataTable<Row>(props: DataTableProps<Row>) {
  const { label, rows, rowKey, columns, narrow, narrowHeight = NARROW_HEIGHT, to, empty } = props;
  const { height = 'max(20rem, calc(100dvh - 18rem))', minWidth = '0' } = props;
  const { t } = useTranslation();
  const navigate = useNavigate();
  const isNarrow = useMediaQuery('(max-width: 48em)', undefined, {
    getInitialValueInEffect: false,
  });
  const scroller = useRef<HTMLDivElement>(null);
  const { items, hasMore, isLoadingMore, moreError, loadMore } = rows;

  const rowHeight = isNarrow ? narrowHeight : ROW_HEIGHT;
  const virtualizer = useVirtualizer({
    count: items.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    getItemKey: (index) => {
      const row = items[index];
      return row === undefined ? index : rowKey(row);
    },
    overscan: OVERSCAN,
  });
  useEffect(() => virtualizer.measure(), [virtualizer, rowHeight]);

  const linkPlace = columns.findIndex(({ control }) => !control);
  const shown = virtualizer.getVirtualItems();
  const last = shown.at(-1)?.index ?? 0;
  useEffect(() => {
    if (last >= items.length - AHEAD && hasMore && !isLoadingMore && !moreError) loadMore();
  }, [last, items.length, hasMore, isLoadingMore, moreError, loadMore]);

  if (rows.isPending)
    return (
      <div className={classes.states} style={{ '--height': height } as CSSProperties}>
        <LoadingState rows={8} height={28} />
      </div>
    );
  if (rows.error && items.length === 0)
    return (
      <div className={classes.states}>
        <ErrorState error={rows.error} onRetry={rows.refetch} />
      </div>
    );
  if (items.length === 0) return <div className={classes.states}>{empty}</div>;

  const moveFocus = (event: KeyboardEvent<HTMLDivElement>): void => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const row = (event.target as HTMLElement).closest('[data-index]');
    if (step === undefined || !row || isTyping(event.target)) return;
    const index = Number(row.getAttribute('data-index')) + step;
    if (index < 0 || index >= items.length) return;
    event.preventDefault();
    virtualizer.scrollToIndex(index);
    requestAnimationFrame(() => {
      scroller.current?.querySelector<HTMLElement>(`[data-index="${index}"] a`)?.focus();
    });
  };

  const style = {
    '--columns': columns.map(({ width }) => width).join(' '),
    '--height': height,
    '--min-width': isNarrow ? '0' : minWidth,
  } as CSSProperties;
  const total = virtualizer.getTotalSize();

  return (
    <div
      className={classes.table}
      style={style}
      role="table"
      aria-label={label}
      aria-rowcount={hasMore ? -1 : items.length + 1}
    >
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions */}
      <div className={classes.body} ref={scroller} onKeyDown={moveFocus}>
        {!isNarrow && (
          <div className={classes.headGroup} role="rowgroup">
            <div className={classes.head} role="row" aria-rowindex={1}>
              {columns.map(({ key, title, align }) => (
                <div key={key} role="columnheader" className={cellClass(align)}>
                  {title}
                </div>
              ))}
            </div>
          </div>
        )}
        <div
          className={classes.space}
          style={{ height: total + (hasMore || moreError ? FOOT_HEIGHT : 0) }}
          role="rowgroup"
        >
          {shown.map(({ index, key, start }) => {
            const row = items[index];
            if (row === undefined) return null;
            const target = to?.(row);
            return (
              <div
                key={key}
                data-index={index}
                data-clickable={target === undefined ? undefined : true}
                role="row"
                aria-rowindex={index + 2}
                className={isNarrow ? `${classes.row} ${classes.narrow}` : classes.row}
                style={{ height: rowHeight, transform: `translateY(${start}px)` }}
                onClick={(event) => {
                  if (target === undefined || isControl(event.target)) return;
                  void navigate(target);
                }}
              >
                {isNarrow ? (
                  <div role="cell">{linked(narrow(row), target)}</div>
                ) : (
                  columns.map(({ key: name, align, render }, place) => (
                    <div key={name} role="cell" className={cellClass(align)}>
                      {place === linkPlace ? linked(render(row), target) : render(row)}
                    </div>
                  ))
                )}
              </div>
            );
          })}
          {(hasMore || moreError) && (
            <div
              className={classes.foot}
              style={{ transform: `translateY(${total}px)` }}
              role="row"
              aria-rowindex={items.length + 2}
            >
              <div role="cell">
                {moreError ? (
                  <Button variant="default" size="xs" onClick={loadMore}>
                    {t('common.moreFailed')}
                  </Button>
                ) : (
                  <Loader size="sm" role="img" aria-label={t('common.loading')} />
                )}
              </div>
            </div>
          )}
        </div>
      </div>
    </div>
  );
}

function linked(content: ReactNode, target: string | undefined): ReactNode {
  if (target === undefined) return content;
  return (
    <Link to={target} className={classes.link}>
      {content}
    </Link>
  );
}

const cellClass = (align: 'end' | undefined): string =>
  align === 'end' ? `${classes.cell} ${classes.end}` : (classes.cell ?? '');

/** What is pressed inside a row is not the row. */
function isControl(target: EventTarget): boolean {
  return target instanceof Element && target.closest('a, button, input, select, label') !== null;
}

const isTyping = (target: EventTarget): boolean =>
  target instanceof HTMLInputElement || target instanceof HTMLSelectElement;
