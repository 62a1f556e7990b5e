import type { ParseKeys } from 'i18next';

import type { IconName } from '../ui/icons.tsx';

export type MenuItem = { key: ParseKeys; icon: IconName; to: string; end?: boolean };

/** The pages about one enterprise. */
export function enterpriseMenu(number: string): MenuItem[] {
  const root = `/e/${encodeURIComponent(number)}`;
  return [
    { key: 'menu.overview', icon: 'overview', to: root, end: true },
    { key: 'menu.calls', icon: 'calls', to: `${root}/calls` },
    { key: 'menu.integrations', icon: 'integrations', to: `${root}/integrations` },
    { key: 'menu.deliveries', icon: 'deliveries', to: `${root}/deliveries` },
    { key: 'menu.recordings', icon: 'recordings', to: `${root}/recordings` },
    { key: 'menu.redirect', icon: 'redirect', to: `${root}/redirect` },
    { key: 'menu.box', icon: 'box', to: `${root}/box` },
    { key: 'menu.users', icon: 'users', to: `${root}/users` },
  ];
}

/** The operator's own pages: for the superadmin only. */
export const OPERATOR_MENU: MenuItem[] = [
  { key: 'menu.everything', icon: 'overview', to: '/', end: true },
  { key: 'menu.chats', icon: 'chats', to: '/chats' },
  { key: 'menu.hosting', icon: 'hosting', to: '/hosting' },
  { key: 'menu.enterprises', icon: 'enterprises', to: '/enterprises' },
  { key: 'menu.services', icon: 'services', to: '/services' },
  { key: 'menu.audit', icon: 'audit', to: '/audit' },
  { key: 'menu.keys', icon: 'keys', to: '/keys' },
];
