import { notifications } from '@mantine/notifications';

const FOR_MS = 5_000;
/** Bad news stays until it was read. */
const ERROR_FOR_MS = 12_000;

export const toast = {
  success(message: string): void {
    notifications.show({ message, color: 'teal', autoClose: FOR_MS, withBorder: true });
  },
  warning(message: string): void {
    notifications.show({ message, color: 'yellow', autoClose: ERROR_FOR_MS, withBorder: true });
  },
  error(message: string): void {
    notifications.show({
      message,
      color: 'red',
      autoClose: ERROR_FOR_MS,
      withBorder: true,
      role: 'alert',
    });
  },
};
