import { createContext, lazy, type ReactNode, Suspense, use, useCallback, useState } from 'react';

const ConfirmDialog = lazy(() => import('./confirm-dialog.tsx'));

export type Question = {
  title: string;
  text: string;
  /** What the button that does it says. */
  action: string;
  danger?: boolean;
  /** Has to be typed before it is done: for what cannot be taken back. */
  typed?: string;
};
type Asked = Question & { id: number; answer: (yes: boolean) => void };

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
  const [asked, setAsked] = useState<Asked>();
  const [isOpen, setIsOpen] = useState(false);

  const confirm = useCallback(
    (question: Question) =>
      new Promise<boolean>((answer) => {
        setAsked((before) => ({ ...question, id: (before?.id ?? 0) + 1, answer }));
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
      {asked && (
        <Suspense>
          <ConfirmDialog key={asked.id} question={asked} opened={isOpen} onAnswer={close} />
        </Suspense>
      )}
    </ConfirmContext>
  );
}
