import type { NotificationData } from '@mantine/notifications';

const FOR_MS = 5_000;
/** Bad news stays until it was read. */
const ERROR_FOR_MS = 12_000;

/** Loaded with the first toast: most pages never show one. */
async function show(toast: NotificationData): Promise<void> {
  const { showToast } = await import('./toast-host.tsx');
  showToast({ withBorder: true, ...toast });
}

export const toast = {
  success: (message: string): void => void show({ message, color: 'teal', autoClose: FOR_MS }),
  warning: (message: string): void =>
    void show({ message, color: 'yellow', autoClose: ERROR_FOR_MS }),
  error: (message: string): void =>
    void show({ message, color: 'red', autoClose: ERROR_FOR_MS, role: 'alert' }),
};
