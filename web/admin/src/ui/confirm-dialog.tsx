import { Button, Group, Modal, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import type { Question } from './confirm.tsx';

type DialogProps = { question: Question; opened: boolean; onAnswer: (yes: boolean) => void };

export default function ConfirmDialog({ question, opened, onAnswer }: DialogProps) {
  const { t } = useTranslation();
  const [typed, setTyped] = useState('');
  const isTyped = question.typed === undefined || typed === question.typed;
  return (
    <Modal
      opened={opened}
      onClose={() => onAnswer(false)}
      title={question.title}
      closeButtonProps={{ 'aria-label': t('common.close') }}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          onAnswer(true);
        }}
      >
        <Text size="sm">{question.text}</Text>
        {question.typed !== undefined && (
          <TextInput
            mt="md"
            label={t('common.typeToConfirm', { word: question.typed })}
            value={typed}
            onChange={(event) => setTyped(event.currentTarget.value)}
            autoComplete="off"
          />
        )}
        <Group justify="flex-end" mt="lg" gap="xs">
          <Button variant="default" onClick={() => onAnswer(false)} data-autofocus>
            {t('common.cancel')}
          </Button>
          <Button type="submit" disabled={!isTyped} {...(question.danger && { color: 'red.9' })}>
            {question.action}
          </Button>
        </Group>
      </form>
    </Modal>
  );
}
