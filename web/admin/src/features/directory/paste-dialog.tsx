import { Alert, Button, Checkbox, Group, Modal, Stack, Text, Textarea } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { useErrorText } from '../../ui/error-text.ts';
import { toast } from '../../ui/toasts.ts';
import { changeDirectory } from './api.ts';
import { type Entry, type Kind, readPasted, withEntries } from './entries.ts';

type DialogProps = {
  number: string;
  kind: Kind;
  opened: boolean;
  stored: Entry[];
  onClose: () => void;
};

export function PasteDialog({ opened, ...rest }: DialogProps) {
  const { t } = useTranslation();
  return (
    <Modal
      opened={opened}
      onClose={rest.onClose}
      size="lg"
      title={t('directory.paste')}
      closeButtonProps={{ 'aria-label': t('common.close') }}
    >
      {opened && <PasteForm {...rest} />}
    </Modal>
  );
}

/** Many at once, as they stand in a table: says what would become of it before anything is done. */
function PasteForm({ number, kind, stored, onClose }: Omit<DialogProps, 'opened'>) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const client = useQueryClient();
  const [text, setText] = useState('');
  const [isWhole, setIsWhole] = useState(false);
  const { entries, wrong } = readPasted(kind, text);
  const known = new Set(stored.map((entry) => entry.number));
  const added = entries.filter((entry) => !known.has(entry.number)).length;
  const kept = new Set(entries.map((entry) => entry.number));
  const removed = isWhole ? stored.filter((entry) => !kept.has(entry.number)).length : 0;
  const [firstWrong] = wrong;

  const save = useMutation({
    mutationFn: () =>
      changeDirectory(number, kind, (before) => withEntries(isWhole ? [] : before, entries)),
    onSuccess: () => {
      toast.success(t('directory.pasted', { count: entries.length }));
      onClose();
    },
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
        <Textarea
          label={t('directory.pasteLabel')}
          description={t(`directory.${kind}.pasteText`)}
          placeholder={t(`directory.${kind}.example`)}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          rows={10}
          spellCheck={false}
          data-autofocus
        />
        <Checkbox
          label={t('directory.whole')}
          checked={isWhole}
          onChange={(event) => setIsWhole(event.currentTarget.checked)}
        />
        <div aria-live="polite">
          {firstWrong && (
            <Alert color="red">
              {t('directory.wrongLines', { count: wrong.length, ...firstWrong })}
            </Alert>
          )}
          {entries.length > 0 && !firstWrong && (
            <Text size="sm">
              {t('directory.outcome', { added, changed: entries.length - added, removed })}
            </Text>
          )}
        </div>
        {save.error && <Alert color="red">{errorText(save.error)}</Alert>}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            {t('common.cancel')}
          </Button>
          <Button
            type="submit"
            {...(removed > 0 && { color: 'red.9' })}
            loading={save.isPending}
            disabled={entries.length === 0 || wrong.length > 0}
          >
            {t('directory.apply')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
