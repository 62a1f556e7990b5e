import '@mantine/core/styles/Notification.css';
import '@mantine/notifications/styles.css';
import { MantineProvider } from '@mantine/core';
import { type NotificationData, Notifications, notifications } from '@mantine/notifications';
import { createRoot } from 'react-dom/client';

import { theme } from '../theme.ts';

/** Lives beside the app, so that it can come later than the app. */
const host = document.body.appendChild(document.createElement('div'));
createRoot(host).render(
  <MantineProvider
    theme={theme}
    defaultColorScheme="auto"
    withCssVariables={false}
    withGlobalClasses={false}
  >
    <Notifications position="bottom-right" limit={4} />
  </MantineProvider>,
);

export function showToast(toast: NotificationData): void {
  notifications.show(toast);
}
