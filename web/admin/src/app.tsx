import { MantineProvider } from '@mantine/core';
import { QueryClientProvider } from '@tanstack/react-query';
import { type ComponentType, lazy } from 'react';
import { useTranslation } from 'react-i18next';
import { BrowserRouter, Navigate, Route, Routes } from 'react-router';

import { createQueryClient } from './api/query-client.ts';
import { loadPageTexts } from './i18n/i18n.ts';
import { EnterpriseArea } from './session/enterprise-area.tsx';
import { OperatorArea } from './session/operator-area.tsx';
import { RequireSession } from './session/require-session.tsx';
import { useMe } from './session/session.ts';
import { Shell } from './shell/shell.tsx';
import { theme } from './theme.ts';
import { ConfirmProvider } from './ui/confirm.tsx';
import { CrashScreen } from './ui/crash-screen.tsx';
import { Page } from './ui/page.tsx';
import { EmptyState } from './ui/states.tsx';

// A page is loaded when it is opened, all but the first with their texts.
const laterPage = (load: () => Promise<{ default: ComponentType }>) =>
  lazy(async () => {
    const [page] = await Promise.all([load(), loadPageTexts()]);
    return page;
  });
const OverviewPage = lazy(() => import('./features/overview/overview-page.tsx'));
const AllOverviewPage = lazy(() => import('./features/overview/all-overview-page.tsx'));
const CallsPage = laterPage(() => import('./features/calls/calls-page.tsx'));
const CallPage = laterPage(() => import('./features/calls/call-page.tsx'));
const IntegrationsPage = laterPage(() => import('./features/integrations/integrations-page.tsx'));
const ChatsPage = laterPage(() => import('./features/chats/chats-page.tsx'));
const ChatPage = laterPage(() => import('./features/chats/chat-page.tsx'));
const HostingPage = laterPage(() => import('./features/hosting/hosting-page.tsx'));
const RedirectPage = laterPage(() => import('./features/redirect/redirect-page.tsx'));
const BoxPage = laterPage(() => import('./features/box/box-page.tsx'));
const UsersPage = laterPage(() => import('./features/users/users-page.tsx'));
const EnterprisesPage = laterPage(() => import('./features/enterprises/enterprises-page.tsx'));
const EnterprisePage = laterPage(() => import('./features/enterprises/enterprise-page.tsx'));
const ServicesPage = laterPage(() => import('./features/services/services-page.tsx'));
const AuditPage = laterPage(() => import('./features/audit/audit-page.tsx'));
const KeysPage = laterPage(() => import('./features/keys/keys-page.tsx'));
const DeliveriesPage = laterPage(() => import('./features/deliveries/deliveries-page.tsx'));
const RecordingsPage = laterPage(() => import('./features/recordings/recordings-page.tsx'));

const client = createQueryClient();

export function App() {
  return (
    // Mantine's variables are a file (build/theme-variables.ts), and its global classes are not used.
    <MantineProvider
      theme={theme}
      defaultColorScheme="auto"
      withCssVariables={false}
      withGlobalClasses={false}
    >
      <CrashScreen>
        <QueryClientProvider client={client}>
          <ConfirmProvider>
            <BrowserRouter basename="/ui">
              <RequireSession>
                <Pages />
              </RequireSession>
            </BrowserRouter>
          </ConfirmProvider>
        </QueryClientProvider>
      </CrashScreen>
    </MantineProvider>
  );
}

function Pages() {
  return (
    <Routes>
      <Route element={<Shell />}>
        <Route index element={<Start />} />
        <Route path="e/:number" element={<EnterpriseArea />}>
          <Route index element={<OverviewPage />} />
          <Route path="calls" element={<CallsPage />} />
          <Route path="calls/:id" element={<CallPage />} />
          <Route path="integrations" element={<IntegrationsPage />} />
          <Route path="recordings" element={<RecordingsPage />} />
          <Route path="deliveries" element={<DeliveriesPage />} />
          <Route path="redirect" element={<RedirectPage />} />
          <Route path="box" element={<BoxPage />} />
          <Route path="users" element={<UsersPage />} />
        </Route>
        <Route element={<OperatorArea />}>
          <Route path="enterprises" element={<EnterprisesPage />} />
          <Route path="enterprises/:number" element={<EnterprisePage />} />
          <Route path="services" element={<ServicesPage />} />
          <Route path="audit" element={<AuditPage />} />
          <Route path="keys" element={<KeysPage />} />
          <Route path="chats" element={<ChatsPage />} />
          <Route path="chats/:id" element={<ChatPage />} />
          <Route path="hosting" element={<HostingPage />} />
        </Route>
        <Route path="*" element={<NothingHere />} />
      </Route>
    </Routes>
  );
}

function Start() {
  const { role, enterprise } = useMe();
  if (role === 'superadmin') return <AllOverviewPage />;
  return <Navigate to={`/e/${enterprise?.number ?? ''}`} replace />;
}

function NothingHere() {
  const { t } = useTranslation();
  return (
    <Page title={t('errors.notFound')}>
      <EmptyState title={t('errors.noSuchPage')} text={t('errors.noSuchPageText')} />
    </Page>
  );
}
