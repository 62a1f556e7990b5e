import type { NotificationData } from '@mantine/notifications';
import i18next from 'i18next';

const FOR_MS = 5_000;
/** Bad news stays until it was read. */
const ERROR_FOR_MS = 12_000;

/** Loaded with the first toast: most pages never show one. */
async function show(toast: NotificationData): Promise<void> {
  const { showToast } = await import('./toast-host.tsx');
  const closeButtonProps = { 'aria-label': i18next.t('common.close') };
  showToast({ withBorder: true, closeButtonProps, ...toast });
}

export const toast = {
  success: (message: string): void => void show({ message, color: 'teal', autoClose: FOR_MS }),
  warning: (message: string): void =>
    void show({ message, color: 'yellow', autoClose: ERROR_FOR_MS }),
  error: (message: string): void =>
    void show({ message, color: 'red', autoClose: ERROR_FOR_MS, role: 'alert' }),
};
