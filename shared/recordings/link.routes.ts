import type { Pool } from '../db.ts';
import type { Route } from '../lambda/http.ts';
import { route } from '../lambda/route.ts';
import { createLinks } from './link.ts';
import { openLink } from './recordings.schema.ts';
import type { Signer } from './sign.ts';

/** The page of a link that opens nothing: people meet it in a browser. */
function page(text: string): string {
  return `<!doctype html><html lang="ru"><meta charset="utf-8"><title>${text}</title><p>${text}</p></html>\n`;
}

export function recordingLinkRoutes(dependencies: {
  db: Pool;
  signer: Pick<Signer, 'get'>;
}): Route[] {
  const open = createLinks(dependencies);
  return [
    route(openLink, async ({ params }) => {
      const opened = await open(params.file);
      // What is true now need not be so in a minute, and a signed link is nobody else's.
      const headers = { 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' };
      if (opened.status === 302) {
        return { status: 302, text: '', headers: { ...headers, location: opened.location } };
      }
      const html = { ...headers, 'content-type': 'text/html; charset=utf-8' };
      return { status: opened.status, text: page(opened.text), headers: html };
    }),
  ];
}
