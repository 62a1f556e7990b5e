import { ActionIcon, Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { Icon } from './icons.tsx';
import { toast } from './toasts.ts';

export type Shown = { label: string; value: string };

type SecretsProps = {
  title: string;
  /** What it is for, and what becomes of the one before. */
  text: string;
  secrets: Shown[] | undefined;
  onClose: () => void;
};

/** What opens something, shown this once. It goes by the button only, so that no stray click loses it. */
export function SecretsOnce({ title, text, secrets, onClose }: SecretsProps) {
  const { t } = useTranslation();
  return (
    <Modal
      opened={secrets !== undefined}
      onClose={onClose}
      title={title}
      closeOnClickOutside={false}
      closeOnEscape={false}
      withCloseButton={false}
    >
      <Stack gap="sm">
        <Text size="sm">{text}</Text>
        {secrets?.map((secret) => (
          <Secret key={secret.label} {...secret} />
        ))}
        <Text size="sm" fw={600}>
          {t('secrets.once')}
        </Text>
        <Group justify="flex-end">
          <Button onClick={onClose}>{t('secrets.stored')}</Button>
        </Group>
      </Stack>
    </Modal>
  );
}

function Secret({ label, value }: Shown) {
  const { t } = useTranslation();
  const [isCopied, setIsCopied] = useState(false);
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(value);
      setIsCopied(true);
    } catch {
      toast.warning(t('secrets.copyByHand'));
    }
  };
  return (
    <TextInput
      label={label}
      value={value}
      readOnly
      onFocus={(event) => event.currentTarget.select()}
      rightSection={
        <ActionIcon
          variant="subtle"
          color={isCopied ? 'teal' : 'gray'}
          aria-label={t(isCopied ? 'secrets.copied' : 'secrets.copy', { what: label })}
          onClick={() => void copy()}
        >
          <Icon name={isCopied ? 'check' : 'copy'} />
        </ActionIcon>
      }
    />
  );
}
