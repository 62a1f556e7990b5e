import { useTranslation } from 'react-i18next';

import { useFormat } from '../../format/use-format.ts';
import { CURRENCY } from './api.ts';

import classes from './hosting.module.css';

/** Roubles. What is unknown says so: it is never a zero. */
export function Money({ value, signed = false }: { value: number | null; signed?: boolean }) {
  const { t } = useTranslation();
  const format = useFormat();
  if (value === null) return <span className={classes.unknown}>{t('hosting.unknown')}</span>;
  return (
    <span className={signed && value < 0 ? classes.bad : undefined}>
      {format.money(value, CURRENCY)}
    </span>
  );
}

/** `1 200,50` as it is typed; an empty one is unknown, what is no price is undefined. */
export function readMoney(text: string): number | null | undefined {
  const plain = text.replaceAll(/[\s₽]/g, '').replace(',', '.');
  if (plain === '') return null;
  return /^\d{1,9}(\.\d{1,2})?$/.test(plain) ? Number(plain) : undefined;
}

export const writeMoney = (value: number | null): string =>
  value === null ? '' : String(value).replace('.', ',');
