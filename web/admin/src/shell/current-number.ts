import { matchPath, useLocation } from 'react-router';

import { useMe } from '../session/session.ts';

/** The enterprise whose pages the menu shows: of the address, or the own one. */
export function useCurrentNumber(): string | undefined {
  const { pathname } = useLocation();
  const { enterprise } = useMe();
  const shown = matchPath('/e/:number/*', pathname) ?? matchPath('/enterprises/:number', pathname);
  return shown?.params.number ?? enterprise?.number;
}
