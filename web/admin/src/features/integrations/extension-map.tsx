import { Button, Group, Select, Text, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';

import type { IntegrationType } from '../../../../../shared/crm/crm.schema.ts';
import { useErrorText } from '../../ui/error-text.ts';
import { LoadingState } from '../../ui/states.tsx';
import { crmUsersQuery, mappingQuery } from './api.ts';

import classes from './integrations.module.css';

export type Mapped = { extension: string; crm_user_id: string; crm_user_name: string | null };

type MapProps = {
  number: string;
  type: IntegrationType;
  /** Undefined until somebody changed something. */
  value: Mapped[] | undefined;
  onChange: (value: Mapped[]) => void;
};

/** Which employee is which user of the CRM. */
export function ExtensionMap({ number, type, value, onChange }: MapProps) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const stored = useQuery(mappingQuery(number, type));
  const users = useQuery(crmUsersQuery(number, type));
  if (type === 'webhook') return null;
  if (stored.isPending) return <LoadingState rows={2} />;
  if (!stored.data) return null;

  const mapped = value ?? stored.data.mapped;
  const people = users.data?.items ?? [];
  const isListed = users.data?.supported === true;
  const extensions = [
    ...stored.data.extensions.map(({ extension, name }) => ({ extension, name })),
    ...mapped
      .filter(
        ({ extension }) => !stored.data.extensions.some((known) => known.extension === extension),
      )
      .map(({ extension }) => ({ extension, name: null })),
  ];
  const set = (extension: string, id: string | null): void => {
    const name = people.find((person) => person.id === id)?.name ?? null;
    const rest = mapped.filter((each) => each.extension !== extension);
    onChange(id ? [...rest, { extension, crm_user_id: id, crm_user_name: name }] : rest);
  };
  const fill = (): void => {
    const found = extensions.flatMap(({ extension }) => {
      const person = people.find((each) => each.extension === extension);
      return person ? [{ extension, crm_user_id: person.id, crm_user_name: person.name }] : [];
    });
    const isFound = (extension: string): boolean =>
      found.some((each) => each.extension === extension);
    onChange([...mapped.filter(({ extension }) => !isFound(extension)), ...found]);
  };

  return (
    <fieldset>
      <legend>{t('integrations.map')}</legend>
      <Group justify="space-between" mb="xs">
        <Text size="xs" c="dimmed">
          {users.error ? errorText(users.error) : t('integrations.mapText')}
        </Text>
        {isListed && (
          <Button variant="default" size="compact-sm" onClick={fill}>
            {t('integrations.fill')}
          </Button>
        )}
      </Group>
      <div className={classes.map}>
        {extensions.map(({ extension, name }) => {
          const current = mapped.find((each) => each.extension === extension);
          const label = t('integrations.mapOf', { extension });
          return (
            <div key={extension} className={classes.mapRow}>
              <span>
                {extension} {name}
              </span>
              {isListed ? (
                <Select
                  aria-label={label}
                  placeholder={t('integrations.nobody')}
                  data={optionsOf(people, current)}
                  value={current?.crm_user_id ?? null}
                  onChange={(id) => set(extension, id)}
                  searchable
                  clearable
                  clearButtonProps={{ 'aria-label': t('common.delete') }}
                />
              ) : (
                <TextInput
                  aria-label={label}
                  placeholder={t('integrations.userId')}
                  value={current?.crm_user_id ?? ''}
                  onChange={(event) => set(extension, event.currentTarget.value.trim() || null)}
                />
              )}
            </div>
          );
        })}
      </div>
    </fieldset>
  );
}

/** Whoever has left the CRM is still shown where they are chosen. */
function optionsOf(people: { id: string; name: string }[], current: Mapped | undefined) {
  const options = people.map(({ id, name }) => ({ value: id, label: name }));
  if (!current || people.some(({ id }) => id === current.crm_user_id)) return options;
  return [
    ...options,
    { value: current.crm_user_id, label: current.crm_user_name ?? current.crm_user_id },
  ];
}
