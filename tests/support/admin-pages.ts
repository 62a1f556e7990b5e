/** The pages of the admin, as they are walked by the accessibility test and photographed: a new page belongs here. */
export const ADMIN_PAGES: Record<'june' | 'admin', string[]> = {
  june: [
    '/e/0367',
    '/e/0367/calls',
    '/e/0367/integrations',
    '/e/0367/deliveries',
    '/e/0367/redirect',
    '/e/0367/box',
    '/e/0367/users',
    '/nowhere',
  ],
  admin: [
    '/',
    '/e/0368',
    '/e/0368/calls',
    '/e/0368/integrations',
    '/e/0368/deliveries',
    '/enterprises',
    '/enterprises/0367',
    '/services',
    '/audit',
    '/keys',
    '/e/0367/redirect',
  ],
};
