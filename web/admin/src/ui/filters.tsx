import { Button, Select, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { type ReactNode, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useSearchParams } from 'react-router';

import classes from './filters.module.css';

/** Filters live in the address: a list as it is seen can be sent to somebody, and "back" takes one filter back. */
export function useFilters<Name extends string>(names: readonly Name[]) {
  const [params, setParams] = useSearchParams();
  const values = Object.fromEntries(
    names.map((name) => [name, params.get(name) ?? undefined]),
  ) as Record<Name, string | undefined>;
  return {
    values,
    isFiltered: names.some((name) => values[name] !== undefined),
    set: (name: Name, value: string | null | undefined): void => {
      setParams((before) => {
        const next = new URLSearchParams(before);
        if (value) next.set(name, value);
        else next.delete(name);
        return next;
      });
    },
    reset: (): void => {
      setParams((before) => {
        const next = new URLSearchParams(before);
        for (const name of names) next.delete(name);
        return next;
      });
    },
  };
}

export function FilterBar({
  children,
  onReset,
}: {
  children: ReactNode;
  onReset: (() => void) | undefined;
}) {
  const { t } = useTranslation();
  return (
    <search className={classes.filters}>
      {children}
      {onReset && (
        <Button variant="subtle" color="gray" onClick={onReset}>
          {t('common.resetFilters')}
        </Button>
      )}
    </search>
  );
}

type TextFilterProps = {
  label: string;
  value: string | undefined;
  onChange: (value: string) => void;
  inputMode?: 'tel' | 'numeric' | 'text';
  error?: string | undefined;
};

const TYPED_MS = 350;

/** Takes effect when nobody types any more. */
export function TextFilter({
  label,
  value = '',
  onChange,
  inputMode = 'text',
  error,
}: TextFilterProps) {
  const [text, setText] = useState(value);
  const say = useDebouncedCallback(onChange, TYPED_MS);
  useEffect(() => setText(value), [value]);
  return (
    <TextInput
      className={classes.field ?? ''}
      label={label}
      value={text}
      inputMode={inputMode}
      autoComplete="off"
      error={error}
      onChange={(event) => {
        setText(event.currentTarget.value);
        say(event.currentTarget.value.trim());
      }}
    />
  );
}

export function DateFilter({ label, value = '', onChange }: Omit<TextFilterProps, 'inputMode'>) {
  return (
    <TextInput
      className={classes.field ?? ''}
      type="date"
      label={label}
      value={value}
      min="2000-01-01"
      max="2099-12-31"
      onChange={(event) => {
        const { value: chosen, validity } = event.currentTarget;
        if (validity.valid) onChange(chosen);
      }}
    />
  );
}

type ChoiceFilterProps = {
  label: string;
  value: string | undefined;
  onChange: (value: string | null) => void;
  options: { value: string; label: string }[];
};

export function ChoiceFilter({ label, value, onChange, options }: ChoiceFilterProps) {
  const { t } = useTranslation();
  return (
    <Select
      className={classes.field ?? ''}
      label={label}
      placeholder={t('common.all')}
      data={options}
      value={value ?? null}
      onChange={onChange}
      clearable
      clearButtonProps={{ 'aria-label': t('common.resetFilters') }}
      maxDropdownHeight={320}
      comboboxProps={{ shadow: 'md' }}
    />
  );
}
