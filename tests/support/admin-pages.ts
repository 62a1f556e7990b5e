/** The pages of the admin, as they are walked by the accessibility test and photographed: a new page belongs here. */
export const ADMIN_PAGES: Record<'june' | 'admin', string[]> = {
  june: [
    '/e/0367',
    '/e/0367/calls',
    '/e/0367/integrations',
    '/e/0367/deliveries',
    '/e/0367/recordings',
    '/e/0367/recordings?tab=gaps',
    '/nowhere',
  ],
  admin: [
    '/',
    '/e/0368',
    '/e/0368/calls',
    '/e/0368/integrations',
    '/e/0368/deliveries',
    '/e/0367/recordings?tab=usage',
    '/hosting',
    '/hosting?tab=payments',
    '/hosting?tab=projects',
    '/hosting?tab=stats',
    '/chats',
    '/chats?tab=active',
    '/chats?tab=history',
    '/chats?tab=managers',
    '/chats?tab=stats',
  ],
};
