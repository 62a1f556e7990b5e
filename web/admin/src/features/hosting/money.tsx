import { useTranslation } from 'react-i18next';

import { useFormat } from '../../format/use-format.ts';
import { CURRENCY } from './api.ts';

import classes from './hosting.module.css';

type MoneyProps = {
  value: number | null;
  /** A loss stands out. */
  signed?: boolean;
  /** Without kopecks, where only the size matters. */
  whole?: boolean;
};

/** Roubles. What is unknown says so: it is never a zero. */
export function Money({ value, signed = false, whole = false }: MoneyProps) {
  const { t } = useTranslation();
  const format = useFormat();
  if (value === null) return <span className={classes.unknown}>{t('hosting.unknown')}</span>;
  return (
    <span className={signed && value < 0 ? classes.bad : undefined}>
      {format.money(whole ? Math.round(value) : value, CURRENCY)}
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
