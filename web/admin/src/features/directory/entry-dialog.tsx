import { Alert, Button, Group, Modal, Stack, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { useErrorText } from '../../ui/error-text.ts';
import { changeDirectory } from './api.ts';
import {
  type Entry,
  FIELDS,
  type Kind,
  LABELS,
  NOTHING,
  withEntries,
  wrongFields,
} from './entries.ts';

type DialogProps = {
  number: string;
  kind: Kind;
  edited: Entry | 'new' | undefined;
  /** What is there already: a new one must not replace it unseen. */
  taken: Entry[];
  onClose: () => void;
};

export function EntryDialog({ edited, ...rest }: DialogProps) {
  const { t } = useTranslation();
  const title = edited === 'new' ? t(`directory.${rest.kind}.new`) : edited?.number;
  return (
    <Modal
      opened={edited !== undefined}
      onClose={rest.onClose}
      title={title}
      closeButtonProps={{ 'aria-label': t('common.close') }}
    >
      {edited && <EntryForm edited={edited} {...rest} />}
    </Modal>
  );
}

function EntryForm({
  number,
  kind,
  edited,
  taken,
  onClose,
}: DialogProps & { edited: Entry | 'new' }) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const client = useQueryClient();
  const isNew = edited === 'new';
  const [entry, setEntry] = useState<Entry>(isNew ? NOTHING : edited);
  const wrong = wrongFields(kind, entry);
  const isTaken = isNew && taken.some((other) => other.number === entry.number);
  const save = useMutation({
    mutationFn: () => changeDirectory(number, kind, (entries) => withEntries(entries, [entry])),
    onSuccess: onClose,
    onSettled: () => client.invalidateQueries({ queryKey: [kind, number] }),
  });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate();
      }}
    >
      <Stack gap="sm">
        {FIELDS[kind].map((field, place) => (
          <TextInput
            key={field}
            label={t(LABELS[kind][field])}
            value={entry[field]}
            onChange={(event) => {
              const value = event.currentTarget.value;
              setEntry((before) => ({ ...before, [field]: value }));
            }}
            disabled={field === 'number' && !isNew}
            inputMode={field === 'name' ? 'text' : field === 'mobile' ? 'tel' : 'numeric'}
            error={
              field === 'number' && isTaken
                ? t('directory.taken')
                : entry[field] !== '' && wrong.includes(field) && t(`directory.wrong.${field}`)
            }
            autoComplete="off"
            data-autofocus={place === (isNew ? 0 : 1) || undefined}
          />
        ))}
        {save.error && <Alert color="red">{errorText(save.error)}</Alert>}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            {t('common.cancel')}
          </Button>
          <Button type="submit" loading={save.isPending} disabled={wrong.length > 0 || isTaken}>
            {t('common.save')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
