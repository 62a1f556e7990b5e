import { Checkbox, NumberInput, PasswordInput, Stack, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import type { FormField } from './api.ts';
import { labelOf } from './field-labels.ts';
import { isMask, type Values } from './settings-values.ts';

type FieldProps = {
  field: FormField;
  value: Values[string];
  onChange: (value: Values[string]) => void;
  error: string | undefined;
};

/** One field of a form that is made of the integration's schema. */
export function SettingsField({ field, value, onChange, error }: FieldProps) {
  const { t, i18n } = useTranslation();
  const [isShown, setIsShown] = useState(false);
  const label = labelOf(field, i18n.language);
  const common = { label, error, required: field.required, 'data-field': field.name };

  if (field.kind === 'choices')
    return (
      <Checkbox.Group {...common} value={Array.isArray(value) ? value : []} onChange={onChange}>
        <Stack gap={6} mt={6}>
          {field.options?.map((option) => (
            <Checkbox key={option} value={option} label={option} />
          ))}
        </Stack>
      </Checkbox.Group>
    );
  if (field.kind === 'number')
    return (
      <NumberInput
        {...common}
        value={typeof value === 'number' ? value : ''}
        onChange={(next) => onChange(typeof next === 'number' ? next : '')}
        allowDecimal={false}
        allowNegative={false}
        {...(field.minimum !== undefined && { min: field.minimum })}
        {...(field.maximum !== undefined && { max: field.maximum })}
        clampBehavior="none"
      />
    );
  if (field.kind === 'secret')
    return (
      <PasswordInput
        {...common}
        value={String(value)}
        autoComplete="off"
        // The mask is no secret, and shows which one is stored. Whoever types replaces all of it.
        visible={isShown || isMask(value)}
        onVisibilityChange={setIsShown}
        onFocus={(event) => isMask(value) && event.currentTarget.select()}
        onChange={(event) => onChange(event.currentTarget.value)}
        visibilityToggleButtonProps={{ 'aria-label': t('integrations.showSecret') }}
      />
    );
  return (
    <TextInput
      {...common}
      type={field.kind === 'url' ? 'url' : 'text'}
      value={String(value)}
      autoComplete="off"
      spellCheck={false}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}
