/** A permanent link on the origin of this page, whatever origin it was made for: the content security policy allows no other. */
export const playableLink = (link: string): string =>
  new URL(link, window.location.origin).pathname;
