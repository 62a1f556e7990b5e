import { VisuallyHidden } from '@mantine/core';
import { type KeyboardEvent, type ReactNode, useRef, useState } from 'react';

import classes from './editable.module.css';

type EditableProps = {
  /** What is changed, for screen readers: `Цена клиенту, bot-1`. */
  label: string;
  value: string;
  /** What stands there while nobody changes it. */
  children: ReactNode;
  kind?: 'text' | 'date' | 'money';
  /** Something to choose from instead of typing. */
  options?: { value: string; label: string }[];
  align?: 'end';
  isValid?: (value: string) => boolean;
  onSave: (value: string) => Promise<unknown>;
};

/** A value that is changed where it stands: Enter or leaving saves, Escape leaves it as it was. */
export function Editable(props: EditableProps) {
  const { label, value, children, kind = 'text', options, align, isValid, onSave } = props;
  const [draft, setDraft] = useState<string>();
  const [isSaving, setIsSaving] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const isDone = useRef(false);
  const isWrong = draft !== undefined && isValid !== undefined && !isValid(draft);

  const leave = (andFocus: boolean): void => {
    isDone.current = true;
    setDraft(undefined);
    if (andFocus) requestAnimationFrame(() => button.current?.focus());
  };
  const save = async (chosen: string, andFocus: boolean): Promise<void> => {
    if (isDone.current) return;
    if (isValid && !isValid(chosen)) return andFocus ? undefined : leave(false);
    leave(andFocus);
    if (chosen === value) return;
    setIsSaving(true);
    await onSave(chosen).catch(() => undefined); // whoever saves tells why it failed
    setIsSaving(false);
  };
  const press = (event: KeyboardEvent<HTMLElement>): void => {
    if (event.key === 'Escape') {
      event.stopPropagation();
      leave(true);
    }
    if (event.key === 'Enter' && draft !== undefined) void save(draft.trim(), true);
  };

  if (draft === undefined)
    return (
      <button
        ref={button}
        type="button"
        className={classes.shown}
        data-align={align}
        data-saving={isSaving || undefined}
        onClick={() => {
          isDone.current = false;
          setDraft(value);
        }}
      >
        <VisuallyHidden>{label}, </VisuallyHidden>
        {children}
      </button>
    );
  if (options)
    return (
      <select
        autoFocus
        className={classes.input}
        aria-label={label}
        value={draft}
        onChange={(event) => void save(event.currentTarget.value, true)}
        onBlur={() => leave(false)}
        onKeyDown={press}
      >
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.label}
          </option>
        ))}
      </select>
    );
  return (
    <input
      autoFocus
      className={classes.input}
      data-align={align}
      type={kind === 'date' ? 'date' : 'text'}
      inputMode={kind === 'money' ? 'decimal' : undefined}
      aria-label={label}
      aria-invalid={isWrong || undefined}
      value={draft}
      onFocus={(event) => kind !== 'date' && event.currentTarget.select()}
      onChange={(event) => setDraft(event.currentTarget.value)}
      onBlur={(event) => void save(event.currentTarget.value.trim(), false)}
      onKeyDown={press}
    />
  );
}
