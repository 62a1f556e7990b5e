import { Button, Group, Modal, Text, TextInput } from '@mantine/core';
import { createContext, type ReactNode, use, useCallback, useState } from 'react';
import { useTranslation } from 'react-i18next';

type Question = {
  title: string;
  text: string;
  /** What the button that does it says. */
  action: string;
  danger?: boolean;
  /** Has to be typed before it is done: for what cannot be taken back. */
  typed?: string;
};
type Asked = Question & { answer: (yes: boolean) => void };

const ConfirmContext = createContext<((question: Question) => Promise<boolean>) | undefined>(
  undefined,
);

/** `if (await confirm({…})) …`: destructive things ask. */
export function useConfirm(): (question: Question) => Promise<boolean> {
  const confirm = use(ConfirmContext);
  if (!confirm) throw new Error('useConfirm needs a ConfirmProvider');
  return confirm;
}

export function ConfirmProvider({ children }: { children: ReactNode }) {
  const { t } = useTranslation();
  const [asked, setAsked] = useState<Asked>();
  const [isOpen, setIsOpen] = useState(false);
  const [typed, setTyped] = useState('');

  const confirm = useCallback(
    (question: Question) =>
      new Promise<boolean>((answer) => {
        setTyped('');
        setAsked({ ...question, answer });
        setIsOpen(true);
      }),
    [],
  );
  const close = (yes: boolean): void => {
    asked?.answer(yes);
    setIsOpen(false);
  };

  return (
    <ConfirmContext value={confirm}>
      {children}
      <Modal
        opened={isOpen}
        onClose={() => close(false)}
        title={asked?.title}
        closeButtonProps={{ 'aria-label': t('common.close') }}
      >
        <form
          onSubmit={(event) => {
            event.preventDefault();
            close(true);
          }}
        >
          <Text size="sm">{asked?.text}</Text>
          {asked?.typed !== undefined && (
            <TextInput
              mt="md"
              label={t('common.typeToConfirm', { word: asked.typed })}
              value={typed}
              onChange={(event) => setTyped(event.currentTarget.value)}
              autoComplete="off"
            />
          )}
          <Group justify="flex-end" mt="lg" gap="xs">
            <Button variant="default" onClick={() => close(false)} data-autofocus>
              {t('common.cancel')}
            </Button>
            <Button
              type="submit"
              disabled={asked?.typed !== undefined && typed !== asked.typed}
              {...(asked?.danger && { color: 'red' })}
            >
              {asked?.action}
            </Button>
          </Group>
        </form>
      </Modal>
    </ConfirmContext>
  );
}
