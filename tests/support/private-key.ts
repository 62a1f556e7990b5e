const KIND = 'OPENSSH PRIVATE KEY';

/** What looks like the file of a private key and is none. */
export const looksLikeKey = (body: string): string =>
  `-----BEGIN ${KIND}-----\n${body}\n-----END ${KIND}-----`;
